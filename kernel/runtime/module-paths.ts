import { realpathSync } from "node:fs";
import type { ResolveFnOutput } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ModuleKind } from "./module-graph.ts";

/** Says whether a specifier is a path rather than the name of a package. */
export function isRelative(specifier: string): boolean {
  return /^\.{1,2}(?:\/|\\|$)/.test(specifier) || specifier.startsWith("file:") || isAbsolute(specifier);
}

/** The path that a relative specifier means. */
export function resolvePath(specifier: string, importer: string): string {
  if (specifier.startsWith("file:")) return fileURLToPath(specifier);
  return isAbsolute(specifier) ? specifier : join(dirname(importer), specifier);
}

/** A file as the result of a resolution. */
export function toResult(path: string): ResolveFnOutput {
  return { url: pathToFileURL(realpathSync.native(path)).href, shortCircuit: true };
}

/** Splits a module's URL, or the path that a frame shows, into the file and the version that we added. */
export function parseVersioned(url: string): { readonly path: string; readonly version: number } | undefined {
  const [, file = "", version = "0"] = /^(.*?)(?:(?:%3F|\?)v=?(\d+))?$/s.exec(url) ?? [];
  if (!file.startsWith("file:")) return isAbsolute(file) ? { path: file, version: Number(version) } : undefined;
  try {
    return { path: fileURLToPath(file), version: Number(version) };
  } catch {
    return undefined;
  }
}

/**
 * A module's version stands in its path, as `require` of a module drops a query and would bring back the first version.
 * CommonJS and JSON keep their path (`__filename`): what Node remembers of them is forgotten, or kept for each URL without
 * an end. Where `import` does not forget (`isKept`), it must see a new URL.
 */
export function versionedUrl(url: string, version: number, kind: ModuleKind | undefined, isKept: boolean): string {
  if (version === 0) return url;
  if (kind === "module") return `${url}%3Fv${version}`;
  return isKept ? `${url}?v${version}` : url;
}

/** A URL without the version that we added. */
export function withoutVersion(url: string): string {
  return url.replace(/(?:%3F|\?)v\d+$/, "");
}
