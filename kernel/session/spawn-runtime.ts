import { type ChildProcess, spawn } from "node:child_process";
import type { Settings } from "../settings.ts";

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
const flags = ["--no-force-async-hooks-checks", "--disable-warning=ExperimentalWarning"];

/** Spawns a runtime process, with the pipes of `descriptors` (runtime/link.ts) still to be read. */
export function spawnRuntime({ entry, nodeFlags, env, settings }: RuntimeOptions): ChildProcess {
  return spawn(process.execPath, [...flags, ...nodeFlags, entry], {
    env: { ...env, ...settings.toEnv() },
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    windowsHide: true,
  });
}
