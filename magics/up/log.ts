import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serverFolder } from "./places.ts";
import { serverNames } from "./state.ts";
import { unknownServer } from "./stop.ts";

/** Reads the last lines of what a server has written since its last start; also of one that has ended. */
export async function readLog(name: string, lines: number): Promise<string> {
  if (!serverNames().includes(name)) throw unknownServer(name);
  const text = await readFile(join(serverFolder(name), "log"), "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}
