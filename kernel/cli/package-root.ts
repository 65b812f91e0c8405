import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Finds the folder of this package: sources and the build lie at different depths in it. */
export function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "kernel.json"))) {
    if (dirname(folder) === folder) throw new Error("this copy of typhoon-kernel is not whole: install it again");
    folder = dirname(folder);
  }
  return folder;
}

/** Reads this package's version. */
export function packageVersion(): string {
  const text = readFileSync(join(findPackageRoot(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
