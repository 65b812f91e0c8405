import { statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { foldersUp, packageName } from "../cell/packages.ts";
import type { ExportOptions } from "./export-options.ts";
import { probe } from "./probe.ts";

/** How imports are written from the module's folder. */
export interface Specifiers {
  correct(source: string): string;
  /** Files that cells have written, as they wrote them. */
  readonly written: Set<string>;
  isWritten(source: string): boolean;
  /** Whether there is no such file, package or module of Node. */
  isMissing(source: string): boolean;
}

/** Finds for imports of a notebook how plain Node finds the same files: with their extension, from the module's folder. */
export function createSpecifiers(
  { folder, target, paths }: Pick<ExportOptions, "folder" | "target" | "paths">,
  note: (text: string) => void,
): Specifiers {
  const written = new Set<string>();
  const isLocal = (source: string): boolean => /^\.{1,2}(?:\/|$)/.test(source);

  function toTarget(path: string): string {
    const found = relative(target, path).replaceAll(sep, "/");
    return found.startsWith(".") ? found : `./${found}`;
  }

  return {
    written,
    isWritten: (source) =>
      isLocal(source) && [...written].some((path) => resolve(folder, path) === resolve(folder, source)),
    isMissing(source) {
      if (isLocal(source) || isAbsolute(source)) return probe(resolve(folder, source)) === undefined;
      if (isBuiltin(source) || /^\w+:/.test(source)) return source.startsWith("node:") && !isBuiltin(source);
      if (comesAlong.test(source) || paths?.(source).some((path) => probe(path) !== undefined)) return false;
      const name = packageName(source);
      return !foldersUp(folder).some((parent) =>
        statSync(join(parent, "node_modules", name), { throwIfNoEntry: false }),
      );
    },
    correct(source) {
      if (source === "tslab") return "typhoon-kernel/tslab";
      const place = isLocal(source)
        ? (probe(resolve(folder, source)) ?? resolve(folder, source))
        : paths?.(source).flatMap((path) => probe(path) ?? [])[0];
      if (place === undefined) return source;
      if (/\.[jt]sx$/.test(place)) note(`${source} is JSX, which Node does not run: compile it to .js first`);
      return isAbsolute(source) ? source : toTarget(place);
    },
  };
}

// Packages that the kernel has, and so `typhoon-kernel` beside the module.
const comesAlong = /^(?:typhoon-kernel|tslab|apache-arrow)(?:\/|$)/;
