import type { MimeBundle } from "./mimebundle.ts";
import type { Output } from "./output.ts";

/** The last pending step of each output; absent where everything is shown. */
const pending = new WeakMap<Output, Promise<unknown>>();

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

/** Waits until all that was shown on an output so far, and while waiting, has been written. */
export async function settled(output: Output): Promise<void> {
  for (let last = pending.get(output); last; last = pending.get(output)) {
    await last.catch(() => {});
    if (pending.get(output) === last) pending.delete(output);
  }
}

function isPromise(bundle: MimeBundle | Promise<MimeBundle> | undefined): bundle is Promise<MimeBundle> {
  return bundle !== undefined && "then" in bundle;
}

function failure(reason: unknown): MimeBundle {
  return { data: { "text/plain": `display failed: ${String(reason)}` }, metadata: {} };
}
