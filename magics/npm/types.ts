import { existsSync } from "node:fs";
import { join } from "node:path";
import { askNpm } from "./command.ts";
import type { PackageJson } from "./folder.ts";

/** Whether TypeScript finds types in an installed package by itself. */
export function hasTypes(path: string, content: PackageJson): boolean {
  const { types, typings, main, exports } = content;
  if ([types, typings].some((file) => typeof file === "string") || namesTypes(exports)) return true;
  const files = ["index", main ?? "index", ...exportedFiles(exports)];
  return files.some((file) => declarations(file).some((name) => existsSync(join(path, name))));
}

/** Whether a package's `exports` have a `types` condition for its main entry. */
function namesTypes(exports: unknown): boolean {
  if (typeof exports !== "object" || exports === null) return false;
  if (Array.isArray(exports)) return exports.some(namesTypes);
  return Object.entries(exports).some(
    ([key, value]) => /^types(@|$)/.test(key) || ((key === "." || !key.startsWith(".")) && namesTypes(value)),
  );
}

function exportedFiles(exports: unknown): readonly string[] {
  if (typeof exports === "string") return [exports];
  if (typeof exports !== "object" || exports === null) return [];
  return Object.entries(exports).flatMap(([key, value]) =>
    key === "." || !key.startsWith(".") ? exportedFiles(value) : [],
  );
}

/** The declarations that TypeScript looks for beside a file, `x.mjs` or `x`. */
function declarations(file: string): readonly string[] {
  const [, stem = file, kind = ""] = /^(.*?)(?:\.([cm]?)jsx?)?$/.exec(file) ?? [];
  return [`${stem}.d.${kind}ts`, join(stem, "index.d.ts")];
}

/** The package that has the types of another on DefinitelyTyped: `@types/scope__name` for `@scope/name`. */
export function typesPackage(name: string): string {
  return `@types/${name.replace(/^@/, "").replace("/", "__")}`;
}

/** Finds the DefinitelyTyped package that fits one, as `@types/name@^4.17.2`, if there is one. */
export async function findTypes(
  name: string,
  version: string,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly spec: string | undefined } | "unknown"> {
  const types = typesPackage(name);
  // With `name`, since npm writes a single field bare.
  const { code, stdout } = await askNpm(["view", types, "name", "versions", "deprecated", "--json"], folder, signal);
  if (code !== 0) return /"code": "E404"/.test(stdout) ? { spec: undefined } : "unknown";
  const answer = JSON.parse(stdout) as { versions?: string | string[]; deprecated?: string };
  if (answer.deprecated !== undefined) return { spec: undefined };
  const versions = [answer.versions ?? []].flat().filter((one) => /^[\d.]+$/.test(one));
  const fitting = versions.findLast((one) => one.split(".")[0] === version.split(".")[0]) ?? versions.at(-1);
  return { spec: fitting === undefined ? undefined : `${types}@^${fitting}` };
}
