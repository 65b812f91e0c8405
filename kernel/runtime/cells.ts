import { setTimeout as delay } from "node:timers/promises";
import { settled } from "../../display/queue.ts";
import { toMimeBundle } from "../../display/bundle.ts";
import type { MimeBundle } from "../../display/mimebundle.ts";
import type { Payload } from "../protocol/contents.ts";
import { throwerOf } from "./cell-callback.ts";
import { outputOf, publish } from "./cell-output.ts";
import { Interrupted, type RunningCell, cellStorage, createRunningCell, interruptWaits, wait } from "./interrupts.ts";
import type { Outcome, ToRuntime } from "./link.ts";
import type { Notebook } from "./notebook.ts";
import { captures, outputCell, setLastCell } from "./streams.ts";
import { send } from "./wire.ts";

type RunRequest = ToRuntime & { type: "run" };

/** Runs the notebook's cells, one at a time, and says how each ended exactly once. */
export interface CellRunner {
  /** Runs a cell to its end. Never rejects: the outcome is sent to the kernel process. */
  run(request: RunRequest): Promise<void>;
  /** Rejects the pending awaits of the running cell. */
  interrupt(cell: string): void;
  /** Ends a cell whose code was terminated: nothing of it will go on by itself. */
  terminated(cell: string): void;
  /** Publishes an error that no cell could catch, under the cell that set it off. */
  uncaught(error: unknown): void;
}

// Time that `catch` and `finally` of an interrupted cell have to end it; the person wants the next cell.
const cleanUpMs = 700;

const settleMs = 1_000;

/** Creates the runner of a notebook's cells. */
export function createCellRunner(notebook: Notebook): CellRunner {
  let running: { cell: RunningCell; payload: Payload[]; ended: () => void } | undefined;
  // The cell whose interrupt came before its start.
  let early: string | undefined;

  function finish(cell: RunningCell, outcome: Omit<Outcome, "payload">): void {
    if (running?.cell !== cell) return; // it was ended before, by an interrupt
    const { payload, ended } = running;
    running = undefined;
    cell.ended = true;
    notebook.endCell(outcome.error !== undefined);
    try {
      send({ type: "done", cell: cell.id, outcome: { ...outcome, payload } });
    } catch (error) {
      // An expression's data that cannot be cloned, such as a function.
      send({
        type: "done",
        cell: cell.id,
        outcome: { error: notebook.formatError(error), payload: [], userExpressions: {} },
      });
    }
    ended();
  }

  function fail(cell: RunningCell, error: unknown): void {
    if (running?.cell !== cell) return;
    captures.delete(cell); // termination skips the end of a capture
    const content = notebook.formatError(error);
    publish(cell, { type: "error", content: { ...content } });
    finish(cell, { error: content, userExpressions: {} });
  }

  function abandon(cell: RunningCell): void {
    if (running?.cell !== cell) return;
    cell.abandoned = true;
    fail(cell, new Interrupted());
  }

  async function execute(cell: RunningCell, request: RunRequest): Promise<void> {
    try {
      const result = await notebook.evaluate(request.code, request.name, cell);
      await wait(settled(outputOf(cell, notebook.interactive)));
      if (result?.value !== undefined && !request.silent) {
        const { data, metadata } = (await wait(toMimeBundle(result.value))) as MimeBundle;
        // A display handle has shown itself already: it brings no representation.
        if (Object.keys(data).length > 0) publish(cell, { type: "execute_result", content: { data, metadata } });
      }
      finish(cell, { userExpressions: await notebook.evaluateAll(request.userExpressions, cell) });
    } catch (error) {
      // What was shown before the error stays before it, unless it never comes.
      await Promise.race([settled(outputOf(cell, notebook.interactive)), delay(settleMs, undefined, { ref: false })]);
      fail(cell, error);
    }
  }

  return {
    run(request) {
      const cell = createRunningCell(request.cell, request.name, request.allowStdin);
      return new Promise((ended) => {
        running = { cell, payload: [], ended };
        setLastCell(cell);
        notebook.beginCell(running.payload);
        if (early === cell.id) {
          fail(cell, new Interrupted());
          return;
        }
        void cellStorage.run(cell, () => execute(cell, request));
      });
    },
    interrupt(id) {
      if (running?.cell.id !== id) {
        early = id; // it came between the request and the cell's start
        return;
      }
      const { cell } = running;
      interruptWaits(cell);
      setTimeout(() => abandon(cell), cleanUpMs).unref();
    },
    terminated(id) {
      // The cell may have ended meanwhile, and the next one be running.
      if (running?.cell.id === id && running.cell.waits.size === 0) abandon(running.cell);
    },
    uncaught(error) {
      publish(throwerOf(error) ?? outputCell(), {
        type: "error",
        content: { ...notebook.formatError(error) },
      });
    },
  };
}
