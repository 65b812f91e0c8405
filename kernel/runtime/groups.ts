import { spawnSync } from "node:child_process";
import process from "node:process";

/** Process groups of the programs that magics run, which have groups of their own so that interrupts reach all of them. */
export interface Groups {
  /** Ids of the groups, in memory that threads share; 0 where there is none. */
  readonly leaders: Int32Array;
  /** A group has begun, or nobody of it is left. */
  note(leader: number, alive: boolean): void;
}

// Beyond these, a program is ended by the kernel process and the runtime's exit handler only.
const mostGroups = 256;

/** Creates an empty list. */
export function createGroups(): Groups {
  const leaders = new Int32Array(new SharedArrayBuffer(4 * mostGroups));
  return {
    leaders,
    note(leader, alive) {
      const at = leaders.indexOf(alive ? 0 : leader);
      if (at >= 0) leaders[at] = alive ? leader : 0;
    },
  };
}

/** Ends these groups, this process and all that it has started, but for what was given a group by the user. */
export function endGroups(leaders: Int32Array): void {
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(process.pid), "/T", "/F"]);
    return;
  }
  for (const leader of leaders) if (leader !== 0) endGroup(leader);
  endGroup(process.pid);
  process.kill(process.pid, "SIGKILL"); // it was started by hand and leads no group
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // nobody is left
  }
}
