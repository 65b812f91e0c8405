import { createRequire } from "node:module";
import { tooDeepAt } from "./depth.ts";
import { CellSyntaxError, tooDeep } from "./errors.ts";
import type { CompileOptions } from "./options.ts";
import { pickNames, wordsOf } from "./param-names.ts";
import { type Declaration, rewrite } from "./rewrite.ts";
import { type SplitCell, splitMagics } from "./split-magics.ts";
import { type JavaScript, type RawMap, toJavaScript } from "./to-javascript.ts";

type TraceMapping = typeof import("@jridgewell/trace-mapping");

// Needed for errors only: loaded with the first one, as the start of the runtime counts.
const require = createRequire(import.meta.url);

/** A cell that is ready to run. */
export interface CompiledCell {
  /** A script whose value is an async function of the cell object and the scope objects. */
  readonly js: string;
  /** The names that the cell declares in the notebook. */
  readonly declarations: readonly Declaration[];
  /** The modules that the cell imports statically. */
  readonly imports: readonly string[];
  /** Source map from `js` to the user's TypeScript; made when it is first read. */
  readonly map: RawMap;
}

/** Compiles a cell. Throws a `CellSyntaxError` that points at the user's text. */
export function compileCell(text: string, options: CompileOptions): CompiledCell {
  try {
    return compile(text, options);
  } catch (error) {
    // Our own walk over the code needs the more of the stack the deeper that is nested.
    if (!(error instanceof RangeError && error.message.includes("call stack"))) throw error;
    throw tooDeep(text, tooDeepAt(text, deepTokens) ?? 0);
  }
}

// Where an error points in code that exhausts the stack.
const deepTokens = 1_000;

function compile(text: string, options: CompileOptions): CompiledCell {
  const source = text.replace(/^#!/, "//"); // a script's first line, pasted
  const words = wordsOf(source);
  const names = pickNames(words);
  const split = splitMagics(source, options, names);
  const plain = stripTypes(source, split, options);
  const { js, declarations, imports, map } = rewrite(plain.code, words, names, options, plain.needsHelpers);
  let whole: RawMap | undefined;
  return {
    js,
    declarations,
    imports,
    get map() {
      whole ??= chain(options.filename, source, map(), plain.map, split.map?.());
      return whole;
    },
  };
}

function stripTypes(source: string, split: SplitCell, options: CompileOptions): JavaScript {
  try {
    return toJavaScript(split.code, options.tsconfig);
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    const placed = split.map ? inSource(error, source, split.map()) : error;
    throw magicInBrackets(placed, source, options) ?? placed;
  }
}

/** A magic inside of a function or block is no magic; the parser would only call its percent sign unexpected. */
function magicInBrackets(error: CellSyntaxError, source: string, options: CompileOptions): CellSyntaxError | undefined {
  const [use, name] = /^%%?([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(source.slice(error.position.offset)) ?? [];
  if (use === undefined || name === undefined || !options.magics(name)) return undefined;
  const message = `${use} works only at the start of a line or after "=", outside of functions, blocks and brackets`;
  return new CellSyntaxError(message, source, error.position.offset, { name: "UsageError" });
}

/** Moves an error from the text in which the magics are calls to the user's text. */
function inSource(error: CellSyntaxError, source: string, map: unknown): CellSyntaxError {
  const { TraceMap, originalPositionFor } = require("@jridgewell/trace-mapping") as TraceMapping;
  const { line, column } = originalPositionFor(new TraceMap(map as never), {
    line: error.line,
    column: error.column - 1,
    bias: 1,
  });
  // Only what we wrote behind the user's code has no place: the code ended too early.
  const offset = line === null ? source.length : Math.min(lineOffset(source, line) + column, source.length);
  return new CellSyntaxError(error.message, source, offset, { atEnd: error.atEnd || line === null });
}

function lineOffset(source: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n += 1) at = source.indexOf("\n", at) + 1;
  return at;
}

function chain(filename: string, source: string, ...maps: unknown[]): RawMap {
  const remapping = require("@jridgewell/remapping") as typeof import("@jridgewell/remapping").default;
  const present = maps.filter((map) => map !== undefined);
  const { version, mappings, names } = remapping(present as never, () => null);
  return { version, mappings: mappings as string, names, sources: [filename], sourcesContent: [source] } as RawMap;
}
