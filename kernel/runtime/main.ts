import { Socket } from "node:net";
import { MessageChannel, Worker } from "node:worker_threads";
import process from "node:process";
import { inspect } from "node:util";
import { fileURLToPath } from "node:url";
import { setComms } from "../../display/comm.ts";
import { setInput } from "../../display/input.ts";
import { setPlaces } from "../../display/place.ts";
import { setOutput } from "../../display/output.ts";
import { magicNames } from "../../magics/index.ts";
import { onSecret } from "../../magics/known-secrets.ts";
import { setMagicContext } from "../../magics/plain-context.ts";
import { onProcessGroup } from "../../magics/process.ts";
import { readCatalog } from "../../magics/sql/catalog.ts";
import { outputOf } from "./cell-output.ts";
import { asyncChildren } from "./child-lifetime.ts";
import { createCellRunner } from "./cells.ts";
import { Interrupted, type RunningCell } from "./interrupts.ts";
import { createComms } from "./comms.ts";
import { provideGlobals } from "./globals.ts";
import { setInheritedPlace } from "./inherited-output.ts";
import type { FromThread, InspectorData, ToThread } from "./inspector-worker.ts";
import { type Interrupt, type PastCell, type ToRuntime, createFrameDecoder, descriptors } from "./link.ts";
import { OutOfMemory, shareMemoryLimit } from "./memory.ts";
import { createCellRequire, installModules } from "./modules.ts";
import { createNotebook } from "./notebook.ts";
import { createSettings } from "../settings.ts";
import { createPlaces } from "./places.ts";
import { createScopes } from "./scope.ts";
import { endRuntime, finishExit, keepExiting, noteExit } from "./shut-down.ts";
import { createGroups } from "./groups.ts";
import { answerInput, blockingAnswer, input } from "./stdin.ts";
import { outputCell } from "./streams.ts";
import { takeOverOutput } from "./take-over.ts";
import { raiseStackTraceLimit } from "./trace.ts";
import { send, sendStream } from "./wire.ts";

// The runtime process: requests in on one pipe, cells run, output and outcomes out on another.

const settings = createSettings(process.env);
const colors = !settings.get("plain");
const interactive = process.env["CI"] === undefined;
const folder = process.cwd();
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

takeOverOutput(colors);
setOutput(() => {
  const cell = outputCell();
  return cell && outputOf(cell, interactive);
});

const scopesExpression = `globalThis[Symbol.for("typhoon.scopes")]`;
raiseStackTraceLimit();
const scopes = createScopes();
Object.defineProperty(globalThis, Symbol.for("typhoon.scopes"), { value: scopes.objects });
const api = new URL(`../api.${extension}`, import.meta.url);
const tslab = new URL(`../tslab.${extension}`, import.meta.url);
const modules = installModules({
  folder,
  own: { "typhoon-kernel": api.href, "typhoon-kernel/tslab": tslab.href, tslab: tslab.href },
  shipped: ["apache-arrow"],
});
// Shared with the inspector thread, which ends nothing meanwhile.
const loading = new Int32Array(new SharedArrayBuffer(4));
provideGlobals(scopes, api, createCellRequire(folder), folder, loading);

let lastQuestion = 0;
const questions = new Map<number, (entries: readonly PastCell[]) => void>();
const notebook = createNotebook({
  folder,
  colors,
  interactive,
  scopes,
  settings,
  scopesExpression,
  beforeRun: () => startInspector(),
  modules,
  readHistory: (limit) =>
    new Promise((resolve) => {
      const id = (lastQuestion += 1);
      questions.set(id, resolve);
      send({ type: "history", id, limit });
    }),
});
const runner = createCellRunner(notebook);
settings.onChange((name, value) => send({ type: "setting", name, value }));
// Told under the next cell, where the person sees it.
const problems = [...settings.problems];
const comms = createComms({
  send,
  parent: () => outputCell()?.id,
  report: (error) => runner.uncaught(error),
});
setComms(comms);
setInput(() => input);
setMagicContext(() => {
  const cell = outputCell();
  return cell && notebook.magicContext(cell);
});
setPlaces(createPlaces({ interactive, formatError: notebook.formatError }));

// Shared with the inspector thread.
const handled = new Int32Array(new SharedArrayBuffer(4));
const beganAt = new Float64Array(new SharedArrayBuffer(8));

onSecret((forms) => send({ type: "secret", forms }));

// Cells may print it before they connect.
const databaseUrl = process.env["DATABASE_URL"];
if (databaseUrl) void import("../../magics/connections/target.ts").then((m) => m.hidePassword(databaseUrl));

const groups = createGroups();
onProcessGroup((leader, alive) => {
  groups.note(leader, alive);
  send({ type: "group", leader, alive });
});

/** The cell whose code was ended last by the inspector thread. */
let lastStopped: RunningCell | undefined;
Object.defineProperty(globalThis, Symbol.for("typhoon.noteStopped"), {
  value: () => {
    lastStopped = outputCell();
  },
});

