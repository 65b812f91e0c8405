import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Seen } from "./harness.ts";

/** Where type errors stop a cell, its reply says for certain whether there are any. */
export const block = { TYPHOON_TYPECHECK: "block" };

/** The numbers of the type errors that stopped a cell; none where it ran. */
export function codes({ error, traceback }: Seen): number[] {
  if (error === undefined) return [];
  if (!error.startsWith("TypeCheckError")) throw new Error(`${error}\n${traceback}`);
  return [...traceback.matchAll(/^In\[\d+\]:\d+:\d+ TS(\d+) /gm)].map(([, code]) => Number(code));
}

/** Writes a file of a folder. */
export function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
