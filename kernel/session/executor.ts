import type { ChildProcess } from "node:child_process";
import type { Contents, ErrorContent } from "../protocol/contents.ts";
import type { Header } from "../protocol/message.ts";
import type { CellPlace, FromRuntime, Outcome, PastCell, Publication, ToRuntime } from "../runtime/link.ts";
import { createCommTable, type CommTable } from "./comm-table.ts";
import { badOption, refusedFlag } from "./node-flags.ts";
import { createOutputLimits } from "./output-limit.ts";
import { describeEnd, describeExitElsewhere, describeKill } from "./runtime-end.ts";
import { type RuntimeEnd, type RuntimeMessage, type RuntimeProcess, attachRuntime } from "./runtime-process.ts";
import { type RuntimeOptions, spawnRuntime } from "./spawn-runtime.ts";
import { createStreamBatch } from "./stream-batch.ts";

/** Publishes a message on iopub with the parent that it belongs to. */
export type Publish = <T extends keyof Contents>(
  type: T,
  content: Contents[T],
  parent: Partial<Header> | undefined,
  buffers?: readonly Uint8Array[],
  metadata?: Record<string, unknown>,
) => void;

/** A cell to execute: the request's content and where it came from. */
export interface Execution {
  readonly header: Header;
  readonly content: Contents["execute_request"];
  /** Name of the cell in traces. */
  readonly name: string;
  /** The number of its result. */
  readonly count: number;
  /** The subshell that it belongs to; none for the main shell. */
  readonly shell: string | undefined;
  readonly place?: CellPlace;
}

/** How a cell ended, and its result as text for the history. */
export type Executed = Outcome & { readonly result?: string };

/** A message of the front end to a comm. */
export type CommDelivery = Omit<ToRuntime & { type: "comm" }, "type" | "cell">;

/** A cell's code or a message to a comm, which `begin` names. */
type Work = Omit<ToRuntime & { type: "run" }, "cell"> | Omit<ToRuntime & { type: "comm" }, "cell">;

/** What the executor needs from the session around it. */
export interface ExecutorEvents {
  readonly publish: Publish;
  /** Asks the front end that sent `parent`; undefined when it cannot answer. */
  ask(parent: Header, prompt: string, password: boolean): Promise<string | undefined>;
  readHistory(limit: number): Promise<readonly PastCell[]>;
  /** Undefined while output can be published, or else what to wait for before more of it is read. */
  room(): Promise<void> | undefined;
  log(line: string): void;
  /** The runtime has ended, and all variables with it. */
  lost(): void;
  /** The runtime knows a secret, which is to be seen nowhere. */
  secret(forms: readonly string[]): void;
}

/** Runs cells in a runtime process, which it replaces when it ends. */
export interface Executor extends AsyncDisposable {
  /** Runs a cell, at once: whoever calls decides what runs beside what. */
  run(execution: Execution): Promise<Executed>;
  /** Gives a message to the handlers of its comm; resolves when they have ended. */
  deliver(header: Header, message: CommDelivery): Promise<Outcome>;
  /** Ends all that runs; what a second call has not ended either is followed by the end of the runtime 2 s later. */
  interrupt(): void;
  /** Interrupts what a subshell awaits. Where it spins, it ends by itself or by `interrupt`. */
  cancel(shell: string): void;
  readonly comms: CommTable;
  readonly runtime: RuntimeProcess;
}

const killAfterMs = 2_000;
// Headers are kept for what a cell prints after its end: of the last cells, and of older ones that print on.
const keptParents = 2_000;

/** A cell, or a message to a comm, that the runtime is at. */
interface Running {
  /** The name by which the runtime knows it: clients may use a msg_id twice. */
  readonly id: string;
  readonly header: Header;
  readonly count: number;
  readonly shell: string | undefined;
  readonly end: (outcome: Executed) => void;
  /** What the runtime was told. */
  readonly message: ToRuntime;
  /** True once the runtime has read that. */
  begun: boolean;
  /** True where a second runtime was told, as the first had ended before it began. */
  again: boolean;
  /** True once its subshell is deleted. */
  cancelled: boolean;
  result?: string;
  /** How often it was interrupted. */
  interrupts: number;
}

