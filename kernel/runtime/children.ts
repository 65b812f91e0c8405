import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** A process below this one. */
export interface Descendant {
  readonly pid: number;
  readonly parent: number;
  /** Seconds since it was started. */
  readonly ageSeconds: number;
}

/** Lists the processes below `root`, children first. Empty where the system has no way to tell. */
export function listDescendants(root: number): readonly Descendant[] {
  const all = process.platform === "linux" ? readProc() : process.platform === "win32" ? [] : readPs();
  const byParent = Map.groupBy(all, ({ parent }) => parent);
  const found: Descendant[] = [];
  for (const queue = [...(byParent.get(root) ?? [])]; queue.length > 0;) {
    const next = queue.shift()!;
    found.push(next);
    queue.push(...(byParent.get(next.pid) ?? []));
  }
  return found;
}

const ticksPerSecond = 100; // USER_HZ, fixed at 100 for user space on Linux

/** Fields 4 (parent) and 22 (start, in ticks since boot) of /proc/PID/stat; see proc(5). */
function readProc(): Descendant[] {
  const uptimeSeconds = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const ageSeconds = uptimeSeconds - Number(fields[19]) / ticksPerSecond;
      return [{ pid: Number(name), parent: Number(fields[1]), ageSeconds }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

function readPs(): Descendant[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,etime="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)\s*$/.exec(line);
    if (!match) return [];
    const [pid, parent, days = 0, hours = 0, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
    const ageSeconds = ((days * 24 + hours) * 60 + minutes!) * 60 + seconds!;
    return [{ pid: pid!, parent: parent!, ageSeconds }];
  });
}

/** Time between SIGINT, SIGTERM and SIGKILL: the first may be ignored by inheritance. */
export const signalMs = 150;
/** The signals that end a child, in this order. */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGKILL"] as const;

/** Signals a process that may have ended meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended meanwhile, or is not ours to end
  }
}
