import { settled } from "../../display/queue.ts";
import type { Place, Places, Written } from "../../display/place.ts";
import type { ErrorContent } from "../protocol/contents.ts";
import { outputOf, publish } from "./cell-output.ts";
import {
  type Interrupted,
  type RunningCell,
  cellStorage,
  cleanUpMs,
  createRunningHandler,
  interruptWaits,
} from "./interrupts.ts";
import { captures, outputCell } from "./streams.ts";

/** What places need of their notebook. */
export interface PlaceHost {
  readonly interactive: boolean;
  formatError(error: unknown, cell: RunningCell | undefined): ErrorContent;
}

/** The callbacks that each cell or message has called and that have not ended. */
const callbacks = new WeakMap<RunningCell, Set<RunningCell>>();

/** The callbacks that run now, whoever called them, each with what forgets it. */
const live = new Map<RunningCell, () => void>();

/** Rejects the pending awaits of all callbacks, also of those that nobody waits for. */
export function interruptCallbacks(): void {
  for (const callback of live.keys()) interruptCallback(callback);
}

function interruptCallback(callback: RunningCell, reason?: Interrupted): void {
  interruptWaits(callback, reason);
  setTimeout(() => abandon(callback), cleanUpMs).unref();
}

/** Gives up a callback that does not end by itself: its code was terminated, which runs no `finally`, or goes on. */
function abandon(callback: RunningCell): void {
  if (live.has(callback)) callback.abandoned = true;
  live.get(callback)?.();
}

/** Shows an error in the places of callbacks that a cell or message has called, the innermost: they were ended with it. */
export function publishToCallbacks(caller: RunningCell, content: ErrorContent): void {
  for (const callback of callbacks.get(caller) ?? []) {
    if (callbacks.get(callback)?.size) publishToCallbacks(callback, content);
    else publish(callback, { type: "error", content: { ...content } });
    abandon(callback);
  }
}

/** Lets callbacks write to the cell that set them up, or to a function. */
export function createPlaces({ interactive, formatError }: PlaceHost): Places {
  function place(owner: RunningCell | undefined, take?: (written: Written) => void): Place {
    const running = new Set<RunningCell>();
    return {
      async run(callback) {
        const outer = cellStorage.getStore();
        const cell = createRunningHandler(owner?.id ?? outer?.id ?? "");
        const capture = take ? [take] : owner && captures.get(owner);
        if (capture) captures.set(cell, capture);
        // The caller's interrupt is this one's too, although its output is not.
        const caller = outer?.ended ? undefined : outer;
        const stop = (): void => interruptCallback(cell, caller?.reason);
        const called = caller && (callbacks.get(caller) ?? new Set());
        if (caller && called) callbacks.set(caller, called.add(cell));
        caller?.abort.signal.addEventListener("abort", stop, { once: true });
        const forget = (): void => {
          cell.ended = true;
          running.delete(cell);
          live.delete(cell);
          called?.delete(cell);
          caller?.abort.signal.removeEventListener("abort", stop);
        };
        running.add(cell);
        live.set(cell, forget);
        const report = (error: unknown): void =>
          publish(cell, { type: "error", content: { ...formatError(error, cell) } });
        try {
          await cellStorage.run(cell, async () => await callback()).catch(report);
        } finally {
          // From here on only its displays are being made, one of which may never be.
          live.delete(cell);
          if (!take) running.delete(cell);
          await settled(outputOf(cell, interactive)).catch(report);
          forget();
        }
      },
      stop() {
        for (const cell of running) interruptCallback(cell);
      },
    };
  }

  return {
    here: () => place(outputCell()),
    collect: (take) => place(outputCell(), take),
  };
}
