import { randomUUID } from "node:crypto";

/** One queue of cells. The main shell has no id; the others are kernel subshells (JEP 91). */
export interface Shell {
  readonly id: string | undefined;
  /** Calls `work` when the cells queued before have ended; `aborted` says whether one of them has failed. */
  enqueue(work: (aborted: boolean) => Promise<void>): void;
  /** Resolves when a cell is queued behind the one that runs. */
  queued(): Promise<void>;
  /** Aborts the cells that are queued now. */
  abortQueued(): void;
  /** Resolves when the cells queued so far have ended. */
  ended(): Promise<void>;
}

/** The shells of a kernel: cells of one run one after the other, beside those of the others. */
export interface Shells {
  /** Finds a shell; no id means the main shell. */
  find(id: string | null | undefined): Shell | undefined;
  create(): string;
  /** Takes a subshell out of the list and returns it; undefined for the main shell and unknown ones. */
  remove(id: string): Shell | undefined;
  list(): readonly string[];
  /** Resolves when the cells queued so far, on any shell, have ended. */
  ended(): Promise<unknown>;
}

/** Creates the shells of a kernel, at first the main shell alone. `failed` gets the error of work that rejects. */
export function createShells(failed: (error: unknown) => void): Shells {
  const main = createShell(undefined, failed);
  const subshells = new Map<string, Shell>();
  return {
    // Of an id it is not known that it is text.
    find: (id) => (id === undefined || id === null ? main : subshells.get(id)),
    create() {
      const id = randomUUID();
      subshells.set(id, createShell(id, failed));
      return id;
    },
    remove(id) {
      const shell = subshells.get(id);
      subshells.delete(id);
      return shell;
    },
    list: () => [...subshells.keys()],
    ended: () => Promise.all([main, ...subshells.values()].map((shell) => shell.ended())),
  };
}

function createShell(id: string | undefined, failed: (error: unknown) => void): Shell {
  let tail: Promise<void> = Promise.resolve();
  let failures = 0;
  let unfinished = 0;
  let next = Promise.withResolvers<void>();
  return {
    id,
    enqueue(work) {
      const before = failures;
      unfinished += 1;
      next.resolve();
      next = Promise.withResolvers();
      tail = tail
        .then(() => work(before !== failures))
        .catch(failed)
        .then(() => void (unfinished -= 1));
    },
    queued: () => (unfinished > 1 ? Promise.resolve() : next.promise),
    abortQueued() {
      failures += 1;
    },
    ended: () => tail,
  };
}
