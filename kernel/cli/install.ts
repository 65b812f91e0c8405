import { existsSync } from "node:fs";
import { sep } from "node:path";
import { parseArgs } from "node:util";
import { type Command, CommandError } from "./command.ts";
import { createKernelspec, writeKernelspec } from "./kernelspec.ts";
import { locate, locationHelp, locationOptions } from "./location.ts";
import { findPackageRoot } from "./package-root.ts";

/** `typhoon install` writes a kernelspec, so that front ends offer the kernel. */
export const install: Command = {
  name: "install",
  summary: "makes the kernel known to Jupyter",
  help: `Usage: typhoon install [--user | --sys-prefix | --prefix DIR] [--name NAME] [--display-name TEXT] [--env K=V]…

${locationHelp}
  --display-name T what front ends show, "TypeScript (Typhoon)" by default
  --env K=V        an environment variable of the kernel; may be repeated`,
  async run(args) {
    const options = {
      ...locationOptions,
      "display-name": { type: "string" },
      env: { type: "string", multiple: true },
    } as const;
    const { values } = parseArgs({ args, options });
    const dataDir = locate(values);
    const env = parseVariables(values.env ?? []);
    const kernelspec = await createKernelspec({ displayName: values["display-name"], env });
    const missing = kernelspec.argv.slice(0, 2).find((file) => !existsSync(file));
    if (missing !== undefined) throw new CommandError(`${missing} is missing: build the kernel first (npm run build)`);
    const folder = await writeKernelspec(dataDir, values.name, kernelspec);
    console.log(`✓ kernelspec "${kernelspec.display_name}" in ${folder}`);
    if (isNpxCache(findPackageRoot())) console.error(npxWarning);
    return 0;
  },
};

function parseVariables(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new CommandError(`--env ${pair}: write NAME=VALUE`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Tells whether a folder lies in the cache where npx keeps packages that it runs without installing them. */
export function isNpxCache(folder: string): boolean {
  return folder.split(sep).includes("_npx");
}

const npxWarning = `! The kernelspec points into npx's cache, which npm may empty at any time. To keep the kernel:
    npm install --global typhoon-kernel && typhoon install`;
