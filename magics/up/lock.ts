import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { makeFolder } from "./places.ts";

const pollMs = 50;

/**
 * Does work that only one process at a time may do. The lock is the operating system's, by way of SQLite, so it goes with
 * the process that holds it, however that ends. `onWait` is called once where another holds it. The work may delete the file.
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  await makeFolder(dirname(path));
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    const lock = await tryLock(path);
    // A file that was deleted meanwhile is not the one that others lock.
    const again = lock && (await tryLock(path));
    again?.close();
    if (lock && !again) {
      try {
        return await work();
      } finally {
        lock.close();
      }
    }
    lock?.close();
    if (!waited && !lock) onWait();
    await delay(pollMs, undefined, { signal }); // the system tells nobody that a lock is free
  }
}

async function tryLock(path: string): Promise<DatabaseSync | undefined> {
  const sqlite = await import("node:sqlite");
  const lock = new sqlite.DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = memory; begin exclusive"); // no second file
    return lock;
  } catch (error) {
    lock.close();
    if (/locked|busy/.test((error as Error).message)) return undefined;
    throw error;
  }
}
