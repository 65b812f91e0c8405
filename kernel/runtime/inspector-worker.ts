import { Session } from "node:inspector";
import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import process from "node:process";
import type { MimeBundle } from "../../display/mimebundle.ts";
import { type BlockingAnswer, deliverAnswer } from "./blocking-answer.ts";
import { listDescendants, signal } from "./children.ts";
import { postTo } from "./inspector-post.ts";
import { type FromInspector, type ToInspector, createFrameDecoder, descriptors, encodeFrame } from "./link.ts";

/** What the main thread shares with the inspector thread. */
export interface InspectorData {
  readonly answer: BlockingAnswer;
  /** [0]: how many interrupts the main thread has handled. */
  readonly handled: Int32Array;
  /** [0]: when the running cell began, in seconds of the system's monotonic clock. */
  readonly beganAt: Float64Array;
  /** An expression of the main realm for the list of scope objects. */
  readonly scopes: string;
  readonly magics: readonly string[];
}

/** Inspector thread to main thread: it ended the JavaScript that was running, for interrupt number `interrupt`. */
export interface Terminated {
  readonly interrupt: number;
}

const data = workerData as InspectorData;
const session = new Session();
session.connectToMainThread();

const post = postTo(session);

const socket = new Socket({ fd: descriptors.inspector, readable: true, writable: true });
function reply(message: FromInspector): void {
  socket.write(encodeFrame(message));
}

// A main thread whose loop turns answers at once; one that has not within this time is busy or blocked.
const answerMs = 60;
// Debugger.pause takes effect at the next JavaScript that runs; without one within this time, native code blocks.
const pauseMs = 200;
let interrupts = 0;

const handled = (number: number): boolean => Atomics.load(data.handled, 0) >= number;

/** Ends the JavaScript that the main thread is running, unless the main thread handles the interrupt by itself. */
async function interrupt(): Promise<void> {
  const mine = (interrupts += 1);
  const seen = Atomics.load(data.handled, 0);
  if (!handled(mine)) await Atomics.waitAsync(data.handled, 0, seen, answerMs).value;
  if (handled(mine)) return;
  const paused = Promise.withResolvers<boolean>();
  session.once("Debugger.paused", () => paused.resolve(true));
  // Nothing answers while native code blocks, so nothing is waited for here.
  void post("Debugger.enable").catch(() => {});
  void post("Debugger.pause").catch(() => {});
  const inTime = await Promise.race([paused.promise, delay(pauseMs, false)]);
  if (handled(mine)) {
    if (inTime) void post("Debugger.resume").catch(() => {});
    void post("Debugger.disable").catch(() => {});
    return;
  }
  if (inTime) {
    void post("Debugger.resume", { terminateOnResume: true }).catch(() => {});
  } else {
    void post("Runtime.terminateExecution").catch(() => {});
    await signalChildren(mine);
  }
  void post("Debugger.disable").catch(() => {});
  parentPort?.postMessage({ interrupt: mine } satisfies Terminated);
}

/**
 * `execSync` and its kin block until their child ends. Ends what the running cell started, as Ctrl+C in a terminal would:
 * SIGINT, and as it may be ignored by inheritance, SIGTERM and SIGKILL after it.
 */
async function signalChildren(mine: number): Promise<void> {
  const cellSeconds = monotonicSeconds() - data.beganAt[0]! + 0.1;
  for (const name of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    const children = listDescendants(process.pid).filter(({ ageSeconds }) => ageSeconds <= cellSeconds);
    for (const { pid } of children) signal(pid, name);
    if (children.length === 0 || handled(mine)) return;
    await delay(150);
  }
}

function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** The name of the magic in whose first word the cursor stands. */
function magicAt(code: string, offset: number): string | undefined {
  const lineStart = code.lastIndexOf("\n", offset - 1) + 1;
  const [head = "", name] = /^\s*(?:.*=\s*)?%{1,2}(\w+)/.exec(code.slice(lineStart)) ?? [];
  return name !== undefined && offset <= lineStart + head.length && data.magics.includes(name) ? name : undefined;
}

async function magicHelp(name: string): Promise<MimeBundle> {
  const [{ helpBundle }, { loadMagic }] = await Promise.all([
    import("../../magics/help.ts"),
    import("../../magics/index.ts"),
  ]);
  return helpBundle(await loadMagic(name));
}

async function answerLive(message: ToInspector & { type: "complete" | "inspect" }): Promise<void> {
  const { id, code, offset, detail } = message;
  try {
    if (message.type === "complete") {
      const { complete } = await import("./complete.ts");
      reply({ type: "answer", id, result: await complete(post, data.scopes, code, offset, data.magics) });
    } else {
      const magic = magicAt(code, offset);
      const { inspect } = await import("./inspect.ts");
      if (magic) reply({ type: "answer", id, result: { found: true, ...(await magicHelp(magic)) } });
      else reply({ type: "answer", id, result: await inspect(post, data.scopes, code, offset, detail) });
    }
  } catch (error) {
    reply({ type: "answer", id, result: undefined });
    process.stderr.write(`typhoon: could not answer ${message.type}: ${String(error)}\n`);
  }
}

const decode = createFrameDecoder((frame) => {
  const message = frame as ToInspector;
  switch (message.type) {
    case "interrupt":
      void interrupt();
      break;
    case "input":
      deliverAnswer(data.answer, message.value);
      break;
    case "complete":
    case "inspect":
      void answerLive(message);
      break;
  }
});
socket.on("data", decode);
socket.on("error", () => {}); // the kernel process is gone; the main thread ends this process
reply({ type: "ready" });
