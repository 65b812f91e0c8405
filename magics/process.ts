import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { openPipe } from "./pipe.ts";

/** How `runProcess` starts a program and where its output goes. */
export interface ProcessOptions {
  readonly signal: AbortSignal;
  readonly onOutput: (name: "stdout" | "stderr", text: string) => void;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Hands `command` to the system's shell: sh, or cmd on Windows. */
  readonly shell?: boolean;
  /** The user that it runs as, where we are root and it is to be another. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** How a program ended: by itself with `code`, or by a signal. */
export interface Ended {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
}

/** Time that an interrupted program has for its own clean-up before it is killed. */
const graceMs = 400;
const windows = process.platform === "win32";
const running = new Set<ChildProcess>();
const streams = ["stdout", "stderr"] as const;

/**
 * Runs a program to its end, its stdin empty. Aborting the signal ends it with all its children within half a second
 * and rejects with the signal's reason.
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  { signal, onOutput, cwd = process.cwd(), env = process.env, shell = false, user }: ProcessOptions,
): Promise<Ended> {
  signal.throwIfAborted();
  const { child, pipes } = start(command, args, {
    cwd,
    env,
    shell,
    // Its own process group, so that an interrupt reaches every process it starts.
    detached: !windows,
    windowsHide: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  let open = 1 + pipes.length;
  const close = (): void => {
    open -= 1;
    if (open === 0) resolve({ code: child.exitCode, killedBy: child.signalCode });
  };
  child.once("error", reject);
  child.once("exit", close);
  for (const [i, pipe] of pipes.entries()) {
    pipe.setEncoding("utf8").on("data", (text: string) => onOutput(streams[i]!, text));
    pipe.once("close", close);
  }
  let grace: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    stop(child, "SIGINT");
    grace = setTimeout(() => kill(child, pipes), graceMs);
  };
  signal.addEventListener("abort", interrupt, { once: true });
  track(child);
  if (child.pid !== undefined && !windows) listener(child.pid, true);
  try {
    const ended = await promise;
    if (signal.aborted) kill(child, pipes);
    signal.throwIfAborted();
    return ended;
  } finally {
    clearTimeout(grace);
    signal.removeEventListener("abort", interrupt);
    running.delete(child);
    if (!windows && !hasMembers(child)) listener(child.pid!, false);
  }
}

/** Starts a program; `pipes` bring its stdout and stderr. */
function start(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): { readonly child: ChildProcess; readonly pipes: readonly Readable[] } {
  const ends = streams.map(() => openPipe());
  try {
    const child = spawn(command, args, { ...options, stdio: ["ignore", ...ends.map((pipe) => pipe?.write ?? "pipe")] });
    const pipes = ends.map((pipe, i) => {
      if (!pipe) return child.stdio[i + 1] as Readable;
      return new Socket({ fd: pipe.read, readable: true, writable: false }).on("error", () => {});
    });
    return { child, pipes };
  } catch (error) {
    for (const pipe of ends) if (pipe) closeSync(pipe.read);
    throw error;
  } finally {
    for (const pipe of ends) if (pipe) closeSync(pipe.write);
  }
}

let listener: (leader: number, alive: boolean) => void = () => {};

/** Calls back when a program begins that leads a process group of its own, and when nobody of the group is left. */
export function onProcessGroup(listen: (leader: number, alive: boolean) => void): void {
  listener = listen;
}

/** Whether anything runs that a program has started, itself included. */
function hasMembers({ pid }: ChildProcess): boolean {
  try {
    return pid === undefined || process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Says how a program ended, for a message. */
export function describeEnd({ code, killedBy }: Ended): string {
  return killedBy ? `killed by ${killedBy}` : `exit code ${code}`;
}

function kill(child: ChildProcess, pipes: readonly Readable[]): void {
  stop(child, "SIGKILL");
  // A process that left the group may still hold the pipes; the cell does not wait for it.
  for (const pipe of pipes) pipe.destroy();
}

function stop(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (windows) {
    // Windows has no groups and no polite signal; `taskkill /T` follows the tree.
    spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore", windowsHide: true }).on("error", () =>
      child.kill(),
    );
    return;
  }
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    // ESRCH: all are gone already. EPERM: macOS says so of a group of zombies.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

let watching = false;

/** Sees to it that a program does not outlive the runtime that waits for it. */
function track(child: ChildProcess): void {
  running.add(child);
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const left of running) stop(left, "SIGKILL");
  });
}
