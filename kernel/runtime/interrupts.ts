import { AsyncLocalStorage } from "node:async_hooks";

/** Thrown into a cell at the `await` where an interrupt found it. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
  constructor(message = "the cell was interrupted") {
    super(message);
  }
}

/** A cell, or a message to a comm, while it runs, and after it, for what it left behind: timers, sockets, promises. */
export interface RunningCell {
  /** The kernel process's name for it. */
  readonly id: string;
  readonly name: string;
  /** True for a message to a comm, whose handlers run. */
  readonly isHandler: boolean;
  readonly allowStdin: boolean;
  /** Aborted by an interrupt; magics and libraries listen to it. */
  readonly abort: AbortController;
  /** One reject function for each `await` of the cell's code that is pending now. */
  readonly waits: Set<(reason: unknown) => void>;
  /** Why it was interrupted, if it was. */
  reason?: Interrupted;
  /** True after the reply. Code that goes on in the background is no longer interrupted. */
  ended: boolean;
  /** True where an interrupted cell did not end in time: nothing of it goes on beyond its next `await`. */
  abandoned: boolean;
}

/** Time that `catch` and `finally` of what was interrupted have to end it; the person wants the next cell. */
export const cleanUpMs = 700;

/** The cell to which the code that is running now belongs, also in its timers and promises. */
export const cellStorage: AsyncLocalStorage<RunningCell> = new AsyncLocalStorage();

/** Creates the record of a cell that is about to run. */
export function createRunningCell(id: string, name: string, allowStdin: boolean): RunningCell {
  return { ...fresh(), id, name, isHandler: false, allowStdin };
}

/** Creates the record of a message to a comm whose handlers are about to run. */
export function createRunningHandler(id: string): RunningCell {
  return { ...fresh(), id, name: "a comm's handler", isHandler: true, allowStdin: false };
}

function fresh(): Pick<RunningCell, "abort" | "waits" | "ended" | "abandoned"> {
  return { abort: new AbortController(), waits: new Set(), ended: false, abandoned: false };
}

/** Rejects every pending `await` of a cell; its `catch` and `finally` blocks run and may await again. */
export function interruptWaits(cell: RunningCell, reason: Interrupted = new Interrupted()): void {
  const pending = [...cell.waits];
  cell.waits.clear();
  cell.reason = reason;
  cell.abort.abort(reason);
  for (const reject of pending) reject(reason);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/**
 * What a cell's `await` waits for: the value, or the interrupt of the cell, whichever comes first.
 * Each promise in the chain has one reaction only: V8 follows such chains, so traces keep their `at async` lines.
 */
export function wait(value: unknown): unknown {
  if (!isThenable(value)) return value;
  const cell = cellStorage.getStore();
  // A rejection could be caught and awaited again, for ever.
  if (cell?.abandoned) return new Promise(() => {});
  if (cell === undefined || cell.ended) return value;
  return new Promise((resolve, reject) => {
    cell.waits.add(reject);
    Promise.resolve(value)
      .then(
        (result) => {
          cell.waits.delete(reject);
          return result;
        },
        (error: unknown) => {
          cell.waits.delete(reject);
          throw error;
        },
      )
      .then(resolve, reject);
  });
}

type Iterators = {
  [Symbol.asyncIterator]?: () => AsyncIterator<unknown>;
  [Symbol.iterator]?: () => Iterator<unknown>;
};

/** What a cell's `for await` goes over: the same items, stopped by an interrupt, which also closes the source. */
export function iterate(source: Iterators): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      if (source[Symbol.asyncIterator] === undefined) return overSync(source);
      const iterator = source[Symbol.asyncIterator]!();
      const stop = (error: unknown): never => {
        if (error instanceof Interrupted) void Promise.resolve(iterator.return?.()).catch(() => {});
        throw error;
      };
      return {
        next: () => Promise.resolve(wait(iterator.next()) as Promise<IteratorResult<unknown>>).catch(stop),
        return: (value) => iterator.return?.(value) ?? Promise.resolve({ done: true, value }),
      };
    },
  };
}

/** A plain iterable of values or promises, each awaited, as `for await` does. */
async function* overSync(source: Iterators): AsyncGenerator {
  for (const item of source as Iterable<unknown>) yield await wait(item);
}
