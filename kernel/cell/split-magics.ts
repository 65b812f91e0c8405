import { type DecodedSourceMap, MagicString } from "magic-string";
import { type HelpUse, type MagicUse, findMagics } from "./find-magics.ts";
import type { MagicsInfo } from "./options.ts";
import type { ParamNames } from "./param-names.ts";
import { positionAt } from "./errors.ts";
import { closingBrace } from "./tokens.ts";

/** A cell as plain TypeScript: its magics have become calls of the cell object. */
export interface SplitCell {
  readonly code: string;
  /** Map from `code` to the cell; absent where they are the same. */
  readonly map?: () => DecodedSourceMap;
}

/**
 * Turns a cell's magics into calls. The code of a `code` magic stays at the top level, between the statements
 * `$cell.begin(n)` and `$cell.end(n)`, so that it is compiled like the rest; the rewrite makes a closure of it.
 */
export function splitMagics(source: string, info: MagicsInfo, names: ParamNames): SplitCell {
  const uses = findMagics(source, info);
  if (uses.length === 0) return { code: source };
  const text = new MagicString(source);
  // The innermost first: where the code of two magics ends at one place, the inner call stands before the outer.
  for (const [index, use] of [...uses.entries()].toReversed()) {
    if (use.type === "help") writeHelp(text, use, names);
    else writeMagic(text, source, use, index, names);
  }
  return { code: text.toString(), map: () => text.generateDecodedMap({ hires: true, source: "cell" }) };
}

function writeHelp(text: MagicString, { topic, level, start, end }: HelpUse, names: ParamNames): void {
  text.overwrite(start, end, `;await ${names.cell}.inspect(${JSON.stringify(topic)}, ${level});`);
}

type Range = readonly [start: number, end: number];

/** Generated text, or a stretch of the user's that stays as it is. */
type Piece = string | Range;

function writeMagic(text: MagicString, source: string, use: MagicUse, index: number, names: ParamNames): void {
  const assigned = use.argument === "code" ? undefined : assignee(source, use);
  const isCode = use.argument === "code";
  const codeRange = isCode ? (use.body ?? use.line) : undefined;
  const before: Piece[] = [];
  if (codeRange) before.push(`${names.cell}.begin(${index});`, codeRange, `\n;${names.cell}.end(${index});`);
  const line: Piece[] =
    isCode && use.form === "line"
      ? template(source, { ...use, argument: "text" }, use.options ? [use.options] : [])
      : template(source, use, assigned?.lines ?? [use.line]);
  const shared = [
    `await ${names.cell}.magic(${JSON.stringify(use.name)}, { form: "${use.form}", `,
    `assigned: ${String(use.assignedFrom !== undefined || assigned !== undefined)}, `,
    `startLine: ${positionAt(source, (use.body ?? use.line)[0]).line}, `,
  ].join("");
  const call: Piece[] = [shared, "line: ", ...line];
  if (codeRange)
    call.push(`, code: ${names.own(`code${index}`)}, source: ${JSON.stringify(source.slice(...codeRange))}`);
  else if (use.body) call.push(", body: ", ...template(source, use, [use.body]));
  call.push(" });");
  if (assigned) call.unshift(`const ${assigned.name} = `);
  if (assigned && use.form === "cell") call.push(`\n${assigned.name};`);
  if (codeRange && use.assignedFrom !== undefined) {
    replace(text, use.start, codeRange[0], call);
    if (codeRange[1] < use.end) text.remove(codeRange[1], use.end);
    text.prependRight(codeRange[0], `${names.cell}.begin(${index});`);
    text.appendLeft(codeRange[1], `\n;${names.cell}.end(${index});`);
    text.move(codeRange[0], codeRange[1], use.assignedFrom);
  } else {
    replace(text, use.start, use.end, [...before, ...call]);
  }
}

/** Reads `%%sql cars <<` and `%sql cars << select 1`: the name, and what is left of the line. */
export function assignee(source: string, use: MagicUse): { name: string; lines: Range[] } | undefined {
  if (use.assignedFrom !== undefined || !use.arrow) return undefined;
  const line = source.slice(...use.line);
  const match = /^(.*?)([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*<<(?=\s|$)\s*/u.exec(line);
  if (!match || (use.form === "line" && match[1] !== "")) return undefined;
  const [start, end] = use.line;
  const head: Range = [start, start + (match[1] ?? "").length];
  return { name: match[2] ?? "", lines: [head, [start + match[0].length, end]] };
}

/** Pieces of `{ strings, values }` for stretches of a magic's text, which are joined. */
function template(source: string, use: MagicUse, ranges: readonly Range[]): Piece[] {
  const strings = [""];
  const values: Range[] = [];
  for (const [start, end] of ranges) {
    let at = start;
    while (at < end) {
      const rest = source.slice(at, end);
      const continued = use.form === "line" ? /^\\[^\S\n]*\n/.exec(rest) : null;
      if (continued) at += continued[0].length;
      else if (use.argument === "template" && rest.startsWith("\\${")) {
        strings.push(`${strings.pop() ?? ""}\${`);
        at += 3;
      } else if (use.argument === "template" && rest.startsWith("${")) {
        const close = Math.min(closingBrace(source, at + 2), end);
        values.push([at + 2, close]);
        strings.push("");
        at = close + 1;
      } else {
        strings.push(`${strings.pop() ?? ""}${source.charAt(at)}`);
        at += 1;
      }
    }
  }
  return [
    `{ strings: ${JSON.stringify(strings)}, values: [`,
    ...values.flatMap((range): Piece[] => ["(", range, "\n), "]),
    "] }",
  ];
}

/** Replaces a stretch by pieces; the ranges among them, in the order of the source, keep their place in the map. */
function replace(text: MagicString, start: number, end: number, pieces: readonly Piece[]): void {
  let at = start;
  let pending = "";
  const flush = (to: number): void => {
    if (at < to) text.update(at, to, pending === "" ? " " : pending);
    else text.appendLeft(at, pending);
    pending = "";
  };
  for (const piece of pieces) {
    if (typeof piece === "string") {
      pending += piece;
      continue;
    }
    flush(piece[0]);
    at = piece[1];
  }
  flush(end);
}
