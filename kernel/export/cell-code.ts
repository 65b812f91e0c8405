import { compileCell } from "../cell/compile.ts";
import { CellSyntaxError } from "../cell/errors.ts";
import { wordsOf } from "../cell/param-names.ts";
import { type CellTextContext, toCellText } from "./cell-text.ts";
import { toErasable } from "./erasable.ts";
import { ExportError, type ExportOptions, type SourceCell } from "./export-options.ts";
import { comment } from "./literals.ts";
import { findNames } from "./names.ts";
import { parse } from "./syntax.ts";

/** Puts a cell and its place before an error's message. */
export function atCell(error: unknown, { label }: SourceCell): unknown {
  if (!(error instanceof CellSyntaxError)) return error;
  const message = `${label}, line ${error.line}, column ${error.column}: ${error.message}`;
  return new ExportError(message, { cause: error });
}

/** What the cells of a notebook share while their magics become code. */
export interface TextOptions {
  readonly options: ExportOptions;
  readonly marker: string;
  readonly taken: Set<string>;
  readonly words: readonly ReadonlySet<string>[];
  readonly notes: string[];
  readonly written: Set<string>;
}

/** A cell without magics. */
export interface CellText {
  readonly cell: SourceCell;
  /** Its code without magics; undefined for what becomes a comment. */
  readonly text: string | undefined;
  readonly shown: string;
}

/** The code of each cell, and the comments that others become. */
export function textsOf(
  cells: readonly SourceCell[],
  { options, marker, taken, words, notes, written }: TextOptions,
): CellText[] {
  const known = new Set<string>();
  const created = new Set<string>();
  const notebook = cells.map(({ source }) => source).join("\n");
  let code = -1;
  return cells.map((cell): CellText => {
    const { source, type, tags = [], label } = cell;
    if (type !== "code") return { cell, text: undefined, shown: source.trim() === "" ? "" : comment(source) };
    code += 1;
    const others = words.filter((_, index) => index !== code);
    const why = ["skip-execution", "skip-export"].find((tag) => tags.includes(tag));
    if (why !== undefined) {
      return { cell, text: undefined, shown: comment(`${label} is left out, by its tag ${why}:\n${source.trim()}`) };
    }
    const plain = source.replace(/^#!/, "//");
    const failure = check(plain, options);
    if (failure && !tags.includes("raises-exception")) throw atCell(failure, cell);
    if (failure) {
      notes.push(`${label} does not compile, and is a comment: ${failure.message}`);
      return {
        cell,
        text: undefined,
        shown: comment(`${label} does not compile: ${failure.message}\n${source.trim()}`),
      };
    }
    const names = new Set([...known, ...wordsDeclaredIn(plain)]);
    const context: CellTextContext = {
      magics: options,
      api: (name) => marker + name,
      names: () => [...known],
      isShared: (name) => others.some((set) => set.has(name)) || isOutside(name, plain),
      fresh(name) {
        for (let n = 1; ; n += 1) {
          const found = n === 1 ? name : `${name}_${n}`;
          if (!taken.has(found)) return (void taken.add(found), found);
        }
      },
      sql: {
        created,
        find: (name) => (names.has(name) ? name : [...names].find((one) => one.toLowerCase() === name.toLowerCase())),
      },
      fileText: (path, text) => (/\.m?ts$/.test(path) ? erasableFile(text) : text),
      writes(path) {
        const before = written.has(path);
        written.add(path);
        return before;
      },
      leftOut: (use, reason) => void notes.push(`${label}: \`${use}\` is left out: ${reason}`),
    };
    try {
      const text = toErasable(toCellText(plain, context), {
        api: context.api,
        notebook,
        ...(options.tsconfig && { tsconfig: options.tsconfig }),
      });
      for (const { name } of findNames(parse(text).body).declared) known.add(name);
      return { cell, text, shown: "" };
    } catch (error) {
      throw atCell(error, cell);
    }
  });
}

/** A file that a cell writes, as Node runs it; what cannot be parsed is written as it is. */
function erasableFile(text: string): string {
  // A decorated class would need our API in the file.
  if (parse(text).error !== undefined || /^\s*@[\p{ID_Start}$_(]/mu.test(text)) return text;
  return toErasable(text, { api: (name) => name });
}

/** What is wrong with a cell, in the kernel's own words. */
function check(source: string, options: ExportOptions): CellSyntaxError | undefined {
  try {
    compileCell(source, {
      name: "cell",
      filename: "/cell.ts",
      scope: () => undefined,
      place: () => 0,
      globals: (name) => name in globalThis,
      magics: options.magics,
      ...(options.suggest && { suggest: options.suggest }),
      ...(options.tsconfig && { tsconfig: options.tsconfig }),
    });
    return undefined;
  } catch (error) {
    if (error instanceof CellSyntaxError) return error;
    throw error;
  }
}

function wordsDeclaredIn(source: string): string[] {
  const found = source.matchAll(/\b(?:const|let|var|function\*?|class|enum)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu);
  return Array.from(found, ([, name]) => name!);
}

/** Whether a name is a word of a cell beside the one declaration of it: the magic's code may stand on one line of several. */
function isOutside(name: string, source: string): boolean {
  if (source.trimStart().startsWith("%%")) return false;
  const lines = source.split("\n").filter((line) => wordsOf(line).has(name));
  return lines.length > 1;
}
