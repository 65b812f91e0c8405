import type { MimeBundle } from "./mimebundle.ts";
import type { Output } from "./output.ts";

/** The last pending step of each output; absent where everything is shown. */
const pending = new WeakMap<Output, Promise<unknown>>();

/** The steps of each output that come when they are ready. */
const late = new WeakMap<Output, Set<Promise<unknown>>>();

/**
 * Does a step of an output in the order of the calls: at once, unless an earlier display is still being made.
 * A bundle that rejects is shown as text in its place.
 */
export function inOrder(
  output: Output,
  bundle: MimeBundle | Promise<MimeBundle> | undefined,
  step: (bundle: MimeBundle | undefined) => void,
): void {
  const before = pending.get(output);
  if (before === undefined && !isPromise(bundle)) {
    step(bundle);
    return;
  }
  const next: Promise<unknown> = Promise.allSettled([bundle, before]).then(([made]) => {
    step(made.status === "fulfilled" ? made.value : failure(made.reason));
    return pending.get(output) === next && pending.delete(output);
  });
  // A front end that is gone is not this display's to report; waiting for the next one must go on.
  next.catch(() => {});
  pending.set(output, next);
}

/** Does a step of an output when a bundle is made, however long that takes: nothing but `settled` waits for it. */
export function whenMade(output: Output, bundle: Promise<MimeBundle>, step: (bundle: MimeBundle) => void): void {
  // Not before what was asked for earlier is written: the step may add to it.
  const before = pending.get(output);
  const waiting = late.get(output) ?? new Set();
  const next = Promise.allSettled([bundle, before])
    .then(([made]) => step(made.status === "fulfilled" ? made.value : failure(made.reason)))
    .catch(() => {})
    .finally(() => waiting.delete(next));
  late.set(output, waiting.add(next));
}

/** Waits until all that was shown on an output so far, and while waiting, has been written. */
export async function settled(output: Output): Promise<void> {
  for (;;) {
    const last = pending.get(output);
    const [next] = late.get(output) ?? [];
    if (!last && !next) return;
    await (last ?? next)?.catch(() => {});
    if (last && pending.get(output) === last) pending.delete(output);
  }
}

function isPromise(bundle: MimeBundle | Promise<MimeBundle> | undefined): bundle is Promise<MimeBundle> {
  return bundle !== undefined && "then" in bundle;
}

function failure(reason: unknown): MimeBundle {
  return { data: { "text/plain": `display failed: ${String(reason)}` }, metadata: {} };
}
