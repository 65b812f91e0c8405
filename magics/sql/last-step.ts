/** An interrupt waits so long for the step that makes a write good: no event tells when it is past the point of no return. */
const graceMs = 400;

/**
 * Does the step after which a write is good, such as its commit. An abort leaves it a moment, so that what is done then is
 * not told as undone.
 */
export async function lastStep<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    timer = setTimeout(() => controller.abort(signal.reason), graceMs);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    signal.removeEventListener("abort", abort);
    clearTimeout(timer);
  }
}
