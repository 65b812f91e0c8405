import type { Output } from "../../display/output.ts";
import type { RunningCell } from "./interrupts.ts";
import type { Publication } from "./link.ts";
import { captures, makeWayFor, outputs, writeStream } from "./streams.ts";
import { send } from "./wire.ts";

/** Returns the output of a cell: the same object at each call. */
export function outputOf(cell: RunningCell, interactive: boolean): Output {
  const known = outputs.get(cell);
  if (known) return known;
  const output: Output = {
    stream: (name, text) => writeStream(cell, name, text),
    display({ data, metadata }, { displayId, update = false } = {}) {
      const transient = displayId === undefined ? {} : { display_id: displayId };
      publish(cell, { type: update ? "update_display_data" : "display_data", content: { data, metadata, transient } });
    },
    clear: (wait) => publish(cell, { type: "clear_output", content: { wait } }),
    signal: cell.abort.signal,
    interactive,
  };
  outputs.set(cell, output);
  return output;
}

/** Publishes a message under a cell, or gives it to the cell's innermost capture. */
export function publish(cell: RunningCell | undefined, publication: Publication): void {
  if (publication.type === "error" || publication.type === "execute_result") makeWayFor(cell);
  const capture = cell && captures.get(cell)?.at(-1);
  if (capture) capture(publication);
  else send({ type: "publish", cell: cell?.id, publication });
}
