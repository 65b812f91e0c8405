import { setTimeout as delay } from "node:timers/promises";
import { parseArguments, usageError, wholeNumber } from "./arguments.ts";
import { untilAborted } from "./abort.ts";
import { formatDuration } from "./duration.ts";
import type { Magic } from "./magic.ts";

/** What `const t = %timeit …` gives; times in seconds per loop. */
export interface Timing {
  readonly mean: number;
  readonly deviation: number;
  readonly best: number;
  readonly worst: number;
  readonly loops: number;
  readonly runs: number;
}

type Code = () => Promise<unknown>;

/** Length of a run below which its loop count is still raised. */
const leastRunMs = 200;
/** Longest stretch without a turn of the event loop, where an interrupt can arrive. */
const stretchMs = 50;
/** Loops after which the cost of calling code is known well enough. */
const mostIdleLoops = 1_000_000;

/** `%timeit` runs code many times and prints the mean and the spread. */
export const timeit: Magic = {
  name: "timeit",
  summary: "%timeit [-n LOOPS] [-r RUNS] CODE  run code (%%timeit the cell) many times and print the mean time",
  line: "code",
  cell: "code",
  takes: { options: { "-n": [], "-r": [] } },
  help: `Runs code in \`-r\` runs (7) of \`-n\` loops each (as many as take 0.2 s) and prints mean and standard deviation of the runs.
Async code is awaited. What calling the code costs by itself is measured and taken off.

\`\`\`ts
%timeit values.toSorted()
%timeit -n 1 -r 3 await fetch(url)
// in seconds; also deviation, best, worst, loops, runs:
const { mean } = %timeit JSON.stringify(rows)
\`\`\``,
  async run({ line, code, source, assigned }, { output, signal }) {
    const { options } = parseArguments(timeit, line, { options: { loops: ["-n"], runs: ["-r"] } });
    if (!code || source?.trim() === "") throw usageError(timeit, "there is no code to time");
    const runs = wholeNumber(timeit, "-r", options.runs ?? "7");
    const given = options.loops === undefined ? undefined : wholeNumber(timeit, "-n", options.loops);
    const loops = given ?? (await findLoops(code, signal));
    const idleLoops = Math.min(loops, mostIdleLoops);
    const idleMs = (await repeat(async () => {}, idleLoops, signal)) / idleLoops;
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const ms = await repeat(code, loops, signal);
      times.push(Math.max(0, ms / loops - idleMs) / 1e3);
    }
    const timing = summarize(times, loops);
    if (assigned) return timing;
    output.stream("stdout", `${format(timing, idleMs / 1e3)}\n`);
    return undefined;
  },
};

/** Raises the loop count through 1, 2, 5, 10, … until a run is long enough to be measured well. */
async function findLoops(code: Code, signal: AbortSignal): Promise<number> {
  for (let ten = 1; ; ten *= 10) {
    for (const loops of [ten, 2 * ten, 5 * ten]) {
      if ((await repeat(code, loops, signal)) >= leastRunMs) return loops;
    }
  }
}

/** Returns the milliseconds that `loops` calls took, without the turns of the event loop between stretches. */
async function repeat(code: Code, loops: number, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (let done = 0; done < loops;) {
    await delay(0, undefined, { signal });
    const start = performance.now();
    const stretch = untilLong(code, loops - done, start + stretchMs);
    done += await untilAborted(signal, stretch);
    total += performance.now() - start;
  }
  return total;
}

/** Calls code up to `loops` times, or until `end` has passed; returns how often. */
async function untilLong(code: Code, loops: number, end: number): Promise<number> {
  let done = 0;
  while (done < loops) {
    await code();
    done++;
    // Asking for the time costs as much as a small loop, so not at each one.
    if ((done & 63) === 0 && performance.now() > end) break;
  }
  return done;
}

function summarize(times: readonly number[], loops: number): Timing {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length;
  return {
    mean,
    deviation: Math.sqrt(variance),
    best: Math.min(...times),
    worst: Math.max(...times),
    loops,
    runs: times.length,
  };
}

function format({ mean, deviation, runs, loops }: Timing, idle: number): string {
  const how = `(mean ± std. dev. of ${count(runs, "run")}, ${count(loops, "loop")} each)`;
  // Below a tenth of the call's own cost the difference is noise.
  const below = mean < idle / 10 ? `less than ${formatDuration(idle / 10)} per loop, too fast to tell ` : undefined;
  return `${below ?? `${formatDuration(mean)} ± ${formatDuration(deviation)} per loop `}${how}`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
