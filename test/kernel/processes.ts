import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** Process ids of the language servers that a process has started. */
export function serversOf(parent: number | undefined): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [pid, above, ...args] = line.trim().split(/\s+/);
    return Number(above) === parent && args.includes("--lsp") ? [Number(pid)] : [];
  });
}

/** Resolves once a process has ended. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(10); // no event tells of the end of a process that is not a child of this one
  }
}
