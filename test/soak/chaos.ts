import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type KernelClient, startKernel } from "../../kernel/cli/client.ts";
import { startTestKernel } from "../kernel/harness.ts";
import { moments } from "./moments.ts";
import { comesTrue, isAlive, openDescriptors, processesWith, runtimesOf } from "./processes.ts";
import { createRandom } from "./random.ts";

/** What came of many kills. */
export interface ChaosResult {
  readonly kills: number;
  /** What was wrong, each with the seed that replays it. */
  readonly wrong: readonly string[];
  /** The longest from a kill until everything under way was answered and a new cell had run; or until all was gone. */
  readonly longestMs: number;
  /** Descriptors of the kernel process after its first kills and at the end. */
  readonly descriptors: readonly [number, number];
}

/** How to kill. */
export interface ChaosOptions {
  readonly kills: number;
  /** Of the first kill; each further one has the next number. */
  readonly seed: number;
  /** Called after each. */
  readonly onKill?: (text: string) => void;
}

// Far more than a kernel takes, on a busy machine too: what takes longer hangs.
const boundMs = 20_000;
const mostDelayMs = 60;
const signals = ["SIGKILL", "SIGKILL", "SIGKILL", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGTERM"] as const;
const names = Object.keys(moments);

function late(text: string, ms = boundMs): Promise<string> {
  return delay(ms, text, { ref: false });
}

function pick<T>(list: readonly T[], random: number): T {
  return list[Math.floor(random * list.length)]!;
}

/** Kills one runtime after another of the same kernel, at moments that the seed determines. */
export async function killRuntimes({ kills, seed, onKill }: ChaosOptions): Promise<ChaosResult> {
  const marker = randomUUID();
  const kernel = await startTestKernel({ env: { TYPHOON_SOAK: marker, TYPHOON_MEMORY: "1GB" } });
  const pid = kernel.process.pid!;
  const wrong: string[] = [];
  let longestMs = 0;
  let settled = 0;

  async function kill(at: number): Promise<void> {
    const random = createRandom(at);
    const name = pick(names, random());
    const by = pick(signals, random());
    const waitMs = random() < 0.3 ? 0 : random() * mostDelayMs;
    const fail = (what: string): void =>
      void wrong.push(`seed ${at} (${name}, ${by} after ${waitMs.toFixed(1)} ms): ${what}`);
    const brought = await Promise.race([moments[name]!(kernel, random), late("hangs on the way to it")]);
    if (typeof brought === "string") return fail(brought);
    await delay(waitMs);
    const victims = runtimesOf(pid);
    const start = performance.now();
    for (const victim of victims) process.kill(victim, by);
    const answered = Promise.all(brought.answers).then(() => undefined);
    const hung = await Promise.race([answered, late("a request has no answer")]);
    if (hung !== undefined) return fail(hung);
    if (!(await comesTrue(() => victims.every((victim) => !isAlive(victim)), boundMs))) fail("the runtime lives on");
    const next = await Promise.race([kernel.run("40 + 2"), late("the next cell hangs")]);
    if (typeof next === "string") return fail(next);
    if (next.result !== "42") fail(`the next cell failed: ${String(next.error)}`);
    const ms = performance.now() - start;
    longestMs = Math.max(longestMs, ms);
    if (!(await comesTrue(() => runtimesOf(pid).length === 1, boundMs))) fail(`${runtimesOf(pid).length} runtimes`);
    if (!(await Promise.race([kernel.heartbeat(), late("").then(() => false)]))) fail("no heartbeat");
    onKill?.(`${at} ${name}, ${by}: ${ms.toFixed(0)} ms`);
  }

  for (let i = 0; i < kills; i += 1) {
    await kill(seed + i);
    if (i === Math.min(kills - 1, 4)) settled = openDescriptors(pid);
  }
  await kernel.run("1"); // the last one's pipes are closed by then
  const descriptors = [settled, openDescriptors(pid)] as const;
  await kernel.shutdown();
  if (!(await comesTrue(() => processesWith(marker).length === 0, boundMs))) {
    wrong.push(`seed ${seed}: processes are left after the shutdown: ${processesWith(marker).join(", ")}`);
  }
  return { kills, wrong, longestMs, descriptors };
}

const argv = [process.execPath, "kernel/main.ts", "{connection_file}"];

/** Kills kernel processes, whose runtimes and what these started must end by themselves. */
export async function killKernels({ kills, seed, onKill }: ChaosOptions): Promise<Omit<ChaosResult, "descriptors">> {
  const wrong: string[] = [];
  let longestMs = 0;

  async function kill(at: number): Promise<void> {
    const random = createRandom(at);
    const marker = randomUUID();
    const name = pick([...names, "starts", "starts"], random());
    const waitMs = random() < 0.3 ? 0 : random() * mostDelayMs * (name === "starts" ? 5 : 1);
    const fail = (what: string): void =>
      void wrong.push(`seed ${at} (${name}, after ${waitMs.toFixed(1)} ms): ${what}`);
    const starting = startKernel(argv, { quiet: true, env: { TYPHOON_SOAK: marker, TYPHOON_HISTORY: ":memory:" } });
    starting.catch(() => {}); // it is killed while it starts
    let kernel: KernelClient | undefined;
    if (name === "starts") await comesTrue(() => processesWith(marker).length > 0, boundMs);
    else {
      kernel = await starting;
      const brought = await Promise.race([moments[name]!(kernel, random), late("hangs on the way to it")]);
      if (typeof brought === "string") fail(brought);
      else for (const answer of brought.answers) answer.catch(() => {}); // nobody answers any more
    }
    await delay(waitMs);
    const start = performance.now();
    const [first] = processesWith(marker);
    const pid = kernel?.process.pid ?? first;
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    if (!(await comesTrue(() => processesWith(marker).length === 0, boundMs))) {
      fail(`processes are left: ${processesWith(marker).join(", ")}`);
    }
    const ms = performance.now() - start;
    longestMs = Math.max(longestMs, ms);
    await kernel?.shutdown();
    onKill?.(`${at} ${name}: ${ms.toFixed(0)} ms`);
  }

  for (let i = 0; i < kills; i += 1) await kill(seed + i);
  return { kills, wrong, longestMs };
}
