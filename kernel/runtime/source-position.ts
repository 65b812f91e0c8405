import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceMapInput } from "@jridgewell/trace-mapping";
import type { ModuleSource } from "./modules.ts";
import { isPackageFile } from "./own-files.ts";
import type { Location } from "./stack-frames.ts";

/** A cell that ran, for the places in a trace. */
export interface TraceCell {
  /** `In[3]` */
  readonly name: string;
  /** The TypeScript that the user wrote. */
  readonly source: string;
  /** From the script that ran to `source`, or a function that makes it; without one, positions are those of `source`. */
  readonly map?: unknown;
}

/** Where the texts behind a stack's places come from. */
export interface SourceFinder {
  readonly cells: (filename: string) => TraceCell | undefined;
  readonly modules?: ((location: string) => ModuleSource | undefined) | undefined;
  /** Paths are shown relative to this folder. */
  readonly folder?: string | undefined;
}

/** A place in what the user wrote. */
export interface Position {
  /** `In[4]:2:14` or `lib/cleaning.ts:7:3` */
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** The text there; undefined for packages. */
  readonly source: string | undefined;
}

const require = createRequire(import.meta.url);
const mapping = (): typeof import("@jridgewell/trace-mapping") =>
  require("@jridgewell/trace-mapping") as typeof import("@jridgewell/trace-mapping");

const traceMaps = new WeakMap<object, InstanceType<ReturnType<typeof mapping>["TraceMap"]>>();

function original(map: unknown, at: Location): { readonly line: number; readonly column: number } | undefined {
  if (map === undefined || map === null) return at;
  const made = (typeof map === "function" ? (map as () => unknown)() : map) as object;
  const { TraceMap, originalPositionFor, LEAST_UPPER_BOUND } = mapping();
  const known = traceMaps.get(made) ?? new TraceMap({ version: 3, names: [], ...made } as object as SourceMapInput);
  traceMaps.set(made, known);
  const wanted = { line: at.line, column: at.column - 1 };
  const exact = originalPositionFor(known, wanted);
  const found = exact.line === null ? originalPositionFor(known, { ...wanted, bias: LEAST_UPPER_BOUND }) : exact;
  return found.line === null ? undefined : { line: found.line, column: found.column + 1 };
}

/** V8 points at `new` in `throw new …`; the statement reads better. */
function toStatement(source: string, line: number, column: number): number {
  const text = source.split("\n", line).at(line - 1) ?? "";
  const [thrown] = /\bthrow\s+$/.exec(text.slice(0, column - 1)) ?? [];
  return thrown !== undefined && text.startsWith("new", column - 1) ? column - thrown.length : column;
}

function toPath(file: string): string {
  try {
    return file.startsWith("file:") ? fileURLToPath(file.replace(/[?#].*$/, "")) : file;
  } catch {
    return file;
  }
}

function shownPath(path: string, folder: string | undefined): string {
  if (isPackageFile(path)) return path.split(/[\\/]node_modules[\\/]/).at(-1) ?? path;
  if (folder === undefined || !isAbsolute(path)) return path;
  const near = relative(folder, path);
  // Two folders up still reads as a neighbour; farther away the whole path is clearer.
  return near.startsWith(`..${sep}..${sep}..`) ? path : near;
}

function readSource(path: string): string | undefined {
  if (isPackageFile(path) || !isAbsolute(path)) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Finds what the user wrote behind a place in running code; undefined for code that we generated. */
export function findPosition(at: Location, finder: SourceFinder): Position | undefined {
  const path = toPath(at.file);
  const cell = finder.cells(path);
  const module = cell ? undefined : finder.modules?.(at.file);
  const found = cell ? original(cell.map, at) : original(module?.map, at);
  if (found === undefined) return undefined;
  const source = cell?.source ?? module?.source ?? readSource(path);
  const column = source === undefined ? found.column : toStatement(source, found.line, found.column);
  const name = cell?.name ?? shownPath(module?.path ?? path, finder.folder);
  return { text: `${name}:${found.line}:${column}`, line: found.line, column, source };
}
