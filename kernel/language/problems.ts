import { type Bindings, withoutOwnNames, writeShown } from "./bindings.ts";
import { isForAny } from "./callbacks.ts";
import type { CellNames } from "./cell-names.ts";
import { explainModule, explainName } from "./explain.ts";
import { type NamedCell, explainConstant, nameCells } from "./explain-cells.ts";
import { type CodeFix, findFixes, isTypeAt } from "./fixes.ts";
import { type PlainCell, type Segment, toMade, toOriginal } from "./plain-cell.ts";
import { toOffset } from "./places.ts";
import type { LspDiagnostic } from "./protocol.ts";

/** A problem that the type checker sees in a cell; positions are offsets (UTF-16) of the cell's text. */
export interface Problem {
  readonly start: number;
  readonly end: number;
  readonly severity: "error" | "warning";
  /** TypeScript's number of the message. */
  readonly code: number;
  readonly message: string;
  readonly fixes: readonly Fix[];
  /** The name that nothing declares, where that is the problem. */
  readonly missing?: { readonly name: string; readonly isType: boolean };
}

/** What would mend a problem. */
export interface Fix {
  /** What to write or to run. */
  readonly title: string;
  readonly edits: readonly TextChange[];
}

/** A stretch of the cell's text, and what is to stand there. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** A cell that was checked. */
export interface Checked {
  readonly plain: PlainCell;
  readonly names: CellNames;
  /** Text of its document. */
  readonly text: string;
  /** Where the cell's own text is in the document. */
  readonly segments: readonly Segment[];
  /** The names of earlier cells that it uses. */
  readonly bindings: Bindings;
  /** How messages speak of earlier cells, by the file names of their documents. */
  readonly cells: ReadonlyMap<string, NamedCell>;
  /** Globals without a type. */
  readonly globals: ReadonlySet<string>;
  /** Whether the cell itself installs a package, before its imports. */
  readonly installs: (name: string) => boolean;
  /** A parameter without a type is an error even where nothing could give it one. */
  readonly noImplicitAny: boolean;
  /** Names whose cell did not come to declare them. */
  readonly undone: ReadonlyMap<string, "failed" | "refused">;
}

// What is no fault of a cell: a variable that gets its type later (7005, 7034), JSX with elements that nobody typed (7026), and lists
// in lists that are too many to compare (2321).
const noFaults = new Set([7005, 7034, 7026, 2321]);
const longestType = 80;
// The numbers below are syntax errors, which the cell's own run reports.
const firstSemanticCode = 2000;
const untypedModule = 7016;
const addReact = "%npm add react";
const usedEarly = 2448;
const typedByItself = 7022;

/** Makes problems of the cell from what the server says of its document. */
export function toProblems(told: readonly LspDiagnostic[], cell: Checked): Problem[] {
  const { plain, names, text, segments, undone, bindings, cells } = cell;
  const inCode = (offset: number): number => toMade(plain.segments, offset) ?? -1;
  const problems = told.flatMap(({ range, severity = 1, code: given, message: raw }): Problem[] => {
    const code = Number(given);
    if (severity > 2 || noFaults.has(code) || code < firstSemanticCode) return [];
    const [from, to] = [toOffset(text, range.start), toOffset(text, range.end)];
    const start = toOriginal(segments, from);
    if (start === undefined) return [];
    const last = toOriginal(segments, to);
    const place = { start, end: last === undefined || last < start ? start : last };
    const message = explainConstant(
      code,
      withoutOwnNames(nameCells(writeShown(raw, bindings, longestType), cells)),
      bindings,
      cells,
    );
    const module = explainModule(code, message);
    if (module) {
      const { install } = module;
      if (code !== untypedModule && install !== undefined && cell.installs(install.replace("%npm add ", ""))) return [];
      const fixes =
        install === undefined ? [] : [{ title: install, edits: [{ start: 0, end: 0, newText: `${install}\n` }] }];
      const isHarmless = code === untypedModule && !cell.noImplicitAny;
      return [{ ...place, severity: isHarmless ? "warning" : "error", code, message: module.message, fixes }];
    }
    const stretch = { start: inCode(place.start), end: inCode(place.end) };
    if (!cell.noImplicitAny && isForAny(code, plain.code, stretch, names.tsx)) return [];
    const isDeferred = names.deferred.some((each) => each.start <= stretch.start && stretch.end <= each.end);
    const name = explainName(code, message, isDeferred, undone);
    if (name && cell.globals.has(name.missing)) return [];
    const found = findFixes(code, name?.message ?? message, plain.code, stretch, names.tsx);
    const fixes = found.flatMap((fix) => toFix(fix, plain));
    if (name) {
      if (name.isReact === true) {
        const lines = `${addReact}\nimport React from "react";\n`;
        fixes.push({ title: addReact, edits: [{ start: 0, end: 0, newText: lines }] });
      }
      const missing = { name: name.missing, isType: isTypeAt(plain.code, stretch, names.tsx) };
      return [{ ...place, severity: isDeferred ? "warning" : "error", code, message: name.message, missing, fixes }];
    }
    return [{ ...place, severity: severity === 1 ? "error" : "warning", code, message, fixes }];
  });
  // That a name has no type since it is used in its own declaration follows from that it is used too early.
  const isEarly = problems.some(({ code }) => code === usedEarly);
  const kept = isEarly ? problems.filter(({ code }) => code !== typedByItself) : problems;
  return kept.toSorted((a, b) => a.start - b.start);
}

/** Adds the imports that would declare the name that is missing. */
export function addImports(problem: Problem, imports: ReadonlyMap<string, readonly string[]>, source: string): Problem {
  const { missing } = problem;
  const found = (missing && imports.get(missing.name)) ?? [];
  const fixes = found.map((each) => {
    const title = missing?.isType === true ? each.replace("import {", "import type {") : each;
    return { title, edits: [firstLine(`${title};`, source)] };
  });
  // What can be imported need not be installed.
  const others = found.length === 0 ? problem.fixes : problem.fixes.filter(({ title }) => title !== addReact);
  return { ...problem, fixes: [...others, ...fixes] };
}

/** A line that would stand at the top of the cell, below the line of a cell magic. */
function firstLine(line: string, source: string): TextChange {
  const magic = /^\s*%%[^\n]*\n/.exec(source)?.[0].length ?? 0;
  return { start: magic, end: magic, newText: `${line}\n` };
}

/** Puts a fix of the plain code into places of the cell; none where one of them is not the user's. */
function toFix({ title, edits }: CodeFix, { segments }: PlainCell): Fix[] {
  const moved: TextChange[] = [];
  for (const { start, end, newText } of edits) {
    const [from, to] = [toOriginal(segments, start), toOriginal(segments, end)];
    if (from === undefined || to === undefined) return [];
    moved.push({ start: from, end: to, newText });
  }
  return [{ title, edits: moved }];
}
