import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { StreamName } from "../protocol/contents.ts";
import { endGroup, killLeader } from "./process-group.ts";
import {
  type FromInspector,
  type FromRuntime,
  type ToInspector,
  type ToRuntime,
  createFrameDecoder,
  descriptors,
  encodeFrame,
} from "../runtime/link.ts";
import { createTurns } from "./in-turn.ts";
import { listenToInherited } from "./inherited-output.ts";
import { createOutputGate } from "./output-gate.ts";

/** Why a runtime process ended. */
export interface RuntimeEnd {
  /** The code given to `process.exit`, where the program ended itself. */
  readonly exitCode: number | undefined;
  /** The cell whose code did that, where it is known. */
  readonly exitCell: string | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The report that Node writes before it aborts, or where it does not know a flag, if it did. */
  readonly fatal: string;
  /** Something else wrote to the pipes by which it speaks with the kernel, so it was ended. */
  readonly damaged: boolean;
}

/** A message of the runtime that its owner has to answer or pass on. */
export type RuntimeMessage = Exclude<
  FromRuntime,
  { type: "exit" | "closing" | "close" | "fence" | "connection" | "group" | "secret" }
>;

/** What the owner of a runtime process is told. */
export interface RuntimeEvents {
  message(message: RuntimeMessage): void;
  /** Output written below JavaScript: children with `stdio: "inherit"`, whose cell is known, and native code. */
  output(name: StreamName, text: string, cell?: string): void;
  end(end: RuntimeEnd): void;
  /** Told before whatever the runtime says after it, and before what waits to be published. */
  secret(forms: readonly string[]): void;
  /** Undefined while output can be taken, or else what to wait for before more of it is read. */
  room(): Promise<void> | undefined;
}

type Unnumbered<T> = T extends { readonly id: number } ? Omit<T, "id"> : never;

/** What the inspector thread is asked. */
export type Question = Unnumbered<ToInspector>;

/** A running runtime process. */
export interface RuntimeProcess {
  readonly pid: number | undefined;
  send(message: ToRuntime): void;
  sendInspector(message: ToInspector): void;
  /** Asks the inspector thread; undefined when it has no answer in time, as while native code blocks. */
  ask(message: Question): Promise<unknown>;
  /** Ends the process at once; resolves when it is gone. */
  kill(): Promise<void>;
  /** Lets the process end by itself, with its exit handlers, and ends it where it does not in time. */
  stop(): Promise<void>;
}

