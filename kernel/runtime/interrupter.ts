import type { Debugger, Session } from "node:inspector";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { endingSignals, listDescendants, signal, signalMs } from "./children.ts";
import { isOwnFile } from "./own-files.ts";
import { postTo } from "./inspector-post.ts";

/** What the main thread tells by shared memory. */
export interface MainState {
  /** [0]: how many interrupts the main thread has handled. */
  readonly handled: Int32Array;
  /** [0]: when the running cell began, in seconds of the system's monotonic clock. */
  readonly beganAt: Float64Array;
  /** Process ids of children that run asynchronously; 0 where there is none. */
  readonly children: Int32Array;
  /** [0]: 1 while the main thread loads our own API, which ends by itself and would be broken for good. */
  readonly loading: Int32Array;
}

// A main thread whose loop turns answers at once; one that has not within this time is busy or blocked.
const answerMs = 60;
// Debugger.pause takes effect at the next JavaScript that runs; without one within this time, native code blocks.
const pauseMs = 200;
// A module whose evaluation is cut off is broken for good, and what the kernel process says would be lost with the code that
// reads it. So a module that is being loaded, and code that is not the cell's, get this long, in steps.
const graceMs = 600;
const ownGraceMs = 10_000;
const stepMs = 30;

type Pause = "running" | "elsewhere" | "blocked";

/**
 * Creates the function that ends the JavaScript that the main thread is running. It resolves with false
 * where the main thread has handled the interrupt by itself.
 */
export function createInterrupter(session: Session, state: MainState): () => Promise<boolean> {
  const post = postTo(session);
  // Nothing answers while native code blocks, so nothing is waited for.
  const tell = (method: string, params?: object): void => void post(method, params).catch(() => {});
  let interrupts = 0;
  // A paused frame names its script by number only.
  const loaders = new Set<string>();
  const own = new Set<string>();
  session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
    if (url.startsWith("node:internal/modules/")) loaders.add(scriptId);
    if (url.startsWith("node:") || isOwnFile(url)) own.add(scriptId);
  });
  /** Whether a stack is within the loading of a module, by `import` or `require`, or Node's and ours alone. */
  const isElsewhere = (frames: readonly Debugger.CallFrame[]): boolean =>
    frames.some(({ location }) => loaders.has(location.scriptId)) ||
    frames.every(({ location }) => own.has(location.scriptId));

  async function pause(): Promise<Pause> {
    const paused = Promise.withResolvers<Pause>();
    const take = ({ params }: { readonly params: Debugger.PausedEventDataType }): void =>
      paused.resolve(isElsewhere(params.callFrames) ? "elsewhere" : "running");
    session.on("Debugger.paused", take);
    tell("Debugger.enable");
    tell("Debugger.pause");
    const what = await Promise.race([paused.promise, delay(pauseMs, "blocked" as const)]);
    session.off("Debugger.paused", take);
    return what;
  }

  return async () => {
    const mine = (interrupts += 1);
    const handled = (): boolean => Atomics.load(state.handled, 0) >= mine;
    const seen = Atomics.load(state.handled, 0);
    if (!handled()) await Atomics.waitAsync(state.handled, 0, seen, answerMs).value;
    if (handled()) return false;
    const start = performance.now();
    const grace = (): number => (Atomics.load(state.loading, 0) === 1 ? ownGraceMs : at === "elsewhere" ? graceMs : 0);
    let at = await pause();
    while (!handled() && performance.now() < start + grace()) {
      tell("Debugger.resume");
      await delay(stepMs);
      if (!handled()) at = await pause();
    }
    if (handled()) {
      tell("Debugger.resume");
      tell("Debugger.disable");
      return false;
    }
    if (at === "blocked") {
      tell("Runtime.terminateExecution");
      await signalChildren(state, handled);
    } else tell("Debugger.resume", { terminateOnResume: true });
    tell("Debugger.disable");
    return true;
  };
}

/**
 * `execSync` and its kin block until their child ends. Ends that one, as Ctrl+C in a terminal would, and those below it: it is
 * the child that nobody has started asynchronously, younger than what runs. The main thread ends the others (child-lifetime.ts).
 */
async function signalChildren({ beganAt, children }: MainState, handled: () => boolean): Promise<void> {
  const seconds = Number(process.hrtime.bigint()) / 1e9 - beganAt[0]! + 0.1;
  const below = listDescendants(process.pid);
  const roots = below.filter(
    ({ pid, parent, ageSeconds }) => parent === process.pid && ageSeconds <= seconds && !children.includes(pid),
  );
  // Listed first: below a shell that has ended, nothing is found.
  const ours = new Set([...roots, ...roots.flatMap(({ pid }) => listDescendants(pid))].map(({ pid }) => pid));
  for (const name of endingSignals) {
    for (const pid of ours) signal(pid, name);
    await delay(signalMs);
    const left = new Set(listDescendants(process.pid).map(({ pid }) => pid));
    if (handled() || ![...ours].some((pid) => left.has(pid))) return;
  }
}
