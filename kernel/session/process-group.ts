import { type ChildProcess, spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

// Time between SIGTERM and SIGKILL; a database that a cell started writes its log meanwhile.
const graceMs = 300;
const pollMs = 10;

/** Ends a process that leads a group, at once. On Windows, which has no groups, those below it too. */
export function killLeader(child: ChildProcess): void {
  if (process.platform === "win32" && child.pid !== undefined && child.exitCode === null) {
    spawnSync("taskkill", ["/pid", String(child.pid), "/T", "/F"], { windowsHide: true });
  } else child.kill("SIGKILL");
}

/**
 * Ends what is left of a group whose leader has ended: the processes that cells started, and those started by them. One
 * that has a group of its own (`detached: true`, `setsid`, `nohup setsid …`) was meant to live on, and does.
 */
export async function endGroup(leader: number | undefined): Promise<void> {
  if (leader === undefined || process.platform === "win32" || !signalGroup(leader, "SIGTERM")) return;
  const giveUpAt = performance.now() + graceMs;
  // No event tells the end of processes that are not our children.
  while (performance.now() < giveUpAt) {
    await delay(pollMs);
    if (!signalGroup(leader, 0)) return;
  }
  signalGroup(leader, "SIGKILL");
}

/** Returns false where the group has nobody left. */
function signalGroup(leader: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
