import { formatDuration } from "../duration.ts";
import { MagicError } from "../magic.ts";

/** Runs work that is aborted after `ms`; the error then says so. */
export async function withTimeout<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(ms);
  try {
    return await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    throw new MagicError(
      "sql",
      `the query took longer than ${formatDuration(ms / 1000)} and was cancelled. Give --timeout more, or ask for less`,
      { name: "TimeoutError", cause: error },
    );
  }
}