/** Creates an executor of cells; `first` is its first runtime process, where that was spawned before. */
export function createExecutor(options: RuntimeOptions, events: ExecutorEvents, first?: ChildProcess): Executor {
  const parents = new Map<string, Header>();
  // "silent": the cell's outputs are not broadcast, its comm messages are.
  const quiet = new WeakSet<Header>();
  let lastParent: Header | undefined;
  let lastBegun: Header | undefined;
  const commParents = new Map<string, Header>();
  const running = new Map<string, Running>();
  const comms = createCommTable();
  let begins = 0;
  let interrupts = 0;
  let killTimer: NodeJS.Timeout | undefined;
  let killed = false;
  let disposed = false;
  // False until the runtime has said so: one that ends before that would end again, so it is started for the next cell.
  let ready = false;
  let alive = false;
  // Flags that a later Node than ours does not know.
  const refused = new Set<string>();
  const streams = createStreamBatch<Header | undefined>((parent, name, text) =>
    events.publish("stream", { name, text }, parent),
  );
  const outputs = createOutputLimits<Header>(options.settings, {
    stream: (parent, name, text) => streams.add(parent, name, text),
    publish: publishWithin,
  });
  // What one said that ended before anybody listened is lost: another will say it.
  let runtime = start(first?.exitCode === null && first.signalCode === null ? first : undefined);

  function start(child: ChildProcess = spawnRuntime(options, refused)): RuntimeProcess {
    ready = false;
    alive = true;
    return attachRuntime(child, {
      message: take,
      output: (name, text, cell) => {
        const parent = cell === undefined ? lastParent : parentOf(cell);
        // Text of native code is nobody's: where nothing but silent cells runs, it is theirs.
        const theirs =
          cell === undefined && running.size > 0 && [...running.values()].every(({ header }) => isQuiet(header));
        if (!theirs && !isQuiet(parent)) outputs.stream(parent, name, text);
      },
      end: replace,
      secret: (forms) => events.secret(forms),
      room: () => outputs.room() ?? events.room(),
    });
  }

  function take(message: RuntimeMessage): void {
    switch (message.type) {
      case "publish":
        publishUnder(message.cell, message.publication);
        break;
      case "input":
        void answerInput(message);
        break;
      case "history":
        void answerHistory(message);
        break;
      case "begun":
        noteBegun(message.cell);
        break;
      case "done":
        end(message.cell, message.outcome);
        break;
      case "target":
        comms.setTarget(message.name, message.known);
        break;
      case "log":
        events.log(message.text);
        break;
      case "setting":
        options.settings.set(message.name, message.value);
        break;
      case "ready":
        ready = true;
        break;
    }
  }

  function parentOf(cell: string): Header | undefined {
    const kept = parents.has(cell) ? parents : commParents;
    const header = kept.get(cell);
    if (header === undefined || running.has(cell)) return header;
    kept.delete(cell); // to the end, as it prints on
    kept.set(cell, header);
    return header;
  }

  function noteBegun(cell: string): void {
    const entry = running.get(cell);
    if (!entry) return;
    entry.begun = true;
    lastBegun = entry.header;
  }

  function isQuiet(parent: Header | undefined): boolean {
    return parent !== undefined && quiet.has(parent);
  }

  function publishUnder(cell: string | undefined, publication: Publication): void {
    const parent = cell === undefined ? lastParent : parentOf(cell);
    if (isQuiet(parent) && !publication.type.startsWith("comm_")) return;
    if (publication.type === "stream") {
      const { name, text } = publication.content as Contents["stream"];
      outputs.stream(parent, name, text);
    } else outputs.publish(parent, publication);
  }

  /** Publishes what has passed the limits. */
  function publishWithin(parent: Header | undefined, publication: Publication): void {
    const { type, content, buffers, metadata } = publication;
    streams.flush(type !== "update_display_data" && !type.startsWith("comm_"));
    comms.note(publication);
    const owner = type === "execute_result" ? [...running.values()].find(({ header }) => header === parent) : undefined;
    const text = owner && (content as Contents["execute_result"]).data["text/plain"];
    if (typeof text === "string") owner!.result = text;
    const whole = owner ? { ...content, execution_count: owner.count } : content;
    try {
      events.publish(type, whole as never, parent, buffers, metadata);
    } catch (error) {
      // A display that is no JSON, such as `display.raw({ "application/json": 1n })`, or too long for a string.
      const evalue = `this output cannot be sent as JSON: ${error instanceof Error ? error.message : String(error)}`;
      events.publish("error", { ename: "DisplayError", evalue, traceback: [`DisplayError: ${evalue}`] }, parent);
    }
  }

  async function answerInput({ cell, id, prompt, password, blocking }: FromRuntime & { type: "input" }): Promise<void> {
    const parent = parentOf(cell);
    outputs.settle(parent);
    streams.flush();
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

  /** Whether something goes on although it was interrupted twice. */
  function isStuck(): boolean {
    return [...running.values()].some((entry) => entry.interrupts > 1);
  }

  function end(cell: string, outcome: Outcome): void {
    const ended = running.get(cell);
    if (!ended) return;
    // While it is still known: a result that waits needs the cell's number.
    outputs.end(ended.header);
    streams.flush();
    running.delete(cell);
    if (!isStuck()) {
      clearTimeout(killTimer);
      killTimer = undefined;
    }
    ended.end(ended.result === undefined ? outcome : { ...outcome, result: ended.result });
  }

  function replace(why: RuntimeEnd): void {
    if (disposed || startsWithout(why)) return;
    events.log(`runtime ended: code ${String(why.code)}, signal ${String(why.signal)} ${why.fatal}`);
    const error = killed ? describeKill() : describeEnd(why);
    const exited = killed ? undefined : why.exitCell;
    events.lost();
    killed = false;
    if (ready) runtime = start();
    else alive = false;
    fail(error, exited, describeExitElsewhere(why.exitCode));
    for (const entry of running.values()) tellAgain(entry);
  }

  /** Starts a runtime in place of one that Node has refused for a flag: nothing was lost with that. */
  function startsWithout({ code, fatal }: RuntimeEnd): boolean {
    const flag = ready || code !== badOption ? undefined : refusedFlag(fatal);
    if (flag === undefined || refused.has(flag)) return false;
    refused.add(flag);
    events.log(`Node ${process.version} does not know ${flag}, so the runtime starts without it`);
    runtime = start();
    for (const { message } of running.values()) runtime.send(message);
    return true;
  }

  /** A cell that was sent to a runtime which had ended runs in the next one, as if it had come a moment later. */
  function tellAgain(entry: Running): void {
    entry.again = true;
    if (!alive) runtime = start();
    runtime.send(entry.message);
  }

  function isLost({ message, begun, again, cancelled, interrupts: count }: Running): boolean {
    return begun || again || cancelled || count > 0 || message.type !== "run";
  }

  /** Shows an error that the runtime could not tell under all that runs and the cell at fault, or the last that began. */
  function fail(error: ErrorContent, culprit: string | undefined, elsewhere: ErrorContent): void {
    const lost = [...running.values()].filter(isLost);
    const errorOf = (id: string): ErrorContent => (culprit === undefined || culprit === id ? error : elsewhere);
    const told = lost.map(({ id, header }) => ({ parent: header as Header | undefined, content: errorOf(id) }));
    const owner = culprit === undefined ? undefined : parentOf(culprit);
    if (owner && lost.every(({ id }) => id !== culprit)) told.unshift({ parent: owner, content: error });
    if (told.length === 0) told.push({ parent: lastBegun ?? lastParent, content: error });
    for (const { parent } of told) outputs.settle(parent);
    streams.flush();
    for (const { parent, content } of told) if (!isQuiet(parent)) events.publish("error", content, parent);
    for (const id of comms.clear()) events.publish("comm_close", { comm_id: id, data: {} }, lastParent);
    for (const { id } of lost) end(id, { error: errorOf(id), payload: [], userExpressions: {} });
  }

  /** Makes the runtime begin with something; resolves when it has ended. */
  function begin({ header, count, shell }: Omit<Execution, "content" | "name">, work: Work): Promise<Executed> {
    const id = String((begins += 1));
    const message = { ...work, cell: id };
    const kept = message.type === "comm" ? commParents : parents;
    kept.set(id, header);
    if (kept.size > keptParents) kept.delete(kept.keys().next().value!);
    if (!alive) runtime = start();
    return new Promise((resolve) => {
      const entry = {
        id,
        header,
        count,
        shell,
        end: resolve,
        message,
        begun: false,
        again: false,
        cancelled: false,
        interrupts: 0,
      };
      running.set(id, entry);
      runtime.send(message);
    });
  }

  return {
    get runtime() {
      return runtime;
    },
    comms,
    run({ header, content, name, count, shell, place }) {
      if (content.silent) quiet.add(header);
      else lastParent = header;
      return begin(
        { header, count, shell },
        {
          type: "run",
          code: content.code,
          name,
          silent: content.silent ?? false,
          userExpressions: content.user_expressions ?? {},
          allowStdin: content.allow_stdin ?? true,
          ...(place && { place }),
        },
      );
    },
    deliver: (header, message) => begin({ header, count: 0, shell: undefined }, { type: "comm", ...message }),
    interrupt() {
      // Also where nothing runs: a timer of an ended cell may spin, a callback of one await.
      const message = { type: "interrupt", cells: [...running.keys()], serial: (interrupts += 1) } as const;
      runtime.send(message);
      runtime.sendInspector(message);
      for (const entry of running.values()) entry.interrupts += 1;
      if (!isStuck()) return;
      killTimer ??= setTimeout(() => {
        killed = true;
        void runtime.kill();
      }, killAfterMs);
    },
    cancel(shell) {
      const entries = [...running.values()].filter((entry) => entry.shell === shell);
      for (const entry of entries) entry.cancelled = true;
      const cells = entries.map(({ id }) => id);
      if (cells.length > 0) runtime.send({ type: "cancel", cells });
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      clearTimeout(killTimer);
      outputs.stop();
      streams.flush();
      await runtime.stop();
    },
  };
}
