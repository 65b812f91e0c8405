import { writeSync } from "node:fs";
import process from "node:process";
import { awaitsShutdown, shutDown } from "../../display/shutdown.ts";
import { endGroups } from "./groups.ts";
import { descriptors, encodeFrame } from "./link.ts";
import { send } from "./wire.ts";

// What closing connections may take in all; Jupyter waits five seconds for a kernel's end.
const closeMs = 2_500;

/** Ends this process in good order: closes what waits for it, runs the exit handlers, ends what the cells started. */
export async function endRuntime(interrupt: () => void, groups: Int32Array): Promise<never> {
  // What a dead kernel process can no longer do: end the processes below this one. After the user's own exit handlers.
  if (!announce()) process.on("exit", () => endGroups(groups));
  interrupt();
  await shutDown(closeMs, (text) => send({ type: "log", text }));
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
