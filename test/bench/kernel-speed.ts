import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type KernelClient, startKernel } from "../../kernel/cli/client.ts";
import { format, summarize } from "./statistics.ts";

// Start, round trip and floods of output, side by side with ipykernel and tslab: `node test/bench/kernel-speed.ts [ROUNDS]`.
// The kernels take turns within each round, so that a slow moment of the machine meets all of them.

interface Peer {
  readonly name: string;
  readonly argv: readonly string[];
  /** Prints `lines` lines, and one text of `megabytes` MB. */
  readonly printLines: (lines: number) => string;
  readonly printText: (megabytes: number) => string;
}

const cache = join(homedir(), ".cache", "typhoon-bench");
const python = resolve(".venv/bin/python");

function installTslab(): string {
  const folder = join(cache, "tslab");
  const program = join(folder, "bin/tslab");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  execFileSync("npm", ["install", "--silent", "--global", "--prefix", folder, "tslab@1.0.22"], { stdio: "inherit" });
  return program;
}

const spec = JSON.parse(readFileSync(resolve(".venv/share/jupyter/kernels/typhoon/kernel.json"), "utf8")) as {
  argv: string[];
  env?: Record<string, string>;
};
const js = {
  printLines: (lines: number) => `for (let i = 0; i < ${lines}; i++) console.log("line " + i)`,
  printText: (megabytes: number) => `console.log("x".repeat(${megabytes} * 1000000))`,
};
const peers: readonly Peer[] = [
  { name: "typhoon", argv: spec.argv, ...js },
  {
    name: "ipykernel",
    argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    printLines: (lines) => `for i in range(${lines}): print("line", i)`,
    printText: (megabytes) => `print("x" * ${megabytes} * 1000000)`,
  },
  { name: "tslab", argv: [installTslab(), "kernel", "--config-path", "{connection_file}"], ...js },
];

type Figures = Record<"start" | "restart" | "roundTrip" | "lines" | "text" | "memory", number[]>;

async function timed<T>(work: () => Promise<T>): Promise<[milliseconds: number, value: T]> {
  const start = performance.now();
  const value = await work();
  return [performance.now() - start, value];
}

/** Runs a cell until its reply: tslab loses idle messages. */
const run = (kernel: KernelClient, code: string): Promise<unknown> =>
  kernel.request("execute_request", { code }, { untilIdle: false });

// What has not come by then is lost.
const floodMs = 8_000;

/** Runs a cell until `length` characters of its output have come; returns NaN when some are lost. */
async function runFlood(kernel: KernelClient, code: string, length: number): Promise<number> {
  let left = length;
  const start = performance.now();
  await new Promise<void>((done) => {
    setTimeout(done, floodMs);
    kernel.onPublished(({ content }) => {
      if (typeof content["text"] === "string") left -= content["text"].length;
      if (left <= 0) done();
    });
    kernel.send("execute_request", { code }, { untilIdle: false });
  });
  return left <= 0 ? performance.now() - start : Number.NaN;
}

/** Resident memory of a process in MB. */
function memoryOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

// The cells print more than a notebook is given; a client that counts what arrives wants it all.
const unlimited = { TYPHOON_OUTPUT_TEXT: "none" };

async function startPeer(peer: Peer): Promise<KernelClient> {
  const kernel = await startKernel(peer.argv, {
    env: { ...spec.env, ...unlimited },
    quiet: true,
    greets: peer.name !== "tslab",
  });
  await run(kernel, "1+1");
  return kernel;
}

async function measure(peer: Peer, figures: Figures): Promise<void> {
  const [startMs, kernel] = await timed(() => startPeer(peer));
  figures.start.push(startMs);
  for (let i = 0; i < 20; i += 1) await run(kernel, "1+1"); // warm
  const trips: number[] = [];
  for (let i = 0; i < 100; i += 1) trips.push((await timed(() => run(kernel, "1+1")))[0]);
  figures.roundTrip.push(summarize(trips).median);
  figures.lines.push(await runFlood(kernel, peer.printLines(100_000), 1_088_890));
  figures.text.push(await runFlood(kernel, peer.printText(20), 20_000_001));
  figures.memory.push(memoryOf(kernel.process.pid!));
  const [restartMs, again] = await timed(async () => {
    await kernel.shutdown();
    return startPeer(peer);
  });
  figures.restart.push(restartMs);
  await again.shutdown();
}

const rounds = Number(process.argv[2] ?? 7);
const all = new Map<string, Figures>(
  peers.map(({ name }) => [name, { start: [], restart: [], roundTrip: [], lines: [], text: [], memory: [] }]),
);
for (let round = 0; round < rounds; round += 1) {
  for (const peer of peers) await measure(peer, all.get(peer.name)!);
}

const labels: Record<keyof Figures, string> = {
  start: "cold start to the first reply (ms)",
  restart: "restart to the first reply (ms)",
  roundTrip: "`1+1` round trip (ms)",
  lines: "100,000 printed lines (ms)",
  text: "one text of 20 MB (ms)",
  memory: "kernel process at its peak (MB)",
};
console.log(`median (range) of ${rounds} rounds; ratio = typhoon / peer, median of the rounds' own ratios\n`);
console.log(`| | ${peers.map(({ name }) => name).join(" | ")} | / ipykernel | / tslab |\n|---|${"---:|".repeat(5)}`);
for (const [key, label] of Object.entries(labels) as [keyof Figures, string][]) {
  const own = all.get("typhoon")![key];
  const ratio = (name: string): string => {
    const { median } = summarize(all.get(name)![key].map((value, i) => own[i]! / value));
    return Number.isNaN(median) ? "–" : median.toFixed(2);
  };
  const digits = key === "roundTrip" ? 2 : 0;
  const values = peers.map(({ name }) => format(summarize(all.get(name)![key]), digits));
  console.log(`| ${label} | ${values.join(" | ")} | ${ratio("ipykernel")} | ${ratio("tslab")} |`);
}
process.exit(0);