const inspectorData: InspectorData = {
  noteStopped: `globalThis[Symbol.for("typhoon.noteStopped")]()`,
  children: asyncChildren,
  groups: groups.leaders,
  answer: blockingAnswer,
  memory: shareMemoryLimit(settings),
  handled,
  beganAt,
  loading,
  scopes: scopesExpression,
  magics: magicNames(),
  folder,
};
let inspector: Worker | undefined;
let inspectorListens = false;

/** Starts the inspector thread: before the first cell runs, but not while it is awaited, as the two share the processor. */
function startInspector(): void {
  if (inspector) return;
  inspector = new Worker(new URL(`./inspector-worker.${extension}`, import.meta.url), {
    workerData: inspectorData,
    execArgv: ["--require", fileURLToPath(new URL(`./cwd-worker.${extension}`, import.meta.url))],
  });
  inspector.on("message", (message: FromThread) => {
    if (message.type === "listens") inspectorListens = true;
    else if (message.type === "overflow") overflow(message.bytes);
    else if (message.type === "catalog") void tellCatalog(message.connection);
    else {
      finishExit(groups.leaders);
      runner.terminated(message.of?.cells);
      if (message.of) runner.stopped(lastStopped);
      lastStopped = undefined;
      // What was ended may have been the code that read of the interrupt.
      if (message.of) interrupt(message.of);
    }
  });
  inspector.on("error", (error) => {
    send({ type: "log", text: `the inspector thread failed: ${inspect(error)}` });
    // Its descriptor was closed with it. What is left: awaits are interrupted, and two interrupts end this process.
    if (inspectorListens) problems.push(inspectorFailed);
    else inspector = undefined; // the next cell starts another
  });
  inspector.unref();
}

/** Tells the inspector thread what a database has. */
async function tellCatalog(connection: string | undefined): Promise<void> {
  const catalog = await readCatalog(connection).catch(() => undefined); // a query that is interrupted, or a database that is closed
  inspector?.postMessage({ type: "catalog", connection, catalog } satisfies ToThread);
}

const inspectorFailed =
  "the thread that completes names, interrupts cells that spin and watches the memory has failed. The variables are " +
  "kept: save what you need, then restart the kernel";

/** Ends what runs, as an interrupt does, because the process uses more memory than it may. */
function overflow(bytes: number): void {
  Atomics.add(handled, 0, 1);
  Atomics.notify(handled, 0);
  const error = new OutOfMemory(bytes, settings.get("memory"));
  if (!runner.interruptAll(error)) runner.uncaught(error);
}

// Cells and handlers start from a port's message callback: an interrupt ends all JavaScript on the stack, and a stream's or
// timer's own bookkeeping would not survive that.
const { port1, port2 } = new MessageChannel();
port2.on("message", (request: ToRuntime & { type: "run" | "comm" }) => {
  if (runner.idle) beganAt[0] = Number(process.hrtime.bigint()) / 1e9;
  send({ type: "begun", cell: request.cell });
  if (request.type === "run") void runner.run(request);
  else void runner.handle(request.cell, () => comms.take(request));
});

let lastInterrupt = 0;

/** Ends what awaits, once for each interrupt, whichever thread tells of it first. */
function interrupt({ serial, cells }: Interrupt): void {
  if (serial <= lastInterrupt) return;
  lastInterrupt = serial;
  Atomics.add(handled, 0, 1);
  Atomics.notify(handled, 0);
  runner.interrupt(cells);
}

const inspectorDelayMs = 100;

let stopped = false;

function take(message: ToRuntime): void {
  switch (message.type) {
    case "run":
    case "comm":
      for (const problem of problems.splice(0)) sendStream(message.cell, "stderr", `typhoon: ${problem}.\n`);
      port1.postMessage(message);
      break;
    case "interrupt":
      interrupt(message);
      break;
    case "cancel":
      runner.interrupt(message.cells);
      break;
    case "stop":
      stopped = true;
      break;
    case "inherited":
      setInheritedPlace(message.place);
      break;
    case "input":
      answerInput(message.id, message.value);
      break;
    case "history":
      questions.get(message.id)?.(message.entries);
      questions.delete(message.id);
      break;
  }
}

const requests = new Socket({ fd: descriptors.requests, readable: true, writable: false });
requests.on(
  "data",
  createFrameDecoder((message) => take(message as ToRuntime)),
);
// The kernel process is gone, or wants this one to end.
requests.on(
  "close",
  () => void endRuntime(() => runner.interruptAll(new Interrupted("the kernel shuts down")), groups.leaders, stopped),
);
process.on("SIGINT", () => {}); // a terminal's Ctrl+C reaches the kernel process too, which interrupts the cell
process.on("uncaughtException", (error) => runner.uncaught(error));
process.on("unhandledRejection", (error) => runner.uncaught(error));
keepExiting((error) => runner.uncaught(error), groups.leaders);
process.on("exit", (code) => {
  noteExit(code);
  send({ type: "exit", code, cell: outputCell()?.id });
});
send({ type: "ready" });
setTimeout(startInspector, inspectorDelayMs);
