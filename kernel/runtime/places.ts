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
        const stop = (): void => interruptWaits(cell);
        caller?.abort.signal.addEventListener("abort", stop, { once: true });
        running.add(cell);
        try {
          await cellStorage.run(cell, async () => await callback());
        } catch (error) {
          publish(cell, { type: "error", content: { ...formatError(error, cell) } });
        } finally {
          await settled(outputOf(cell, interactive));
          cell.ended = true;
          running.delete(cell);
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
