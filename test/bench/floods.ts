import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type KernelClient, startKernel } from "../../kernel/cli/client.ts";

// Floods of output, beside ipykernel: time, peak memory, what reaches a front end, and how fast heartbeats and
// kernel_info on control are answered meanwhile: `node test/bench/floods.ts [NAME…]`.

/** A cell in both languages; one without an end is interrupted after some seconds. */
interface Flood {
  readonly name: string;
  readonly typescript: string;
  readonly python?: string;
  readonly endless?: boolean;
}

const floods: readonly Flood[] = [
  {
    name: "a million lines",
    typescript: 'for (let i = 0; i < 1e6; i++) console.log("line " + i)',
    python: 'for i in range(1000000): print("line", i)',
  },
  {
    name: "a line of 200 MB",
    typescript: 'console.log("x".repeat(200e6))',
    python: 'print("x" * 200_000_000)',
  },
  {
    name: "10,000 displays",
    typescript: "for (let i = 0; i < 10_000; i++) display(i)",
    python: "for i in range(10_000): display(i)",
  },
  {
    name: "prints without end",
    typescript: 'for (;;) console.log("a line of text")',
    python: 'while True: print("a line of text")',
    endless: true,
  },
  {
    name: "displays without end",
    typescript: 'for (;;) display("a text")',
    python: 'while True: display("a text")',
    endless: true,
  },
  {
    name: "updates without end",
    typescript: "const shown = display(0)\nfor (let i = 0; ; i++) shown.update(i)",
    python: "shown = display(0, display_id=True)\ni = 0\nwhile True:\n  i += 1; shown.update(i)",
    endless: true,
  },
  {
    name: "an animation without end",
    typescript: 'for (let i = 0; ; i++) { display.clear({ wait: true }); console.log("picture " + i) }',
    python:
      'from IPython.display import clear_output\ni = 0\nwhile True:\n  i += 1; clear_output(wait=True); print("picture", i)',
    endless: true,
  },
  {
    name: "a child's `yes`",
    typescript: 'import { execSync } from "node:child_process"\nexecSync("yes", { stdio: "inherit" })',
    python: "!yes",
    endless: true,
  },
];

const endlessMs = 5_000;
const patienceMs = 60_000;

const kernels = {
  typhoon: [process.execPath, resolve("dist/kernel/main.js"), "{connection_file}"],
  ipykernel: [resolve(".venv/bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
};

function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

function quantile(values: readonly number[], part: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(0);
}

/** Asks again and again until the signal; returns how long each answer took, in ms. */
async function probe(ask: () => Promise<unknown>, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!signal.aborted) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
    await delay(10);
  }
  return times;
}

async function measure(name: keyof typeof kernels, code: string, endless: boolean): Promise<string> {
  const kernel: KernelClient = await startKernel(kernels[name], {
    quiet: true,
    env: { TYPHOON_HISTORY: ":memory:" },
  });
  await kernel.request("execute_request", { code: "1" });
  const { pid } = kernel.process;
  const [runtime] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  let messages = 0;
  let bytes = 0;
  const start = performance.now();
  const { answer } = kernel.send(
    "execute_request",
    { code },
    {
      onPublished: ({ content }) => {
        messages += 1;
        bytes += JSON.stringify(content).length;
      },
    },
  );
  const end = new AbortController();
  const beats = probe(() => kernel.heartbeat(), end.signal);
  const asks = probe(
    () => kernel.request("kernel_info_request", {}, { channel: "control", untilIdle: false }),
    end.signal,
  );
  let interruptedAt: number | undefined;
  if (endless) {
    await delay(endlessMs);
    interruptedAt = performance.now();
    // ipykernel asks to be interrupted by a signal.
    if (name === "ipykernel") kernel.process.kill("SIGINT");
    else void kernel.request("interrupt_request", {}, { channel: "control", untilIdle: false });
  }
  const timer = new AbortController();
  const ended = await Promise.race([answer.then(() => true), delay(patienceMs, false, { signal: timer.signal })]);
  timer.abort();
  const took = performance.now() - (interruptedAt ?? start);
  end.abort();
  const [beat, info] = await Promise.all([beats, asks]);
  const memory = [pid!, ...(runtime === undefined || name === "ipykernel" ? [] : [runtime])].map((id) =>
    peakMb(id).toFixed(0),
  );
  kernel.process.kill(name === "typhoon" ? "SIGTERM" : "SIGKILL");
  const p = (times: readonly number[]): string => `${quantile(times, 0.5)} / ${quantile(times, 0.99)}`;
  const time = ended ? `${(took / 1_000).toFixed(2)} s` : `over ${patienceMs / 1_000} s`;
  return `${time} | ${memory.join(" + ")} MB | ${(bytes / 1e6).toFixed(1)} MB, ${messages} | ${p(beat)} ms | ${p(info)} ms`;
}

const wanted = process.argv.slice(2);
console.log(
  "| flood | kernel | time, or from the interrupt to idle | peak memory | sent, messages | heartbeat p50 / p99 | kernel_info p50 / p99 |",
);
console.log(`|${"---|".repeat(7)}`);
for (const { name, typescript, python, endless = false } of floods) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`| ${name} | typhoon | ${await measure("typhoon", typescript, endless)} |`);
  if (python !== undefined) console.log(`| | ipykernel | ${await measure("ipykernel", python, endless)} |`);
}
process.exit(0);
