import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { listDescendants } from "../../kernel/runtime/children.ts";

/** Bytes of memory that a process has at the moment; Linux only. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

/** How many descriptors a process has open; Linux only. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/**
 * Process ids of a kernel's runtimes, those that have ended and not been waited for left out. They run the kernel's own
 * program; its other child is the language server. Linux only.
 */
export function runtimesOf(kernel: number): number[] {
  return listDescendants(kernel)
    .filter(({ pid, parent }) => parent === kernel && isAlive(pid) && programOf(pid) === programOf(kernel))
    .map(({ pid }) => pid);
}

/** Process id of a kernel's language server; undefined where none runs. Linux only. */
export function languageServerOf(kernel: number): number | undefined {
  const children = listDescendants(kernel).filter(({ pid, parent }) => parent === kernel && isAlive(pid));
  return children.find(({ pid }) => programOf(pid)?.endsWith("/tsc"))?.pid;
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat[stat.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return false;
  }
}

const pollMs = 20;

/** Resolves with true when it holds, or false when it has not in time: for what no event tells. */
export async function comesTrue(holds: () => boolean, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > giveUpAt) return false;
    await new Promise((done) => setTimeout(done, pollMs));
  }
  return true;
}

/** Process ids of all that has inherited this text in its environment; Linux only. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      return readFileSync(`/proc/${name}/environ`, "utf8").includes(text) && isAlive(Number(name))
        ? [Number(name)]
        : [];
    } catch {
      return []; // it ended meanwhile, or belongs to somebody else
    }
  });
}
