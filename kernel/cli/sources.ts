import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const folders = ["kernel", "magics", "display"];

/** Hashes everything that the build is made of; undefined in an installed package, which has no sources. */
export function hashSources(root: string): string | undefined {
  if (!existsSync(join(root, "kernel", "main.ts"))) return undefined;
  const hash = createHash("sha256");
  const files = folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    )
    .filter((file) => /\.(ts|tsx|json)$/.test(file) && !file.includes("node_modules"));
  for (const file of ["package.json", ...files.toSorted()]) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Returns the path of the file in which a build keeps the hash of its sources. */
export function stampPath(root: string): string {
  return join(root, "dist", "sources.sha256");
}

/** Tells whether the build in `dist` is of today's sources. */
export function isFresh(root: string): boolean {
  const hash = hashSources(root);
  if (hash === undefined) return true;
  return existsSync(stampPath(root)) && readFileSync(stampPath(root), "utf8") === hash;
}
