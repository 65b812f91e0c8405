import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverFolder, serversFolder } from "./places.ts";
import { type ProcessIdentity, isRunning } from "./process-identity.ts";

/** What stays known of a server while it is stopped, beside its data. Only its owner can read the file. */
export interface Kept {
  readonly recipe: string;
  readonly dataVersion: string;
  readonly ports: readonly number[];
  readonly user: string;
  readonly password: string;
  /** False until the server has answered for the first time: till then its data may be half made. */
  readonly isComplete: boolean;
}

/** What is known of a server that runs. */
export interface RunningInfo {
  readonly name: string;
  readonly recipe: string;
  readonly title: string;
  readonly version: string;
  readonly ports: readonly number[];
  readonly user: string;
  readonly password: string;
  readonly url: string;
  /** Path of the certificate of the authority that signed the server's own, where it speaks TLS. */
  readonly ca?: string;
  /** When it was started, in ms since 1970. */
  readonly since: number;
  /** True once it answers its clients. */
  readonly isReady: boolean;
}

/** A running server, with its processes. */
export interface Run {
  readonly info: RunningInfo;
  readonly socket: string;
  readonly supervisor: ProcessIdentity;
  readonly processes: readonly (ProcessIdentity & { readonly name: string })[];
}

/** Reads what is kept of a server. */
export function readKept(folder: string): Kept | undefined {
  return readJson(join(folder, "server.json")) as Kept | undefined;
}

/** Writes what is to be kept of a server. */
export function writeKept(folder: string, kept: Kept): void {
  writeSecret(join(folder, "server.json"), JSON.stringify(kept, undefined, 2));
}

/** Path of the file that is there while a server runs, or was when its supervisor was killed. */
export function runFile(folder: string): string {
  return join(folder, "run.json");
}

/** Reads what is known of a server that runs, or has left traces. */
export function readRun(folder: string): Run | undefined {
  return readJson(runFile(folder)) as Run | undefined;
}

/** Lists the servers that run, by name; also those that do not answer yet. */
export function listRuns(): readonly Run[] {
  return serverNames().flatMap((name) => {
    const run = readRun(serverFolder(name));
    return run && isRunning(run.supervisor) ? [run] : [];
  });
}

/** Lists the servers that have data. */
export function serverNames(): readonly string[] {
  try {
    return readdirSync(serversFolder(), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

/** Writes a file that only its owner can read, whole or not at all. */
export function writeSecret(path: string, text: string): void {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, path);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
