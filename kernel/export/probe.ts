import { statSync } from "node:fs";
import { extname, join } from "node:path";

const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".json"];
const writtenFor: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** Says whether a path leads to a file. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Finds the file that TypeScript would take for a path whose extension is absent, or is that of the compiled file. */
export function probe(path: string): string | undefined {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  const written = (writtenFor[extension] ?? []).map((other) => stem + other);
  const added = extensions.map((other) => path + other);
  const index = extensions.map((other) => join(path, `index${other}`));
  return [path, ...written, ...added, ...index].find(isFile);
}
