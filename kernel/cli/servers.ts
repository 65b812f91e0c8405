import { performance } from "node:perf_hooks";
import { isServerFailure } from "../../magics/up/failure.ts";
import { CommandError } from "./command.ts";

/** Makes a failure that the reader can mend one of the command line. */
export async function asCommand<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isServerFailure(error)) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

const interruptedCode = 130;

/** Does work that Ctrl+C breaks off, and returns the exit code. */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, interrupt);
  try {
    await work(controller.signal);
    return 0;
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    console.error("stopped");
    return interruptedCode;
  } finally {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, interrupt);
  }
}

/** Does work that takes a while and says so, and how long it took. */
export async function showStep<T>(label: string, _folder: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const isTerminal = process.stderr.isTTY;
  process.stderr.write(isTerminal ? `${label} …` : `${label} …\n`);
  const done = await work();
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stderr.write(isTerminal ? `\r\u001B[K${label}: ${seconds} s\n` : `${label}: ${seconds} s\n`);
  return done;
}
