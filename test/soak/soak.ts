import { see } from "../kernel/harness.ts";
import { type Step, kindAt, kinds } from "./cells.ts";
import { startWatchedKernel } from "./kernel-heap.ts";
import { languageServerOf, openDescriptors, residentBytes, runtimesOf } from "./processes.ts";
import { createRandom } from "./random.ts";

/** The memory of all processes after so many cells, in bytes, and the kernel process's open descriptors. */
export interface Sample {
  readonly cells: number;
  readonly kernelHeap: number;
  readonly kernelResident: number;
  readonly runtimeHeap: number;
  readonly runtimeResident: number;
  /** Of the language server, which checks the types of each cell. */
  readonly serverResident: number;
  readonly descriptors: number;
}

/** The figures of a sample that must not grow. */
export const figures = ["kernelHeap", "kernelResident", "runtimeHeap", "runtimeResident", "serverResident"] as const;

/** How to soak a kernel. */
export interface SoakOptions {
  readonly cells: number;
  /** Determines which cells come in which order. */
  readonly seed: number;
  /** The runtime is ended and replaced after so many cells each; never unless given. */
  readonly restartEvery?: number;
  /** Memory is looked at after so many cells each. */
  readonly sampleEvery: number;
  readonly onSample?: (sample: Sample) => void;
}

/** What a soak found. */
export interface SoakResult {
  readonly samples: readonly Sample[];
  /** How many kinds of cells there were. */
  readonly kinds: number;
  /** Cells whose outcome was not as it should be, with seed and number. */
  readonly wrong: readonly string[];
}

const ends = ["process.exit(1)", "process.abort()", "process.kill(process.pid, 'SIGKILL')"];

// A collection as under pressure: V8 gives back the pages that it keeps for new objects, up to 50 MB, which would hide growth.
const usage = `{ const v8 = require("node:v8");
  v8.setFlagsFromString("--expose-gc");
  globalThis[Symbol.for("soak.collect")] ??= require("node:vm").runInNewContext("gc");
  await new Promise((done) => setTimeout(done, 60));
  for (let n = 0; n < 3; n++) {
    globalThis[Symbol.for("soak.collect")]({ type: "major", execution: "sync", flavor: "last-resort" });
    await new Promise((done) => setTimeout(done, 5));
  } }
JSON.stringify(process.memoryUsage())`;

// Far more than any cell of the mix takes, on a busy machine too.
const answerMs = 30_000;

function serverBytes(kernel: number): number {
  const server = languageServerOf(kernel);
  return server === undefined ? 0 : residentBytes(server);
}

/** What is awaited, or what to say where it takes longer. */
async function within<T>(ms: number, awaited: Promise<T>, late: string): Promise<T | string> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((done) => (timer = setTimeout(() => done(late), ms)));
  const first = await Promise.race([awaited, limit]);
  clearTimeout(timer);
  return first;
}

/** Runs a session of random cells and looks at the memory of both processes as it goes. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const watched = await startWatchedKernel();
  const { kernel } = watched;
  const random = createRandom(options.seed);
  const samples: Sample[] = [];
  const wrong: string[] = [];
  const run: Step["run"] = async (code, extra = {}) =>
    see(await kernel.request("execute_request", { code, allow_stdin: false, ...extra }));

  async function sample(cells: number): Promise<void> {
    const { result } = await run(usage);
    const runtime = JSON.parse(String(result).slice(1, -1)) as NodeJS.MemoryUsage;
    const taken: Sample = {
      cells,
      kernelHeap: await watched.heapBytes(),
      kernelResident: residentBytes(kernel.process.pid!),
      runtimeHeap: runtime.heapUsed,
      runtimeResident: runtime.rss,
      serverResident: serverBytes(kernel.process.pid!),
      descriptors: openDescriptors(kernel.process.pid!),
    };
    samples.push(taken);
    options.onSample?.(taken);
  }

  for (let i = 1; i <= options.cells; i += 1) {
    const name = kindAt(random());
    const problem = await within(answerMs, kinds[name]!({ kernel, i, run }), `no answer to a cell of kind ${name}`);
    if (problem !== undefined) wrong.push(`seed ${options.seed}, cell ${i}: ${problem}`);
    if (i % options.sampleEvery === 0) await sample(i);
    if (options.restartEvery !== undefined && i % options.restartEvery === 0) {
      await run(ends[Math.floor(random() * ends.length)]!);
      const { result } = await run("1");
      if (result !== "1") wrong.push(`seed ${options.seed}, cell ${i}: no value after a restart`);
    }
  }
  const alive = runtimesOf(kernel.process.pid!);
  if (alive.length !== 1) wrong.push(`seed ${options.seed}: ${alive.length} runtimes at the end`);
  await kernel.shutdown();
  return { samples, kinds: Object.keys(kinds).length, wrong };
}

/** How much a figure has grown from the sample at `from` cells to the last, as a part of what it was. */
export function growth(samples: readonly Sample[], figure: keyof Sample, from: number): number {
  const start = samples.find(({ cells }) => cells >= from)!;
  return samples.at(-1)![figure] / start[figure] - 1;
}
