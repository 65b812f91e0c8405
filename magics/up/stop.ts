import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ServerFailure } from "./failure.ts";
import { withLock } from "./lock.ts";
import { serverFolder, serversFolder } from "./places.ts";
import { type ProcessIdentity, isRunning } from "./process-identity.ts";
import { type Run, readRun, runFile, serverNames } from "./state.ts";
import { connectSupervisor } from "./supervisor-protocol.ts";

/** What came of stopping a server. */
export interface Stopped {
  readonly wasRunning: boolean;
  /** Whether there was data, and it was deleted. */
  readonly isPurged: boolean;
}

/** Stops a server, whoever asked for it; with `purge` its data goes too. */
export async function stopServer(name: string, signal: AbortSignal, purge = false): Promise<Stopped> {
  const folder = serverFolder(name);
  if (!serverNames().includes(name)) throw unknownServer(name);
  const wasRunning = await endRun(folder, signal);
  if (!purge) return { wasRunning, isPurged: false };
  await withLock(lockFile(name), signal, async () => {
    await endRun(folder, signal);
    await removeServer(name);
  });
  return { wasRunning, isPurged: true };
}

/** Says which servers there are, where the one that was named is none. */
export function unknownServer(name: string): ServerFailure {
  const names = serverNames();
  const known =
    names.length > 0 ? `There ${names.length > 1 ? "are" : "is"} ${names.join(", ")}` : "None was ever started";
  return new ServerFailure(`there is no server "${name}". ${known}`);
}

/** The file that is locked by whoever starts a server or deletes its data. */
export function lockFile(name: string): string {
  return join(serversFolder(), `${name}.lock`);
}

/** Deletes all that there is of a server; whoever calls this holds its lock. */
export async function removeServer(name: string): Promise<void> {
  await rm(serverFolder(name), { recursive: true, force: true });
  await rm(lockFile(name), { force: true }).catch(() => {}); // Windows deletes no file that is open
}

/** Ends what runs of a server and waits for it; false where nothing ran. */
export async function endRun(folder: string, signal: AbortSignal): Promise<boolean> {
  const run = readRun(folder);
  if (!run) return false;
  if (isRunning(run.supervisor)) {
    const link = await connectSupervisor(run.socket).catch(() => undefined);
    if (link) {
      await link.ask({ type: "stop" }).catch(() => {}); // it was stopping already
      link.close();
    } else signalProcess(run.supervisor.pid, "SIGTERM");
    await untilEnded(run.supervisor, signal);
  }
  await endOrphans(run, signal);
  await rm(runFile(folder), { force: true });
  return true;
}

/** Ends the programs of a supervisor that was killed; a process that has got the id of one since is left alone. */
async function endOrphans({ processes }: Run, signal: AbortSignal): Promise<void> {
  for (const one of processes) {
    if (!isRunning(one)) continue;
    signalProcess(one.pid, "SIGINT");
    signalProcess(one.pid, "SIGTERM");
    await untilEnded(one, signal);
  }
}

const pollMs = 10;
const graceMs = 10_000;

async function untilEnded(one: ProcessIdentity, signal: AbortSignal): Promise<void> {
  const killAt = performance.now() + graceMs;
  // No event tells of the end of a process that is not our child.
  while (isRunning(one)) {
    if (performance.now() > killAt) signalProcess(one.pid, "SIGKILL");
    await delay(pollMs, undefined, { signal });
  }
}

function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended just now
  }
}
