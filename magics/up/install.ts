import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { withLock } from "./lock.ts";
import { makeFolder } from "./places.ts";
import type { Host } from "./recipe.ts";
import { openToAll } from "./unprivileged.ts";

/**
 * Returns the folder of a package, made by `fill` where it is not there yet. It is there whole or not at all, and of two
 * processes that want it one makes it.
 */
export async function installFolder(
  id: string,
  label: string,
  host: Host,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(host.packages, id);
  if (existsSync(folder)) return folder;
  const inform = (): void => host.say(`${label}: waiting for another process that installs it`);
  await withLock(
    join(host.packages, `${id}.lock`),
    host.signal,
    async () => {
      if (existsSync(folder)) return;
      await removePartial(host.packages, id);
      const partial = join(host.packages, `${id}.partial-${process.pid}`);
      try {
        await makeFolder(partial);
        await host.step(label, partial, () => fill(partial));
        await openToAll(partial);
        await rename(partial, folder);
      } finally {
        await rm(partial, { recursive: true, force: true });
      }
    },
    inform,
  );
  return folder;
}

/** Removes what a process that was killed has left half installed. */
async function removePartial(packages: string, id: string): Promise<void> {
  const left = (await readdir(packages)).filter((name) => name.startsWith(`${id}.partial-`));
  await Promise.all(left.map((name) => rm(join(packages, name), { recursive: true, force: true })));
}

/** Finds a program on PATH, and in the folders where systems keep servers. */
export function findProgram(name: string): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/opt/homebrew/bin",
  ];
  const file = process.platform === "win32" ? `${name}.exe` : name;
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, file))
    .find((path) => existsSync(path));
}
