import { writeSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { awaitsShutdown, shutDown } from "../../display/shutdown.ts";
import { endGroups } from "./groups.ts";
import { descriptors, encodeFrame } from "./link.ts";
import { replace } from "./replace.ts";
import { send } from "./wire.ts";

// What closing connections may take in all; Jupyter waits five seconds for a kernel's end.
const closeMs = 2_500;

/**
 * Ends this process in good order: closes what waits for it, runs the exit handlers, ends what the cells started.
 * `stopped`: the kernel process wants it, and has not died.
 */
export async function endRuntime(interrupt: () => void, groups: Int32Array, stopped: boolean): Promise<never> {
  // What a dead kernel process can no longer do: end the processes below this one. After the user's own exit handlers.
  // Of a kernel process that has just died the other pipes may still be open.
  alone = !announce() || !stopped;
  if (alone) process.on("exit", () => endGroups(groups));
  interrupt();
  await shutDown(
    closeMs,
    (text) => send({ type: "log", text }),
    (name, isOpen) => send({ type: "close", name, isOpen }),
  );
  process.exit(0);
}

/** Tells the kernel process whether this takes a moment; false where it is gone. */
function announce(): boolean {
  try {
    writeSync(descriptors.out, encodeFrame({ type: "closing", withinMs: awaitsShutdown() ? closeMs : 0 }));
    return true;
  } catch {
    return false;
  }
}

let exitCode: number | undefined;
let alone = false;

/** `process.exit` was called, and the exit handlers are about to run. */
export function noteExit(code: number): void {
  exitCode = code;
}

/** Goes on with an exit whose handlers were broken off; without one, does nothing. The handlers after that are skipped. */
export function finishExit(groups: Int32Array): void {
  if (exitCode === undefined) return;
  if (alone) endGroups(groups);
  process.exit(exitCode);
}

/** An error of an exit handler would reach the caller of `process.exit`, and the process would live on: reports it instead. */
export function keepExiting(report: (error: unknown) => void, groups: Int32Array): void {
  const { exit } = process;
  replace(process, "exit", (code?: number) => {
    try {
      return exit(code);
    } catch (error) {
      // A code that is none throws too, before anything has begun.
      if (exitCode === undefined) throw error;
      try {
        report(error);
      } finally {
        finishExit(groups);
      }
      return undefined;
    }
  });
  syncBuiltinESMExports();
}
