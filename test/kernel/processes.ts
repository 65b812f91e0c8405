import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
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

/** Stops a process with SIGSTOP; resolves once every thread of it stands: until then it may still answer. */
export async function halted(pid: number | undefined): Promise<void> {
  process.kill(pid!, "SIGSTOP");
  while (!threadStatesOf(pid!).every((state) => state === "T")) await delay(1); // no event tells of it
}

/** The state of each thread, as proc(5) names them; where there is no /proc, the signal alone must do. */
function threadStatesOf(pid: number): string[] {
  if (process.platform !== "linux") return [];
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).map((id) => /\) (\w)/.exec(readFileSync(`${tasks}/${id}/stat`, "utf8"))![1]!);
}
