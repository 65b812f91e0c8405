import { AsyncResource } from "node:async_hooks";

/** Work that is asked for more often than it is wanted. */
export interface Pace {
  /** Does the work now, or a moment later where it was done just before; at the latest when a cell ends. */
  request(): void;
  /** Does the work now. */
  now(): void;
  /** Forgets a request. */
  cancel(): void;
}

/** The requests that wait for their moment. */
const waiting = new Set<() => void>();

/** Creates a pace for work that is done once in `intervalMs` at most, for the code that first asked for it. */
export function createPace(intervalMs: number, work: () => void): Pace {
  let doneAt = Number.NEGATIVE_INFINITY;
  let pending: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  function cancel(): void {
    clearTimeout(timer);
    if (pending) waiting.delete(pending);
    timer = undefined;
    pending = undefined;
  }

  function now(): void {
    cancel();
    doneAt = performance.now();
    work();
  }

  return {
    request() {
      const leftMs = doneAt + intervalMs - performance.now();
      // Also in a loop that lets no timer run.
      if (leftMs <= 0) now();
      else if (!pending) {
        // Whoever does it: what it sends belongs to the cell whose code runs here.
        pending = AsyncResource.bind(now);
        waiting.add(pending);
        timer = setTimeout(pending, leftMs);
      }
    },
    now,
    cancel,
  };
}

/** Does at once what waits for its moment: a cell ends, and what it has set is to be known before that. */
export function finishPaced(): void {
  for (const work of waiting) work();
}