/** Takes over a runtime process; its messages and its end are told to `events`. */
export function attachRuntime(child: ChildProcess, events: RuntimeEvents): RuntimeProcess {
  const questions = new Map<number, (result: unknown) => void>();
  let lastQuestion = 0;
  let exitCode: number | undefined;
  let exitCell: string | undefined;
  let fatal = "";
  let damaged = false;
  let ended = false;
  const groups = new Set<number>();
  const closing = new Set<string>();
  const gate = createOutputGate(() => events.room());

  const inherited = listenToInherited(readOutput, child.pid);
  const messages = createTurns<FromRuntime>(
    (message) => {
      if (message.type === "closing") {
        clearTimeout(stopTimer);
        stopTimer = setTimeout(giveUp, stopMs + message.withinMs);
      } else if (message.type === "close") {
        if (message.isOpen) closing.add(message.name);
        else closing.delete(message.name);
      } else if (message.type === "exit") {
        exitCode = message.code;
        exitCell = message.cell;
        setTimeout(() => killLeader(child), exitMs).unref(); // an exit handler may loop
      } else if (message.type === "group") {
        if (message.alive) groups.add(message.leader);
        else groups.delete(message.leader);
      } else if (message.type === "connection") {
        const { id, cell, name } = message;
        inherited.begin(id, (text) => events.output(name, text, cell));
      } else if (message.type !== "fence" && message.type !== "secret") {
        if (message.type === "done") flushFatal();
        events.message(message);
      }
    },
    (message) => {
      if (message.type === "done") return gate.pendingTaken();
      if (message.type === "fence") return inherited.begun(message.connections).then(() => gate.pendingTaken());
      return undefined;
    },
  );
  /** A child's own fatal report, since this runtime lives: shown like any other text. */
  function flushFatal(): void {
    if (fatal !== "") events.output("stderr", fatal);
    fatal = "";
  }
  readOutput(
    stream(child, descriptors.out),
    createFrameDecoder((frame) => {
      const message = frame as FromRuntime;
      if (message.type === "secret") events.secret(message.forms);
      else messages.take(message);
    }, endDamaged),
  );
  /** Nothing more can be understood, so the process is ended rather than waited for. */
  function endDamaged(): void {
    damaged = true;
    child.kill("SIGKILL");
  }
  /** Reads a pipe with output while there is room. */
  function readOutput(pipe: Readable, take: (chunk: never) => void): void {
    gate.add(pipe);
    pipe.on("data", (chunk: Buffer | string) => {
      take(chunk as never);
      gate.took(chunk.length);
    });
  }
  const decodeInspector = createFrameDecoder((frame) => {
    const message = frame as FromInspector;
    if (message.type === "notice") {
      const publication = { type: "stream", content: { name: "stderr", text: message.text } } as const;
      events.message({ type: "publish", cell: undefined, publication });
      return;
    }
    questions.get(message.id)?.(message.result);
    questions.delete(message.id);
  }, endDamaged);
  stream(child, descriptors.inspector).on("data", decodeInspector);
  readOutput(child.stdout!.setEncoding("utf8"), (text: string) => events.output("stdout", text));
  readOutput(child.stderr!.setEncoding("utf8"), (raw: string) => {
    const text = raw.replace(inspectorNote, "");
    // What Node prints when it aborts is kept for the error that follows; it would fill the cell with addresses.
    if (fatal !== "" || fatalReport.test(text)) fatal = (fatal + text).slice(0, maxFatal);
    else if (text !== "") events.output("stderr", text);
  });
  for (const fd of [0, 1, 2, 3, 4, 5]) child.stdio[fd]?.on("error", () => {}); // the end of the process tells
  /** Ends a process that does not end by itself, as one whose code spins. */
  function giveUp(): void {
    for (const name of closing) {
      events.message({ type: "log", text: `closing ${name} was given up: it has not ended, or spins` });
    }
    killLeader(child);
  }
  let swept: Promise<unknown> | undefined;
  let stopTimer: NodeJS.Timeout | undefined;
  const gone = untilGone();
  async function untilGone(): Promise<void> {
    const exited = new Promise<[code: number | null, signal: NodeJS.Signals | null]>((done) => {
      child.once("exit", (code, signal) => done([code, signal]));
      child.once("error", () => done([null, null])); // it could not be started
    });
    // Not the child's "close": a process that it has left behind may hold stdout or stderr open. Nobody inherits `out`.
    const closed = new Promise<void>((done) => stream(child, descriptors.out).once("close", done));
    const [code, signal] = await exited;
    const own = endGroup(child.pid);
    gate.finish();
    await closed;
    await gate.pendingTaken();
    await messages.taken();
    // Those that magics have started last are known by now.
    swept = Promise.all([own, ...Array.from(groups, endGroup)]);
    ended = true;
    inherited.close();
    child.stdout!.destroy();
    child.stderr!.destroy();
    for (const answer of questions.values()) answer(undefined);
    questions.clear();
    events.end({ exitCode, exitCell, code, signal, fatal, damaged });
  }

  const send = (message: ToRuntime): void =>
    void (stream(child, descriptors.requests) as unknown as Writable).write(encodeFrame(message));
  if (inherited.place) send({ type: "inherited", place: inherited.place });
  return {
    pid: child.pid,
    send,
    sendInspector(message) {
      if (message.type === "interrupt") gate.letThrough();
      (stream(child, descriptors.inspector) as unknown as Writable).write(encodeFrame(message));
    },
    ask(message) {
      if (ended) return Promise.resolve(undefined);
      const id = (lastQuestion += 1);
      const answer = new Promise<unknown>((resolve) => questions.set(id, resolve));
      setTimeout(() => {
        questions.get(id)?.(undefined);
        questions.delete(id);
      }, answerMs).unref();
      this.sendInspector({ ...message, id });
      return answer;
    },
    async kill() {
      killLeader(child);
      await gone;
    },
    async stop() {
      send({ type: "stop" });
      (stream(child, descriptors.requests) as unknown as Writable).end();
      stopTimer = setTimeout(giveUp, stopMs);
      await gone;
      clearTimeout(stopTimer);
      await swept;
    },
  };
}

// The longest that a front end waits for completions before its user has typed on.
const answerMs = 2_000;
// What exit handlers may take once `process.exit` was called.
const exitMs = 2_000;
// A runtime that runs no cell ends within milliseconds; one that spins does not.
const stopMs = 500;

const maxFatal = 1 << 16;

// Node says so when a process exits while our inspector thread is connected to it.
const inspectorNote = /^Waiting for the debugger to disconnect\.\.\.\n+/m;
const fatalReport =
  /^(?:\s*#\s*\n)?\s*(?:FATAL ERROR:|----- Native stack trace|# Fatal error|<--- Last few GCs --->|.*: bad option: |.*: \.\.\/.*Assertion)/m;

function stream(child: ChildProcess, fd: number): Readable {
  return child.stdio[fd] as Readable;
}
