import { type ChildProcess, spawn } from "node:child_process";
import { type Settings, machineMemory } from "../settings.ts";

/** How to start a runtime process. */
export interface RuntimeOptions {
  /** File of the runtime's entry module. */
  readonly entry: string;
  /** Node flags beyond those that the runtime needs. */
  readonly nodeFlags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** As they are now; the runtime gets them as environment variables. */
  readonly settings: Settings;
}

// Termination by the inspector leaves async hooks' stack unbalanced, which Node would take for a fatal fault.
// Turboshaft takes a loop's stack check away if the loop in its body is short, and with it every interrupt (V8 13.6).
// Node's list of loaded modules is among its internals: old versions of edited files are taken off it (module-cache.ts).
const flags = [
  "--expose-internals",
  "--no-force-async-hooks-checks",
  "--no-turboshaft-loop-unrolling",
  "--disable-warning=ExperimentalWarning",
];

/** Spawns a runtime process, with the pipes of `descriptors` (runtime/link.ts) still to be read. */
export function spawnRuntime({ entry, nodeFlags, env, settings }: RuntimeOptions): ChildProcess {
  return spawn(process.execPath, [...flags, heapFlag(settings), ...nodeFlags, entry], {
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
