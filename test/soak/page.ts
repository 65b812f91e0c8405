import type { ChaosResult } from "./chaos.ts";
import type { Latency } from "./latency.ts";
import { type Sample, type SoakResult, figures, growth } from "./soak.ts";

/** All that `npm run soak` has found. */
export interface Findings {
  readonly machine: string;
  readonly seed: number;
  /** Without and with runtimes that end now and then. */
  readonly whole: SoakResult;
  readonly restarted: SoakResult;
  readonly runtimes: ChaosResult;
  readonly kernels: Omit<ChaosResult, "descriptors">;
  readonly latency: readonly Latency[];
}

// The bars: growth after the first thousand cells, and answers while a cell spins and prints.
const mostGrowth = 0.2;
const mostMs = 50;
const spareDescriptors = 2;

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const percent = (part: number): string => `${part >= 0 ? "+" : "−"}${Math.abs(part * 100).toFixed(1)} %`;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const align = head.map((_, i) => (i === 0 ? "---" : "---:"));
  return [head, align, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function memoryTable({ samples }: SoakResult): string {
  const shown = (sample: Sample): (string | number)[] => [
    sample.cells.toLocaleString("en"),
    ...figures.map((name) => megabytes(sample[name])),
    sample.descriptors,
  ];
  const grown = ["growth", ...figures.map((name) => percent(growth(samples, name, 1_000))), ""];
  const head = [
    "cells",
    "kernel heap",
    "kernel process",
    "runtime heap",
    "runtime process",
    "language server",
    "kernel's descriptors",
  ];
  return table(head, [...samples.map(shown), grown]);
}

/** Writes the page and says what is beyond its bar. */
export function toPage(found: Findings): { readonly page: string; readonly wrong: readonly string[] } {
  const { whole, restarted, runtimes, kernels, latency } = found;
  const grown = (name: string, { samples }: SoakResult): string[] =>
    figures.flatMap((figure) => {
      const part = growth(samples, figure, 1_000);
      return part > mostGrowth ? [`${name}: ${figure} grew by ${percent(part)}`] : [];
    });
  const slow = latency.flatMap(({ cell, heartbeat, control }) =>
    [heartbeat, control].some(({ p99 }) => p99 > mostMs) ? [`answers are late while a cell ${cell}`] : [],
  );
  const leaked = runtimes.descriptors[1] > runtimes.descriptors[0] + spareDescriptors ? ["descriptors leak"] : [];
  const wrong = [
    ...grown("one runtime", whole),
    ...grown("many runtimes", restarted),
    ...[whole, restarted, runtimes, kernels].flatMap((part) => part.wrong),
    ...slow,
    ...leaked,
  ];
  const ms = (value: number): string => value.toFixed(1);
  const latencyRows = latency.map(({ cell, heartbeat, control }) => [
    cell,
    ...[heartbeat, control].flatMap(({ p50, p99, most }) => [ms(p50), ms(p99), ms(most)]),
  ]);
  const page = `# Reliability

Measured by \`npm run soak\`, which writes this page and fails where a bar is not met; \`npm test\` runs a short form. ${found.machine}; seed ${found.seed}, with which \`TYPHOON_SEED=${found.seed} npm run soak\` runs the same cells and kills.

## Memory in a long session

10,000 cells one after the other, of ${whole.kinds} kinds in random order: values, functions, classes, prints, tables, updates, errors, timers and listeners left behind, late output, unhandled rejections, imports, magics, \`%%capture\`, progress, comms with bytes, widgets, subshells, questions, completions, child processes, buffers of 5 MB, bursts of text, and interrupts of code that awaits, spins or prints. Each is checked by the language server before it counts as done. MB after garbage collection; the bar is 20 % after the first thousand.

In one runtime:

${memoryTable(whole)}

With the runtime ended after every 250 cells, by \`process.exit\`, \`abort\` or SIGKILL in turn; what it has is that of the runtime of the moment:

${memoryTable(restarted)}

## Kills at random moments

| what is killed | kills | failures | longest until all was well (ms) |
| --- | ---: | ---: | ---: |
| the runtime, by SIGKILL, SIGSEGV, SIGABRT, SIGBUS or SIGTERM | ${runtimes.kills} | ${runtimes.wrong.length} | ${runtimes.longestMs.toFixed(0)} |
| the kernel process, by SIGKILL | ${kernels.kills} | ${kernels.wrong.length} | ${kernels.longestMs.toFixed(0)} |

The moments: while the runtime starts, compiles, spins, awaits, prints (also below JavaScript and from children), displays, asks for input, is interrupted once or twice, runs subshells, exchanges messages of comms, answers completions, has cells queued, has workers or children, fills its memory, right after a cell, and idle.

- After the end of a runtime every request is answered and idle is said, the next cell gives its value, the heartbeat echoes, there is one runtime, and the kernel process has as many descriptors as before (${runtimes.descriptors[0]} and ${runtimes.descriptors[1]}). All is well when the next cell has run, which includes the start of a runtime.
- After the end of a kernel process its runtime and all that this has started end by themselves: at once, or 4 s later where a cell spins.
- One gap is known: a program of \`%sh\` lives on where its runtime is killed in the millisecond in which it starts that program.

\`node test/soak/main.ts --kill SEED\` and \`--kill-kernel SEED\` replay one that failed.

## Answers while a cell is busy

Milliseconds until the heartbeat echoes and until \`kernel_info_request\` is answered on control; the bar is 50 ms for 99 of 100.

${table(["while a cell …", "heartbeat p50", "p99", "longest", "control p50", "p99", "longest"], latencyRows)}
`;
  return { page, wrong };
}
