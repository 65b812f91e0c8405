import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { formatBytes } from "../setting-kinds.ts";
import { trimMemory } from "./trim.ts";

/** What the main thread shares for the watch of its memory. */
export interface MemoryShare {
  /** [0]: bytes that the process may use; a change applies at once. */
  readonly limit: Float64Array;
  /** An expression of the main realm that calls the garbage collector. */
  readonly collect: string;
}

/** What the watch of the runtime's memory needs. */
export interface MemoryWatchOptions extends MemoryShare {
  /** Asks the main thread by the inspector. */
  post(method: string, params?: object): Promise<unknown>;
  /** Tells the person that the limit is near. */
  warn(text: string): void;
  /** Ends what runs; resolves when that is done. */
  stop(bytes: number): Promise<void>;
}

// Near the limit, garbage must be told from what is in use, which costs a collection: at most this share of the time.
const collectingShare = 0.2;
const warnAt = 0.8;
const warnAgainBelow = 0.7;
const trimEveryMs = 1_000;
// A notebook that is over its limit after its cell was ended gets this much more, in which to free what it keeps.
const extraShare = 1 / 16;
const leastExtra = 128 * 2 ** 20;
const bytesPerMs = 4 * 2 ** 20; // the fastest that memory is filled; sets how often to look
const [soonestMs, latestMs] = [20, 500];
// A main thread that has not collected within this time may be blocked; then memory is looked at in steps.
const [blockedMs, stepMs] = [300, 50];

/**
 * Watches the memory of the whole process, buffers and native libraries included: warns as it comes near the limit, and
 * ends the running code beyond it, before V8 or the system would end the process with all variables.
 */
export async function watchMemory({ limit, collect, post, warn, stop }: MemoryWatchOptions): Promise<never> {
  let warned = false;
  let stoppedAt = 0;
  let nextLook = 0;
  let nextTrim = 0;

  /** Returns the memory in use, after a collection of garbage. */
  async function collectAndRead(): Promise<number> {
    await post("Runtime.evaluate", { expression: collect, silent: true });
    await trimMemory();
    const heap = (await post("Runtime.getHeapUsage")) as { usedSize: number; totalSize: number };
    // V8 gives free pages back to the system later only.
    return readUse() - (heap.totalSize - heap.usedSize);
  }

  /** Tells use from garbage; a buffer is freed for certain in the collection after the one that found it dead. */
  async function collectTwice(enough: number): Promise<number> {
    const used = await collectAndRead();
    return used >= enough ? await collectAndRead() : used;
  }

  /**
   * Nothing answers while native code blocks, such as `execSync` that reads without end. That garbage is among what is used
   * then does not matter once memory grows beyond what a notebook is given to free what it keeps.
   */
  async function growth(extra: number, signal: AbortSignal): Promise<number> {
    const from = readUse();
    let used = from;
    for (let ms = blockedMs; used < from + extra && !signal.aborted; ms = stepMs) {
      await delay(ms);
      used = readUse();
    }
    return used;
  }

  async function measure(enough: number, extra: number): Promise<number> {
    const began = performance.now();
    const answered = new AbortController();
    try {
      return await Promise.race([collectTwice(enough), growth(extra, answered.signal)]);
    } finally {
      answered.abort();
      const now = performance.now();
      nextLook = now + (now - began) / collectingShare;
    }
  }

  for (;;) {
    const most = limit[0]!;
    const bytes = readUse();
    if (bytes < most * warnAgainBelow) warned = false;
    else if (warned && performance.now() >= nextTrim) {
      await trimMemory();
      nextTrim = performance.now() + trimEveryMs;
    }
    if (bytes < most) stoppedAt = 0;
    const extra = Math.max(most * extraShare, leastExtra);
    const ceiling = stoppedAt === 0 ? most : stoppedAt + extra;
    const isOver = bytes >= ceiling;
    if ((isOver || (bytes >= most * warnAt && !warned)) && performance.now() >= nextLook) {
      const used = await measure(isOver ? ceiling : most * warnAt, extra).catch(() => 0); // the main thread is about to end
      if (used >= ceiling) {
        stoppedAt = used;
        warned = true;
        await stop(used);
      } else if (used >= most * warnAt && !warned) {
        warned = true;
        warn(nearLimit(used, most));
      }
    }
    await delay(Math.min(latestMs, Math.max(soonestMs, (ceiling - bytes) / bytesPerMs)));
  }
}

/** Memory of the process in bytes; 0 where the system does not say, as when a cell has opened all files it may. */
function readUse(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

function nearLimit(used: number, most: number): string {
  return (
    `typhoon: this notebook uses ${formatBytes(used)} of memory and may use ${formatBytes(most)}; beyond that, the ` +
    `running cell is ended. \`%config memory = ${formatBytes(most * 2)}\` raises the limit.\n`
  );
}
