import { type HelpUse, type MagicUse, findMagics } from "../cell/find-magics.ts";
import type { MagicsInfo } from "../cell/options.ts";
import { assignee } from "../cell/split-magics.ts";
import { closingBrace } from "../cell/tokens.ts";

/** A stretch of a text that is a stretch of another, character by character. */
export interface Segment {
  /** Offset in the made text. */
  readonly at: number;
  /** Offset in the text it was made from. */
  readonly from: number;
  readonly length: number;
}

/** A cell as plain TypeScript for the type checker: it never runs. */
export interface PlainCell {
  readonly code: string;
  readonly segments: readonly Segment[];
}

/** The object that stands for the magics; its types are in the globals' document. */
export const magicObject = "__nb_magic";

/** Replaces a cell's magics by calls that have their types. Throws a `CellSyntaxError` for a magic that cannot be. */
export function toPlainCell(source: string, info: MagicsInfo): PlainCell {
  const writer = createWriter(source);
  writer.from(0);
  let written = 0;
  for (const use of findMagics(source, info)) {
    if (use.start < written) continue; // inside of a magic's code that is a function's now
    writer.copy(use.start);
    if (use.type === "help") writer.put(";");
    else writeMagic(writer, source, use);
    written = use.type === "help" ? use.end : resumeAt(use);
    writer.from(written);
  }
  writer.copy(source.length);
  return writer.end();
}

/** The code of a `code` magic is the notebook's: what follows the magic's head stays. */
function resumeAt(use: MagicUse): number {
  if (use.argument !== "code" || isMeasured(use)) return use.end;
  return use.body ? use.body[0] : use.line[0];
}

/** Whether the value of a `code` magic is not the value of its code: `const t = %timeit f()`. */
function isMeasured({ name, form, argument, assignedFrom }: MagicUse): boolean {
  return argument === "code" && form === "line" && name !== "time" && assignedFrom !== undefined;
}

function writeMagic(writer: Writer, source: string, use: MagicUse): void {
  if (isMeasured(use)) {
    writer.put(`await ${magicObject}.${use.name}(async () => (`);
    writer.from(use.line[0]);
    writer.copy(use.line[1]);
    writer.put("\n));");
    return;
  }
  if (use.argument === "code") {
    // `const t = %time f()` has the value of `f()`.
    if (use.assignedFrom === undefined) writer.put(";");
    const kept =
      use.name === "capture" ? /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.exec(source.slice(...use.line)) : null;
    if (kept) writer.put(`let ${kept[0]} = await ${magicObject}.capture();`);
    if (use.form === "cell") writer.put("\n");
    return;
  }
  const assigned = assignee(source, use);
  if (assigned) writer.put(`const ${assigned.name} = `);
  else if (use.assignedFrom === undefined) writer.put(";");
  writer.put(`await ${magicObject}.${use.name}(`);
  const ranges = [...(assigned?.lines ?? [use.line]), ...(use.body ? [use.body] : [])];
  if (use.argument === "template") {
    for (const [start, end] of ranges) {
      for (const value of valuesIn(source, start, end)) {
        writer.put("(");
        writer.from(value[0]);
        writer.copy(value[1]);
        writer.put("\n), ");
      }
    }
  }
  writer.put(");");
}

/** The expressions of a template's `${…}`. */
function valuesIn(source: string, start: number, end: number): (readonly [number, number])[] {
  const values: (readonly [number, number])[] = [];
  for (let at = start; at < end; at += 1) {
    if (source.startsWith("\\${", at)) at += 2;
    else if (source.startsWith("${", at)) {
      const close = Math.min(closingBrace(source, at + 2), end);
      values.push([at + 2, close]);
      at = close;
    }
  }
  return values;
}

interface Writer {
  put(text: string): void;
  /** Goes on with the source at an offset. */
  from(offset: number): void;
  /** Copies the source up to an offset. */
  copy(end: number): void;
  end(): PlainCell;
}

function createWriter(source: string): Writer {
  let code = "";
  let at = 0;
  const segments: Segment[] = [];
  return {
    put: (text) => void (code += text),
    from: (offset) => void (at = offset),
    copy(end) {
      if (end <= at) return;
      segments.push({ at: code.length, from: at, length: end - at });
      code += source.slice(at, end);
      at = end;
    },
    end: () => ({ code, segments }),
  };
}

/** Where an offset of the original is in the made text; undefined for what was left out. */
export function toMade(segments: readonly Segment[], offset: number): number | undefined {
  const segment = segments.findLast(({ from, length }) => from <= offset && offset <= from + length);
  return segment && offset - segment.from + segment.at;
}

/** Where an offset of the made text comes from; undefined for what was put in. */
export function toOriginal(segments: readonly Segment[], offset: number): number | undefined {
  const segment = segments.findLast(({ at, length }) => at <= offset && offset <= at + length);
  return segment && offset - segment.at + segment.from;
}

/** Says whether a use of a magic is one of the cell, for `%typecheck` itself. */
export function usesMagic(source: string, info: MagicsInfo, name: string): boolean {
  if (!source.includes(`%${name}`)) return false;
  return findMagics(source, info).some((use: MagicUse | HelpUse) => use.type === "magic" && use.name === name);
}
