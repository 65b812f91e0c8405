import { fileURLToPath } from "node:url";
import workerThreads, { setEnvironmentData } from "node:worker_threads";
import { fence, openInherited } from "./inherited-output.ts";
import type { RunningCell } from "./interrupts.ts";
import { isOwnFile } from "./own-files.ts";
import { captures, outputCell } from "./streams.ts";

// A worker's console reaches the main thread by messages, so nothing is seen while that is busy. A worker of a cell writes
// to the cell's streams by itself: a module that it loads first sees to that (output-worker.ts).

/** What a worker has to know of the cell that started it. */
export interface WorkerOutput {
  readonly cell: string;
  readonly colors: boolean;
  readonly stdout: number;
  readonly stderr: number;
}

/** Under this name a worker finds its `WorkerOutput`. */
export const workerOutputKey = "typhoon.output";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const preload = fileURLToPath(new URL(`./output-worker.${extension}`, import.meta.url));

type Options = Readonly<Record<string, unknown>>;

/** Makes what workers print belong to the cell that starts them, also while the main thread is busy. */
export function takeOverWorkers(colors: boolean): void {
  const { Worker } = workerThreads;
  workerThreads.Worker = new Proxy(Worker, {
    construct(target, [file, given, ...rest]: [unknown, Options?, ...unknown[]], newTarget) {
      const construct = (options: unknown): object =>
        Reflect.construct(target, [file, options, ...rest], newTarget) as object;
      const cell = isOwnFile(String(file)) ? undefined : outputCell();
      // Where the program wants the streams, or a capture does, they go through the main thread.
      if (!cell || given?.["stdout"] === true || given?.["stderr"] === true || captures.get(cell)?.length)
        return construct(given);
      return startWith(cell, colors, given, construct);
    },
  });
}

function startWith(
  cell: RunningCell,
  colors: boolean,
  given: Options | undefined,
  construct: (options: unknown) => object,
): object {
  const [stdout, stderr] = [openInherited(cell, "stdout"), openInherited(cell, "stderr")];
  const close = (): void => {
    stdout?.close();
    stderr?.close();
  };
  if (!stdout || !stderr) {
    close();
    return construct(given);
  }
  const output: WorkerOutput = { cell: cell.id, colors, stdout: stdout.fd, stderr: stderr.fd };
  const execArgv = ["--require", preload, ...((given?.["execArgv"] as readonly string[] | undefined) ?? [])];
  setEnvironmentData(workerOutputKey, output);
  try {
    const worker = construct({ ...given, execArgv }) as workerThreads.Worker;
    // Before the listeners of the cell, which may print.
    worker.prependOnceListener("exit", () => {
      close();
      fence([stdout, stderr]);
    });
    return worker;
  } catch (error) {
    close();
    throw error;
  } finally {
    setEnvironmentData(workerOutputKey, undefined);
  }
}
