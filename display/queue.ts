import type { MimeBundle } from "./mimebundle.ts";
import type { Output } from "./output.ts";

/** Does what was asked for. `reserved` is true where other output went past: the place is held by what `reserve` showed. */
type Step = (bundle: MimeBundle | undefined, reserved: boolean) => void;

/** A step that waits, for its own bundle or for those before it. */
interface Waiting {
  readonly step: Step;
  readonly reserve: () => void;
  /** The step's bundle; absent while that is being made. */
  made?: { readonly bundle: MimeBundle | undefined };
  /** Resolves when the step was done, or its place was reserved. */
  readonly placed: PromiseWithResolvers<void>;
  reserved: boolean;
}

/** The steps of each output that wait, in order; absent where none does. Weak, as some displays are never made. */
const queues = new WeakMap<Output, Waiting[]>();
let queueCount = 0;

/** What is still being made for each output. */
const unfinished = new WeakMap<Output, Set<Promise<unknown>>>();

// A loop that never awaits lets none be made, and each keeps its value and the work for it.
const mostUnfinished = 10_000;
// More go past what is still being made.
const mostQueued = 1_000;

/** Throws where so many displays of an output are still being made that more would fill the memory. */
export function checkRoom(output: Output): void {
  if ((unfinished.get(output)?.size ?? 0) < mostUnfinished) return;
  throw new RangeError(
    `${mostUnfinished.toLocaleString("en-US")} displays of this cell are still being made: their display methods are asynchronous. ` +
      "Show fewer, or await between them so that they get their turn, as by `await new Promise(setImmediate)`",
  );
}

/**
 * Does a step of an output in the order of the calls: at once, unless an earlier display is still being made.
 * A bundle that rejects is shown as text in its place. `reserve` shows something in that place, see `makeWay`.
 */
export function inOrder(
  output: Output,
  bundle: MimeBundle | Promise<MimeBundle> | undefined,
  step: Step,
  reserve: () => void = () => {},
): void {
  let queue = queues.get(output);
  if (queue && queue.length >= mostQueued) {
    makeWay(output);
    queue = undefined;
  }
  if (!queue && !isPromise(bundle)) {
    step(bundle, false);
    return;
  }
  const waiting: Waiting = { step, reserve, placed: Promise.withResolvers(), reserved: false };
  if (queue) queue.push(waiting);
  else {
    queues.set(output, [waiting]);
    queueCount += 1;
  }
  if (!isPromise(bundle)) {
    waiting.made = { bundle };
    return;
  }
  track(output, bundle, (made) => {
    waiting.made = { bundle: made };
    if (waiting.reserved) perform(waiting);
    else advance(output);
  });
}

/** Does a step of an output when a bundle is made, however long that takes: nothing but `settled` waits for it. */
export function whenMade(output: Output, bundle: Promise<MimeBundle>, step: (bundle: MimeBundle) => void): void {
  // Not before what was asked for earlier is written: the step may add to it.
  const before = queues.get(output)?.at(-1)?.placed.promise;
  track(output, before ? before.then(() => bundle) : bundle, step);
}

/**
 * Lets other output of the same place, such as text, go past what is still being made, so that a slow display holds up
 * nothing: it reserves its place now and fills that when it is made.
 */
export function makeWay(output: Output): void {
  const queue = queues.get(output);
  if (!queue) return;
  removeQueue(output);
  for (const waiting of queue) {
    if (waiting.made) perform(waiting);
    else {
      waiting.reserved = true;
      waiting.reserve();
      waiting.placed.resolve();
    }
  }
}

/** Whether any output has something for which others may have to make way: asked at each print. */
export function anyWaits(): boolean {
  return queueCount > 0;
}

/** Lets an output be settled only after this work, and fail with it: the cell does. */
export function finishWith(output: Output, work: Promise<void>): void {
  // It stays among the unfinished until `settled` tells of it.
  work.catch(() => {});
  unfinished.set(output, (unfinished.get(output) ?? new Set()).add(work));
}

/**
 * Waits until all that was shown on an output so far, and while waiting, has been written.
 * Rejects with what work threw with which the output was to finish.
 */
export async function settled(output: Output): Promise<void> {
  for (;;) {
    const all = unfinished.get(output);
    const [next] = all ?? [];
    if (!next) return;
    try {
      await next;
    } finally {
      all?.delete(next);
    }
  }
}

function track(output: Output, bundle: Promise<MimeBundle>, done: (made: MimeBundle) => void): void {
  const all = unfinished.get(output) ?? new Set();
  const finish = async (): Promise<void> => {
    const made = await bundle.catch(failure);
    try {
      done(made);
    } catch {
      // A front end that is gone is not this display's to report.
    }
  };
  const next: Promise<unknown> = finish().finally(() => all.delete(next));
  unfinished.set(output, all.add(next));
}

function advance(output: Output): void {
  const queue = queues.get(output) ?? [];
  while (queue[0]?.made) perform(queue.shift()!);
  if (queue.length === 0) removeQueue(output);
}

function removeQueue(output: Output): void {
  if (queues.delete(output)) queueCount -= 1;
}

function perform({ step, made, reserved, placed }: Waiting): void {
  try {
    step(made?.bundle, reserved);
  } catch {
    // As above; those that wait behind it must go on.
  }
  placed.resolve();
}

function isPromise(bundle: MimeBundle | Promise<MimeBundle> | undefined): bundle is Promise<MimeBundle> {
  return bundle !== undefined && "then" in bundle;
}

function failure(reason: unknown): MimeBundle {
  return { data: { "text/plain": `display failed: ${String(reason)}` }, metadata: {} };
}
