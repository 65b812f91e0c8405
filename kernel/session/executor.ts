import type { ChildProcess } from "node:child_process";
import type { Contents, ErrorContent } from "../protocol/contents.ts";
import type { Header } from "../protocol/message.ts";
import type { FromRuntime, Outcome, PastCell, Publication } from "../runtime/link.ts";
import { describeEnd, describeKill } from "./runtime-end.ts";
import { type RuntimeEnd, type RuntimeMessage, type RuntimeProcess, attachRuntime } from "./runtime-process.ts";
import { type RuntimeOptions, spawnRuntime } from "./spawn-runtime.ts";
import { createStreamBatch } from "./stream-batch.ts";

/** Publishes a message on iopub with the parent that it belongs to. */
export type Publish = <T extends keyof Contents>(
  type: T,
  content: Contents[T],
  parent: Partial<Header> | undefined,
  buffers?: readonly Uint8Array[],
) => void;

/** A cell to execute: the request's content and where it came from. */
export interface Execution {
  readonly header: Header;
  readonly content: Contents["execute_request"];
  /** Name of the cell in traces. */
  readonly name: string;
}

/** What the executor needs from the session around it. */
export interface ExecutorEvents {
  readonly publish: Publish;
  /** Asks the front end that sent `parent`; undefined when it cannot answer. */
  ask(parent: Header, prompt: string, password: boolean): Promise<string | undefined>;
  readHistory(limit: number): Promise<readonly PastCell[]>;
  /** Undefined while output can be published, or else what to wait for before more of it is read. */
  room(): Promise<void> | undefined;
  /** The running cell's result as text, for the history. */
  result(text: string): void;
  executionCount(): number;
  log(line: string): void;
}

/** Runs cells in a runtime process, which it replaces when it ends. */
export interface Executor extends AsyncDisposable {
  run(execution: Execution): Promise<Outcome>;
  /** Ends the running cell; a second call before it has ended is followed by the end of the runtime 2 s later. */
  interrupt(): void;
  readonly runtime: RuntimeProcess;
}

const killAfterMs = 2_000;
// Headers are kept for what a cell prints after its end; this many cells back.
const keptParents = 20_000;

/** Creates an executor of cells; `first` is its first runtime process, where that was spawned before. */
export function createExecutor(options: RuntimeOptions, events: ExecutorEvents, first?: ChildProcess): Executor {
  const parents = new Map<string, Header>();
  let lastParent: Header | undefined;
  let running: { header: Header; interrupts: number; end: (outcome: Outcome) => void } | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  let killed = false;
  let disposed = false;
  // False until the runtime has said so: one that ends before that would end again, so it is started for the next cell.
  let ready = false;
  let alive = false;
  const streams = createStreamBatch<Header | undefined>((parent, name, text) =>
    events.publish("stream", { name, text }, parent),
  );
  let runtime = start(first);

  function start(child: ChildProcess = spawnRuntime(options)): RuntimeProcess {
    ready = false;
    alive = true;
    return attachRuntime(child, {
      message: take,
      output: (name, text, cell) => streams.add(cell === undefined ? (running?.header ?? lastParent) : parents.get(cell), name, text),
      end: replace,
      room: events.room,
    });
  }

  function take(message: RuntimeMessage): void {
    switch (message.type) {
      case "publish":
        publishUnder(message.cell === undefined ? lastParent : parents.get(message.cell), message.publication);
        break;
      case "input":
        void answerInput(message);
        break;
      case "history":
        void answerHistory(message);
        break;
      case "done":
        if (running?.header.msg_id === message.cell) end(message.outcome);
        break;
      case "setting":
        options.settings.set(message.name, message.value);
        break;
      case "ready":
        ready = true;
        break;
    }
  }

  function publishUnder(parent: Header | undefined, { type, content, buffers }: Publication): void {
    if (type === "stream") {
      const { name, text } = content as Contents["stream"];
      streams.add(parent, name, text);
      return;
    }
    streams.flush();
    const isResult = type === "execute_result";
    const text = isResult && (content as Contents["execute_result"]).data["text/plain"];
    if (typeof text === "string") events.result(text);
    const whole = isResult ? { ...content, execution_count: events.executionCount() } : content;
    try {
      events.publish(type, whole as never, parent, buffers);
    } catch (error) {
      // A display that is no JSON, such as `display.raw({ "application/json": 1n })`, or too long for a string.
      const evalue = `this output cannot be sent as JSON: ${error instanceof Error ? error.message : String(error)}`;
      events.publish("error", { ename: "DisplayError", evalue, traceback: [`DisplayError: ${evalue}`] }, parent);
    }
  }

  async function answerInput({ cell, id, prompt, password, blocking }: FromRuntime & { type: "input" }): Promise<void> {
    streams.flush();
    const parent = parents.get(cell);
    const value = parent && (await events.ask(parent, prompt, password));
    if (blocking) runtime.sendInspector({ type: "input", value });
    else runtime.send({ type: "input", id, value });
  }

  async function answerHistory({ id, limit }: FromRuntime & { type: "history" }): Promise<void> {
    const entries = await events.readHistory(limit).catch((error: unknown) => {
      events.log(`could not read the history: ${String(error)}`);
      return [];
    });
    runtime.send({ type: "history", id, entries });
  }

  function end(outcome: Outcome): void {
    clearTimeout(killTimer);
    killTimer = undefined;
    streams.flush();
    const ended = running;
    running = undefined;
    ended?.end(outcome);
  }

  function replace(why: RuntimeEnd): void {
    if (disposed) return;
    events.log(`runtime ended: code ${String(why.code)}, signal ${String(why.signal)} ${why.fatal}`);
    const error = killed ? describeKill() : describeEnd(why);
    killed = false;
    if (ready) runtime = start();
    else alive = false;
    fail(error);
  }

  /** Shows an error that the runtime itself could not tell under the cell that runs, or else the last one. */
  function fail(error: ErrorContent): void {
    streams.flush();
    events.publish("error", error, running?.header ?? lastParent);
    end({ error, payload: [], userExpressions: {} });
  }

  return {
    get runtime() {
      return runtime;
    },
    run({ header, content, name }) {
      parents.set(header.msg_id, header);
      if (parents.size > keptParents) parents.delete(parents.keys().next().value!);
      lastParent = header;
      if (!alive) runtime = start();
      return new Promise((resolve) => {
        running = { header, interrupts: 0, end: resolve };
        runtime.send({
          type: "run",
          cell: header.msg_id,
          code: content.code,
          name,
          silent: content.silent ?? false,
          userExpressions: content.user_expressions ?? {},
          allowStdin: content.allow_stdin ?? true,
        });
      });
    },
    interrupt() {
      if (running === undefined) return;
      const message = { type: "interrupt", cell: running.header.msg_id } as const;
      runtime.send(message);
      runtime.sendInspector(message);
      running.interrupts += 1;
      if (running.interrupts < 2) return;
      killTimer ??= setTimeout(() => {
        killed = true;
        void runtime.kill();
      }, killAfterMs);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      clearTimeout(killTimer);
      streams.flush();
      await runtime.stop();
    },
  };
}
