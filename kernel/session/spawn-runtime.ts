import { type ChildProcess, spawn } from "node:child_process";
import { nodeFlags } from "./node-flags.ts";
import { type Settings, machineMemory } from "../settings.ts";

/** How to start a runtime process. */
export interface RuntimeOptions {
  /** File of the runtime's entry module. */
  readonly entry: string;
  /** Node flags beyond those of every runtime (node-flags.ts). */
  readonly nodeFlags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** As they are now; the runtime gets them as environment variables. */
  readonly settings: Settings;
}

/**
 * Spawns a runtime process, with the pipes of `descriptors` (runtime/link.ts) still to be read. It gets none of the flags
 * that Node has refused.
 */
export function spawnRuntime(
  { entry, nodeFlags: more, env, settings }: RuntimeOptions,
  refused: ReadonlySet<string> = new Set(),
): ChildProcess {
  const flags = [...Object.keys(nodeFlags), heapFlag(settings), ...more].filter((flag) => !refused.has(flag));
  return spawn(process.execPath, [...flags, entry], {
    env: { ...env, ...settings.toEnv() },
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    // A group of its own, so that what cells start can be ended with it.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
}

/**
 * V8's own limit ends the process, so it lies beyond the one that ends a cell (runtime/memory-watch.ts) and leaves
 * `%config` room to raise that. V8 does not use more for it: what its heap may grow to depends on what is alive.
 */
function heapFlag(settings: Settings): string {
  const memory = settings.get("memory");
  const most = Math.max(machineMemory(), Number.isFinite(memory) ? memory * 1.25 : 0);
  return `--max-old-space-size=${Math.round(most / 2 ** 20)}`;
}
