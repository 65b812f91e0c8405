import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { finishPaced } from "../../display/pace.ts";
import { settled } from "../../display/queue.ts";
import { toMimeBundle } from "../../display/bundle.ts";
import type { MimeBundle } from "../../display/mimebundle.ts";
import { skippedLine } from "../../magics/connections/unavailable.ts";
import type { Payload } from "../protocol/contents.ts";
import { throwerOf } from "./cell-callback.ts";
import { outputOf, publish } from "./cell-output.ts";
import {
  Interrupted,
  type RunningCell,
  cellStorage,
  cleanUpMs,
  createRunningCell,
  createRunningHandler,
  interruptWaits,
  wait,
} from "./interrupts.ts";
import type { Outcome, ToRuntime } from "./link.ts";
import type { Notebook } from "./notebook.ts";
import { interruptCallbacks, publishToCallbacks } from "./places.ts";
import { captures, outputCell, setLastCell } from "./streams.ts";
import { send } from "./wire.ts";

type RunRequest = ToRuntime & { type: "run" };

/**
 * Runs the notebook's cells and the handlers of comms, and says how each ended exactly once. One that awaits lets
 * others run meanwhile; which of them start when is the kernel process's matter.
 */
export interface CellRunner {
  /** Runs a cell to its end. Never rejects: the outcome is sent to the kernel process. */
  run(request: RunRequest): Promise<void>;
  /** Runs the handlers of a message as if they were a cell of this id. Never rejects, as `run`. */
  handle(id: string, work: () => Promise<void>): Promise<void>;
  /** True while nothing runs. */
  readonly idle: boolean;
  /** Rejects the pending awaits of what runs of these, and of all callbacks; the others are about to start and will not. */
  interrupt(cells: readonly string[]): void;
  /** Rejects the pending awaits of everything that runs, with this reason; returns whether anything does. */
  interruptAll(reason: Interrupted): boolean;
  /** Ends those of these cells (all by default) whose code was terminated: nothing of them will go on by itself. */
  terminated(cells?: readonly string[]): void;
  /** Says under a cell that has ended that code which it had left behind, such as a timer, was terminated. */
  stopped(cell: RunningCell | undefined): void;
  /** Publishes an error that no cell could catch, under the cell that set it off. */
  uncaught(error: unknown): void;
}

interface Running {
  readonly cell: RunningCell;
  readonly payload: Payload[];
  readonly ended: () => void;
}

const settleMs = 1_000;
const keptEarly = 1_000;

