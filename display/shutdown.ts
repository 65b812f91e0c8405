import { describeError, read } from "./property.ts";

interface Entry {
  readonly name: string;
  readonly close: () => unknown;
}

const entries = new Set<Entry>();
let waits = false;

/**
 * Calls back before the process ends in good order: at a shutdown or restart of the kernel, or when a plain Node program
 * has nothing left to do. It may be async; `name` says in the log what did not close. Returns a function that takes it back.
 */
export function onShutdown(name: string, close: () => unknown): () => void {
  const entry = { name, close };
  entries.add(entry);
  if (!waits) process.once("beforeExit", () => void shutDown(Number.POSITIVE_INFINITY, (text) => console.error(text)));
  waits = true;
  return () => void entries.delete(entry);
}

/** True where something waits for the shutdown. */
export function awaitsShutdown(): boolean {
  return entries.size > 0;
}

/**
 * Closes everything, the newest first, all at the same time; reports what failed or took longer than `limitMs`. `note` is
 * told when each begins and ends, as one that spins lets nobody report.
 */
export async function shutDown(
  limitMs: number,
  report: (text: string) => void,
  note: (name: string, isOpen: boolean) => void = () => {},
): Promise<void> {
  const closing = [...entries].toReversed();
  entries.clear();
  const open = new Set(closing);
  const all = Promise.all(
    closing.map(async (entry) => {
      note(entry.name, true);
      try {
        const closed = entry.close();
        if (closed !== undefined) await (closed as PromiseLike<unknown>); // or else it ends before the next begins
      } catch (error) {
        const stack = read(error, "stack");
        report(`closing ${entry.name} failed: ${typeof stack === "string" ? stack : describeError(error)}`);
      }
      note(entry.name, false);
      open.delete(entry);
    }),
  );
  if (limitMs === Number.POSITIVE_INFINITY) {
    await all;
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([all, new Promise((done) => (timer = setTimeout(done, limitMs)))]);
  clearTimeout(timer);
  for (const { name } of open) report(`closing ${name} was given up after ${limitMs} ms`);
}
