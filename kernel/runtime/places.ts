import { settled } from "../../display/queue.ts";
import type { Place, Places, Written } from "../../display/place.ts";
import type { ErrorContent } from "../protocol/contents.ts";
import { outputOf, publish } from "./cell-output.ts";
import { type RunningCell, cellStorage, createRunningHandler, interruptWaits } from "./interrupts.ts";
import { captures, outputCell } from "./streams.ts";

/** What places need of their notebook. */
export interface PlaceHost {
  readonly interactive: boolean;
  formatError(error: unknown, cell: RunningCell | undefined): ErrorContent;
}

/** The callbacks that each cell or message has called and that have not ended. */
const callbacks = new WeakMap<RunningCell, Set<RunningCell>>();

/** The callbacks that run now, whoever called them. */
const live = new Set<RunningCell>();

/** Rejects the pending awaits of all callbacks, also of those that nobody waits for. */
export function interruptCallbacks(): void {
  for (const callback of live) interruptWaits(callback);
}

/** Shows an error in the places of callbacks that a cell or message has called, the innermost: they were ended with it. */
export function publishToCallbacks(caller: RunningCell, content: ErrorContent): void {
  for (const callback of callbacks.get(caller) ?? []) {
    if (callbacks.get(callback)?.size) publishToCallbacks(callback, content);
    else publish(callback, { type: "error", content: { ...content } });
  }
}

/** Lets callbacks write to the cell that set them up, or to a function. */
export function createPlaces({ interactive, formatError }: PlaceHost): Places {
  function place(owner: RunningCell | undefined, take?: (written: Written) => void): Place {
    const running = new Set<RunningCell>();
    return {
      async run(callback) {
        const caller = cellStorage.getStore();
        const cell = createRunningHandler(owner?.id ?? caller?.id ?? "");
        const capture = take ? [take] : owner && captures.get(owner);
        if (capture) captures.set(cell, capture);
        // The caller's interrupt is this one's too, although its output is not.
        const stop = (): void => interruptWaits(cell, caller?.reason);
        const called = caller && (callbacks.get(caller) ?? new Set());
        if (caller && called) callbacks.set(caller, called.add(cell));
        caller?.abort.signal.addEventListener("abort", stop, { once: true });
        running.add(cell);
        live.add(cell);
        try {
          await cellStorage.run(cell, async () => await callback());
        } catch (error) {
          publish(cell, { type: "error", content: { ...formatError(error, cell) } });
        } finally {
          await settled(outputOf(cell, interactive));
          cell.ended = true;
          running.delete(cell);
          live.delete(cell);
          called?.delete(cell);
          caller?.abort.signal.removeEventListener("abort", stop);
        }
      },
      stop() {
        for (const cell of running) interruptWaits(cell);
      },
    };
  }

  return {
    here: () => place(outputCell()),
    collect: (take) => place(outputCell(), take),
  };
}