/** Creates the runner of a notebook's cells. */
export function createCellRunner(notebook: Notebook): CellRunner {
  const running = new Map<string, Running>();
  // Cells whose interrupt came before their start.
  const early = new Set<string>();

  /** Remembers a cell that is between its request and its start, or, for a while in vain, between its end and the reply. */
  function addEarly(id: string): void {
    early.add(id);
    if (early.size > keptEarly) early.delete(early.values().next().value!);
  }

  function finish(cell: RunningCell, outcome: Omit<Outcome, "payload">): void {
    const entry = running.get(cell.id);
    if (!entry) return; // it was ended before, by an interrupt
    running.delete(cell.id);
    cell.ended = true;
    notebook.endCell(cell, outcome.error !== undefined);
    const names = notebook.takeNews();
    try {
      finishPaced();
      send({ type: "done", cell: cell.id, outcome: { ...outcome, payload: entry.payload, names } });
    } catch (error) {
      // An expression's data that cannot be cloned, such as a function; or a widget's, too long to be sent.
      send({
        type: "done",
        cell: cell.id,
        outcome: { error: notebook.formatError(error, cell), payload: [], userExpressions: {}, names },
      });
    }
    entry.ended();
  }

  function fail(cell: RunningCell, error: unknown): void {
    if (!running.has(cell.id)) return;
    captures.delete(cell); // termination skips the end of a capture
    const content = notebook.formatError(error, cell);
    publish(cell, { type: "error", content: { ...content } });
    finish(cell, { error: content, userExpressions: {} });
  }

  function abandon(cell: RunningCell): void {
    if (!running.has(cell.id)) return;
    cell.abandoned = true;
    const reason = cell.reason ?? new Interrupted();
    cell.abort.abort(reason); // a spinning cell that was terminated has not heard of it
    publishToCallbacks(cell, notebook.formatError(reason, cell));
    fail(cell, reason);
  }

  function stop(cell: RunningCell, reason: Interrupted): void {
    interruptWaits(cell, reason);
    setTimeout(() => abandon(cell), cleanUpMs).unref();
  }

  async function failInOrder(cell: RunningCell, error: unknown): Promise<void> {
    // What was shown before the error stays before it, unless it never comes.
    const shown = settled(outputOf(cell, notebook.interactive)).catch(() => {}); // the first error is the cell's
    await Promise.race([shown, delay(settleMs, undefined, { ref: false })]);
    fail(cell, error);
  }

  /** Ends a cell quietly that needs a server which is not there, where the notebook can do without it. */
  async function skip(cell: RunningCell, request: RunRequest, error: unknown): Promise<boolean> {
    const line = skippedLine(error);
    if (line === undefined || !running.has(cell.id)) return false;
    const output = outputOf(cell, notebook.interactive);
    output.stream("stdout", `${line}\n`);
    await Promise.race([settled(output).catch(() => {}), delay(settleMs, undefined, { ref: false })]);
    notebook.ran.add(request);
    finish(cell, { userExpressions: {} });
    return true;
  }

  async function execute(cell: RunningCell, request: RunRequest): Promise<void> {
    try {
      // What a silent cell had to say of it nobody would see.
      const refreshed = request.silent ? undefined : notebook.refresh(request.code, cell);
      if (refreshed) await wait(refreshed);
      const result = await notebook.evaluate(request.code, request.name, cell);
      await wait(settled(outputOf(cell, notebook.interactive)));
      if (result?.value !== undefined && !request.silent) {
        const { data, metadata } = (await wait(toMimeBundle(result.value))) as MimeBundle;
        // A display handle has shown itself already: it brings no representation.
        if (Object.keys(data).length > 0) publish(cell, { type: "execute_result", content: { data, metadata } });
      }
      const userExpressions = await notebook.evaluateAll(request.userExpressions, cell);
      // Node tells of rejections that nobody handles at the end of a turn: of those made by now, before the cell ends.
      await wait(nextTurn());
      notebook.ran.add(request);
      finish(cell, { userExpressions });
    } catch (error) {
      if (request.place?.tags.includes("raises-exception")) notebook.ran.add(request);
      if (await skip(cell, request, error)) return;
      await failInOrder(cell, error);
    }
  }

  async function handle(cell: RunningCell, work: () => Promise<void>): Promise<void> {
    try {
      await wait(work());
      await wait(settled(outputOf(cell, notebook.interactive)));
      await wait(nextTurn());
      finish(cell, { userExpressions: {} });
    } catch (error) {
      await failInOrder(cell, error);
    }
  }

  /** Begins what `work` does as a cell's; resolves when that has ended. */
  function begin(cell: RunningCell, payload: Payload[], work: () => Promise<void>): Promise<void> {
    return new Promise((ended) => {
      running.set(cell.id, { cell, payload, ended });
      if (early.delete(cell.id)) fail(cell, new Interrupted());
      else void cellStorage.run(cell, work);
    });
  }

  return {
    get idle() {
      return running.size === 0;
    },
    run(request) {
      const cell = createRunningCell(request.cell, request.name, request.allowStdin);
      const payload: Payload[] = [];
      // What nobody's code writes, such as a native callback, would be lost with a silent cell's.
      if (!request.silent) setLastCell(cell);
      notebook.beginCell(cell, payload);
      return begin(cell, payload, () => execute(cell, request));
    },
    handle(id, work) {
      const cell = createRunningHandler(id);
      return begin(cell, [], () => handle(cell, work));
    },
    interruptAll(reason) {
      const cells = [...running.values()].map(({ cell }) => cell);
      for (const cell of cells) stop(cell, reason);
      return cells.length > 0;
    },
    interrupt(ids) {
      for (const id of ids) {
        const cell = running.get(id)?.cell;
        if (!cell) {
          addEarly(id);
          continue;
        }
        stop(cell, new Interrupted());
      }
      interruptCallbacks();
    },
    terminated(ids = [...running.keys()]) {
      for (const id of ids) {
        const cell = running.get(id)?.cell; // it may have ended meanwhile
        if (cell?.waits.size === 0) abandon(cell);
      }
    },
    stopped(cell) {
      if (!cell?.ended || cell.abandoned) return; // its own end says it
      const error = new Interrupted("a timer or another callback of this cell was interrupted");
      publish(cell, { type: "error", content: { ...notebook.formatError(error, cell) } });
    },
    uncaught(error) {
      const cell = throwerOf(error) ?? outputCell();
      const content = notebook.formatError(error, cell);
      publish(cell, { type: "error", content: { ...content } });
      // Clients take what comes while a request is under way: others that run unattended have the log.
      if (running.size === 0)
        send({ type: "log", text: stripVTControlCharacters(`uncaught ${content.traceback.join("\n")}`) });
    },
  };
}
