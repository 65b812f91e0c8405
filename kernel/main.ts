import { fileURLToPath } from "node:url";
import { agreeOnColors } from "./plain.ts";
import { spawnRuntime } from "./session/spawn-runtime.ts";
import { createSettings } from "./settings.ts";

// The kernel's program: `node kernel/main.ts CONNECTION_FILE`. The runtime process takes longest to start, so it is
// spawned before anything else is loaded; kernel.ts is the map of the rest.

/** The runtime's entry module, beside this one: a source in a checkout, built JavaScript in the package. */
function runtimeEntry(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./runtime/main.${extension}`, import.meta.url));
}

/** The user's environment without what belongs to the kernel process alone. */
function runtimeEnv({ JPY_PARENT_PID: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

const connectionPath = process.argv[2];
if (connectionPath === undefined) {
  process.stderr.write("usage: node kernel/main.ts CONNECTION_FILE (Jupyter gives it; try `typhoon doctor`)\n");
  process.exit(2);
}
agreeOnColors(process.env);
const runtime = {
  entry: runtimeEntry(),
  nodeFlags: [],
  env: runtimeEnv(process.env),
  settings: createSettings(process.env),
};
const first = spawnRuntime(runtime);
const { runKernel } = await import("./kernel.ts");
await runKernel(connectionPath, runtime, first);
