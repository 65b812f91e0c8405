import type { Node } from "oxc-parser";
import { tablesCreatedIn } from "./sql-text.ts";
import { compileCell } from "../cell/compile.ts";
import { CellSyntaxError } from "../cell/errors.ts";
import { wordsOf } from "../cell/param-names.ts";
import { type CellTextContext, toCellText } from "./cell-text.ts";
import { namesBeside, qualifiedNames, toErasable } from "./erasable.ts";
import { ExportError, type ExportOptions, type SourceCell } from "./export-options.ts";
import { comment } from "./literals.ts";
import { declaredBy, findNames } from "./names.ts";
import { parse } from "./syntax.ts";
import { UnexportableError } from "./unexportable.ts";

/** Puts a cell and its place before an error's message. */
export function atCell(error: unknown, { label, source }: SourceCell): unknown {
  if (!(error instanceof CellSyntaxError)) return error;
  const { line, column } = placeIn(source, error);
  const message = `${label}, line ${line}, column ${column}: ${error.message}`;
  return new ExportError(message, { cause: error });
}

/** Where an error is in the cell as it was written: its magics may be lines more or less by now. */
function placeIn(source: string, error: CellSyntaxError): { line: number; column: number } {
  const { line, column } = error;
  if (!(error instanceof UnexportableError)) return { line, column };
  const found = source.split("\n").indexOf(error.text.trim() === "" ? "\0" : error.text);
  return { line: found < 0 ? line : found + 1, column };
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
export function textsOf(cells: readonly SourceCell[], shared: TextOptions): CellText[] {
  const { options, marker } = shared;
  const goesBack = cells.some(({ type, source }) => type === "code" && /%cd[^\S\n]+(["']?)-\1[^\S\n]*$/m.test(source));
  const notebook = cells.map(({ source }) => source).join("\n");
  const toText = createTexts(shared, goesBack, new Set(tablesCreatedIn(notebook)));
  const texts = cells.map((cell) => at(cell, () => toText(cell)));
  const qualified = new Set(texts.flatMap(({ text = "" }) => [...qualifiedNames(parse(text).body)]));
  const erasing = {
    api: (name: string): string => marker + name,
    notebook,
    ambientName: namesBeside(notebook),
    qualified,
    ...(options.tsconfig && { tsconfig: options.tsconfig }),
  };
  return texts.map((one) =>
    one.text === undefined ? one : { ...one, text: at(one.cell, () => toErasable(one.text ?? "", erasing)) },
  );
}

function at<T>(cell: SourceCell, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw atCell(error, cell);
  }
}

/** Returns what makes the magics of one cell after the other code. */
function createTexts(
  { options, marker, taken, words, notes, written }: TextOptions,
  goesBack: boolean,
  created: ReadonlySet<string>,
): (cell: SourceCell) => CellText {
  const known = new Set<string>();
  const driverNames = new Set<string>();
  let code = -1;

  function contextOf(source: string, label: string, others: readonly ReadonlySet<string>[]): CellTextContext {
    const names = new Set([...known, ...wordsDeclaredIn(source)]);
    return {
      magics: options,
      api: (name) => marker + name,
      names: () => [...known],
      isShared: (name) => others.some((set) => set.has(name)) || isOutside(name, source),
      fresh(name) {
        for (let n = 1; ; n += 1) {
          const found = n === 1 ? name : `${name}_${n}`;
          if (taken.has(found)) continue;
          taken.add(found);
          return found;
        }
      },
      sqlBelow(above) {
        // What the cell declares further down has no value yet, such as the name that takes the query's result.
        const there = new Set([...known, ...wordsDeclaredIn(above)]);
        const find = (name: string): string | undefined =>
          there.has(name) ? name : [...there].find((one) => one.toLowerCase() === name.toLowerCase());
        return { created, find };
      },
      hasOwnName: (name) => names.has(name) && !driverNames.has(name),
      goesBack,
      fileText: (path, text) => (/\.m?ts$/.test(path) ? erasableFile(text) : text),
      writes(path) {
        const before = written.has(path);
        written.add(path);
        return before;
      },
      leftOut: (use, reason) => void notes.push(`${label}: \`${use}\` is left out: ${reason}`),
    };
  }

  return (cell) => {
    const { source, type, tags = [], label } = cell;
    const asComment = (said: string): CellText => ({ cell, text: undefined, shown: said });
    if (type !== "code") return asComment(source.trim() === "" ? "" : comment(source));
    code += 1;
    const why = ["skip-execution", "skip-export"].find((tag) => tags.includes(tag));
    if (why !== undefined) return asComment(comment(`${label} is left out, by its tag ${why}:\n${source.trim()}`));
    const plain = source.replace(/^#!/, "//");
    const failure = check(plain, options);
    if (failure) {
      // Where a cell shows what does not compile, there is nothing to run.
      if (!tags.includes("raises-exception")) throw failure;
      notes.push(`${label} does not compile, and is a comment: ${failure.message}`);
      return asComment(comment(`${label} does not compile: ${failure.message}\n${source.trim()}`));
    }
    const others = words.filter((_, index) => index !== code);
    const text = toCellText(plain, contextOf(plain, label, others));
    const { body } = parse(text);
    refuseTwice(body, text);
    for (const { name } of findNames(body).declared) known.add(name);
    for (const node of body) {
      if (node.type !== "ImportDeclaration" || !/^(?:mongodb|bson)$/.test(node.source.value)) continue;
      for (const { local } of node.specifiers) driverNames.add(local.name);
    }
    return { cell, text, shown: "" };
  };
}

/**
 * A notebook takes the last of two functions of one name in a cell, and joins the parts of an enum; a module has no place
 * for the first.
 */
function refuseTwice(body: readonly Node[], text: string): void {
  const functions = new Set<string>();
  const enums = new Set<string>();
  for (const statement of body) {
    const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
    if (node.type === "TSEnumDeclaration") {
      const { name } = node.id;
      if (enums.has(name))
        throw new UnexportableError(
          `${name} is declared in parts, which cannot be exported: join them`,
          text,
          node.start,
        );
      enums.add(name);
    }
    const isFunction = node.type === "FunctionDeclaration";
    for (const { name } of isFunction || node.type === "VariableDeclaration" ? declaredBy(node) : []) {
      if (functions.has(name))
        throw new UnexportableError(`${name} is declared twice in this cell: remove the first`, text, node.start);
      if (isFunction) functions.add(name);
    }
  }
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
