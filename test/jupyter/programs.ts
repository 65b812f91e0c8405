import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { venvEnv, venvProgram } from "./server.ts";

/** A code cell to write: its source, or its source with tags. */
export type CellSource = string | { readonly source: string; readonly tags: readonly string[] };

/** Writes a notebook of code cells and returns its path. */
export function writeNotebook(folder: string, name: string, sources: readonly CellSource[]): string {
  const cells = sources.map((cell, id) => ({
    id: `cell-${id}`,
    cell_type: "code",
    execution_count: null,
    metadata: typeof cell === "string" ? {} : { tags: cell.tags },
    outputs: [],
    source: typeof cell === "string" ? cell : cell.source,
  }));
  const kernelspec = { name: "typhoon", display_name: "TypeScript (Typhoon)", language: "typescript" };
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
  return path;
}

/** What a program printed and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of `.venv` in a folder, with nothing of the person's own settings. */
export async function runProgram(
  folder: string,
  [name = "", ...args]: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Ran> {
  const child = spawn(venvProgram(name), args, { cwd: folder, env: { ...venvEnv(folder), ...options.env } });
  const code = new Promise<number | null>((resolve, reject) => child.once("exit", resolve).once("error", reject));
  child.stdin.end(options.input ?? "");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}
