import { listRuns, readRun } from "./state.ts";
import type { Run } from "./state.ts";
import { loopback } from "./ports.ts";
import { serverFolder } from "./places.ts";
import { isRunning } from "./process-identity.ts";

/** A server that runs on this machine. */
export interface RunningServer {
  /** By which it was asked for; also the name of its connection. */
  readonly name: string;
  /** Its recipe: `postgres`. */
  readonly recipe: string;
  readonly title: string;
  readonly version: string;
  readonly host: string;
  /** The port for its clients. */
  readonly port: number;
  readonly ports: readonly number[];
  readonly user: string;
  /** Path of the authority's certificate, where it speaks TLS. */
  readonly ca: string | undefined;
  /** Ids of its main processes. */
  readonly pids: readonly number[];
  readonly since: Date;
  /** A function, so that no inspection of the object shows it. */
  password(): string;
  /** The whole URL, with the password. */
  url(): string;
}

/** Lists the servers that run and answer, whoever asked for them. Fast: it reads a small file for each. */
export function runningServers(): readonly RunningServer[] {
  return listRuns()
    .filter(({ info }) => info.isReady)
    .map(toRunning);
}

/** Finds a running server by its name. */
export function findRunning(name: string): RunningServer | undefined {
  const run = readRun(serverFolder(name));
  return run?.info.isReady && isRunning(run.supervisor) ? toRunning(run) : undefined;
}

/** Describes a run for those who use the server. */
export function toRunning({ info, processes }: Run): RunningServer {
  const { name, recipe, title, version, ports, user, ca, since } = info;
  return {
    name,
    recipe,
    title,
    version,
    host: loopback,
    port: ports[0]!,
    ports,
    user,
    ca,
    pids: processes.map(({ pid }) => pid),
    since: new Date(since),
    password: () => info.password,
    url: () => info.url,
  };
}
