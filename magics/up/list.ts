import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { processTree } from "./listening.ts";
import { type RunningServer, toRunning } from "./running.ts";
import { listRuns } from "./state.ts";
import { connectSupervisor } from "./supervisor-protocol.ts";

/** A running server as `%ps` lists it. */
export interface ListedServer extends RunningServer {
  /** Memory of all its processes in bytes, what they share counted once; undefined where the system does not tell. */
  readonly memory: number | undefined;
  /** Who wants it to run. */
  readonly askedBy: readonly string[];
}

/** Lists the servers that run, with what they use and who asked for them. */
export async function listServers(): Promise<readonly ListedServer[]> {
  return Promise.all(
    listRuns()
      .filter(({ info }) => info.isReady)
      .map(async (run) => ({
        ...toRunning(run),
        memory: memoryOf(run.processes.map(({ pid }) => pid)),
        askedBy: await askers(run.socket),
      })),
  );
}

async function askers(socket: string): Promise<readonly string[]> {
  try {
    const link = await connectSupervisor(socket);
    try {
      return await link.ask({ type: "status" });
    } finally {
      link.close();
    }
  } catch {
    return []; // it is stopping
  }
}

const kilobyte = 1024;

function memoryOf(pids: readonly number[]): number | undefined {
  try {
    if (process.platform === "linux") {
      return processTree(pids).reduce((sum, pid) => sum + shareOf(pid), 0);
    }
    if (process.platform === "win32") return undefined;
    const printed = execFileSync("ps", ["-o", "rss=", "-p", pids.join(",")], { encoding: "utf8" });
    return printed
      .trim()
      .split(/\s+/)
      .reduce((sum, rss) => sum + Number(rss) * kilobyte, 0);
  } catch {
    return undefined; // they have ended
  }
}

/** The process's share of memory (Pss, see proc(5)), or what is resident where only root may read that. */
function shareOf(pid: number): number {
  for (const [file, pattern] of [
    ["smaps_rollup", /^Pss:\s+(\d+)/m],
    ["status", /^VmRSS:\s+(\d+)/m],
  ] as const) {
    try {
      const found = pattern.exec(readFileSync(`/proc/${pid}/${file}`, "utf8"));
      if (found) return Number(found[1]) * kilobyte;
    } catch {
      // it has ended, or is another user's
    }
  }
  return 0;
}
