import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { TsConfigJsonResolved, TsConfigResult } from "get-tsconfig";

/** The compiler options of a notebook's tsconfig.json that change what code means when it runs. */
export type CompilerOptions = NonNullable<TsConfigJsonResolved["compilerOptions"]>;

/** The tsconfig.json that governs a folder, read again when it changes. */
export interface Tsconfig {
  /** Compiler options; empty where no tsconfig.json is found, or where it cannot be read. */
  options(): CompilerOptions;
  /** Files that `paths` and `baseUrl` give for a specifier, extensions still to be tried; empty if they say nothing. */
  paths(specifier: string): readonly string[];
}

const require = createRequire(import.meta.url);
const load = (): typeof import("get-tsconfig") => require("get-tsconfig") as typeof import("get-tsconfig");

interface Loaded {
  readonly result: TsConfigResult | undefined;
  readonly stamp: number | undefined;
  readonly match: ((specifier: string) => string[]) | undefined;
}

const nothing: Loaded = { result: undefined, stamp: undefined, match: undefined };

/** Looks for the file before the reader is loaded: most notebooks have none, and the first cell is to start fast. */
function hasTsconfig(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (modified(join(at, "tsconfig.json")) !== undefined) return true;
    if (at === dirname(at)) return false;
  }
}

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Finds the tsconfig.json of a folder or of one above it; nothing is read before the first question. */
export function createTsconfig(folder: string): Tsconfig {
  let loaded: Loaded | undefined;

  function read(): Loaded {
    if (!hasTsconfig(folder)) return nothing;
    const { getTsconfig, createPathsMatcher } = load();
    try {
      const result = getTsconfig(folder);
      if (result === undefined || result === null) return nothing;
      return { result, stamp: modified(result.path), match: createPathsMatcher(result) ?? undefined };
    } catch {
      // A broken tsconfig.json is the type checker's to report; code still runs.
      return nothing;
    }
  }

  function current(): Loaded {
    const stale = loaded === undefined || loaded.result === undefined || modified(loaded.result.path) !== loaded.stamp;
    if (stale) loaded = read();
    return loaded as Loaded;
  }

  return {
    options: () => current().result?.config.compilerOptions ?? {},
    paths: (specifier) => current().match?.(specifier) ?? [],
  };
}
