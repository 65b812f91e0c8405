import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findNpm, npmEnvironment } from "../npm/command.ts";
import { installFolder } from "./install.ts";
import type { Host } from "./recipe.ts";
import { runTool } from "./tool.ts";

/** Installs a package of npm at run time, without its scripts, and returns its folder; `finish` may complete it. */
export async function installNpm(
  name: string,
  version: string,
  label: string,
  host: Host,
  finish: (folder: string) => Promise<void> = async () => {},
): Promise<string> {
  const id = `${name.replaceAll(/[@/]+/g, "-").replace(/^-/, "")}-${version}`;
  const folder = await installFolder(id, label, host, async (partial) => {
    const { program, before } = findNpm(process.env);
    await writeFile(join(partial, "package.json"), "{}\n");
    await runTool(program, [...before, "install", "--ignore-scripts", "--no-save", `${name}@${version}`], {
      cwd: partial,
      env: npmEnvironment(process.env),
      signal: host.signal,
      advice: "Is there a network, and a registry that npm reaches (`npm ping`)?",
    });
    await finish(join(partial, "node_modules", name));
  });
  return join(folder, "node_modules", name);
}
