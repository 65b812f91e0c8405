import type { SqlResult } from "./engine.ts";

/**
 * Makes a generator over another one answer for it: who leaves it before it has begun, when no `finally` of its own runs, has
 * `leave` called, which ends what it would have read.
 */
export function wrapping<T>(outer: AsyncGenerator<T, void>, leave: () => Promise<unknown>): AsyncGenerator<T, void> {
  let hasBegun = false;
  const [next, end] = [outer.next.bind(outer), outer.return.bind(outer)];
  outer.next = () => {
    hasBegun = true;
    return next();
  };
  outer.return = async (value) => {
    if (!hasBegun) {
      hasBegun = true;
      await leave();
    }
    return end(value);
  };
  return outer;
}

/**
 * Ends a statement whose rows nobody has asked for, which its own generator would not do: that one never began. `left` aborts
 * a signal that the statement was started with.
 */
export async function leaveResult({ batches }: SqlResult, left: AbortController): Promise<void> {
  left.abort(new DOMException("the result was left", "AbortError"));
  await batches.next().catch(() => {}); // it begins, sees the signal, and cancels the statement
  await batches.return();
}
