import { CellSyntaxError } from "./errors.ts";
import { type Token, createScanner } from "./tokens.ts";
import type { MagicArgument, MagicsInfo } from "./options.ts";

/** One use of a magic in a cell; all positions are offsets in the cell. */
export interface MagicUse {
  readonly type: "magic";
  readonly form: "line" | "cell";
  readonly name: string;
  readonly argument: MagicArgument;
  readonly start: number;
  /** Options such as `-n 10` before the code of a line magic, which are no code themselves. */
  readonly options?: readonly [start: number, end: number];
  /** Whether `name <<` in its line keeps the result. */
  readonly arrow: boolean;
  /** The text of the magic's own line, trimmed. */
  readonly line: readonly [start: number, end: number];
  /** The lines below `%%name`. */
  readonly body?: readonly [start: number, end: number];
  readonly end: number;
  /** Where the statement that assigns the result begins. */
  readonly assignedFrom?: number;
}

/** A question such as `%sql?`, `rows?` or `?rows`. */
export interface HelpUse {
  readonly type: "help";
  /** What is asked about; a magic keeps its `%`. */
  readonly topic: string;
  /** 1 for more detail (`??`), else 0. */
  readonly level: 0 | 1;
  readonly start: number;
  readonly end: number;
}

const identifier = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
const magicHead = new RegExp(`(%%?)(${identifier})(\\?{0,2})(?=\\s|$)`, "uy");
const magicWord = new RegExp(`%%?(${identifier})(?=[;,)])`, "uy");
const helpBefore = new RegExp(`(\\?\\??)[^\\S\\n]*(%{0,2}${identifier}(?:\\.${identifier})*)[^\\S\\n]*(?=\\n|$)`, "uy");
const helpAfter = new RegExp(`(${identifier}(?:\\.${identifier})*)(\\?\\??)[^\\S\\n]*(?=\\n|$)`, "uy");

/** Finds the magics of a cell. Strings, templates, comments and brackets are not searched, and `a⏎% b` is a remainder. */
export function findMagics(source: string, info: MagicsInfo): (MagicUse | HelpUse)[] {
  // Most cells have none: these are the only ways in which a line can hold one.
  if (!/^\s*[%?]|=\s*%|\?[^\S\n]*$/m.test(source)) return [];
  const found: (MagicUse | HelpUse)[] = [];
  const scanner = createScanner(source);
  let lineHead = true;
  for (let at = 0, depth = 0; at < source.length;) {
    const use = depth === 0 ? useAt(source, at, scanner.previous, lineHead, info) : undefined;
    if (use) {
      found.push(use, ...(use.type === "magic" ? findInside(source, use, info) : []));
      scanner.reset();
      at = use.end;
      continue;
    }
    const token = scanner.read(at);
    at = token.end;
    if (token.kind === "open") depth += 1;
    if (token.kind === "close") depth -= 1;
    if (token.kind === "newline") lineHead = true;
    if (token.kind === "space" || token.kind === "newline" || token.kind === "comment") continue;
    lineHead = false;
  }
  return found;
}

function useAt(
  source: string,
  at: number,
  previous: Token | undefined,
  lineHead: boolean,
  info: MagicsInfo,
): MagicUse | HelpUse | undefined {
  const assigns = previous?.kind === "operator" && previous.text === "=";
  if (source[at] === "%" && (lineHead || assigns)) return magicAt(source, at, previous, assigns, info);
  return lineHead ? helpAt(source, at) : undefined;
}

function magicAt(
  source: string,
  at: number,
  previous: Token | undefined,
  assigns: boolean,
  info: MagicsInfo,
): MagicUse | HelpUse | undefined {
  magicHead.lastIndex = magicWord.lastIndex = at;
  const match = magicHead.exec(source);
  if (!match) {
    const [use, word] = magicWord.exec(source) ?? [];
    if (word !== undefined && info.magics(word) && (assigns || !previous?.endsValue)) {
      const message = `${use} takes the whole line: what follows it goes on the next line`;
      throw new CellSyntaxError(message, source, at, { name: "UsageError" });
    }
    return undefined;
  }
  const [head, signs, name, help] = match as unknown as [string, string, string, string];
  const isCell = signs === "%%";
  const syntax = info.magics(name);
  const semicolon = previous?.text === ";";
  const isOperator = !assigns && previous?.endsValue === true;
  if (!syntax) {
    if (isOperator && !isCell) return undefined;
    throw new CellSyntaxError(unknown(signs + name, name, info), source, at, { name: "UsageError" });
  }
  if (isCell && previous !== undefined) {
    throw new CellSyntaxError(`%%${name} must be the first line of its cell`, source, at, { name: "UsageError" });
  }
  if (!assigns && previous?.kind === "operator" && !semicolon && !previous.endsValue) {
    return undefined; // the operand of an operator on the line before
  }
  const afterHead = at + head.length;
  if (help) return { type: "help", topic: signs + name, level: help === "??" ? 1 : 0, start: at, end: afterHead };
  const argument = isCell ? syntax.cell : syntax.line;
  if (argument === undefined) {
    const other = isCell ? `use %${name}` : `use %%${name} on the cell's first line`;
    throw new CellSyntaxError(`${signs}${name} does not exist; ${other}`, source, at, { name: "UsageError" });
  }
  const lineEnd = logicalLineEnd(source, afterHead, isCell);
  const line = trim(source, afterHead, lineEnd);
  const isCodeLine = argument === "code" && !isCell;
  const options = isCodeLine ? codeOptions(source, line) : undefined;
  const use: MagicUse = {
    type: "magic",
    form: isCell ? "cell" : "line",
    name,
    argument,
    start: at,
    line: options ? [options[1], line[1]] : line,
    ...(options && { options }),
    arrow: isCell || syntax.arrow === true,
    end: isCell ? source.length : lineEnd,
    ...(isCell && { body: [Math.min(lineEnd + 1, source.length), source.length] as const }),
    ...(assigns && { assignedFrom: source.lastIndexOf("\n", previous?.start ?? 0) + 1 }),
  };
  return use;
}

// After `-n` a word that is no operator is no code either: the magic can say that it wants a number.
const optionBeforeCode =
  /^(?:-[a-z]\s+(?!(?:in|instanceof|as|satisfies)\s)[\d.\p{ID_Start}$_][\p{ID_Continue}$.]*(?:\s+|$))+/u;

function codeOptions(source: string, [start, end]: readonly [number, number]): readonly [number, number] | undefined {
  const [options] = optionBeforeCode.exec(source.slice(start, end)) ?? [];
  return options === undefined ? undefined : [start, start + options.length];
}

/** The magics inside the code of a `code` magic. Positions are those of the whole cell. */
function findInside(source: string, { argument, body, line }: MagicUse, info: MagicsInfo): (MagicUse | HelpUse)[] {
  if (argument !== "code") return [];
  const [start, end] = body ?? line;
  return findMagics(source.slice(0, start).replaceAll(/[^\n]/g, " ") + source.slice(start, end), info);
}

function helpAt(source: string, at: number): HelpUse | undefined {
  helpBefore.lastIndex = helpAfter.lastIndex = at;
  const before = helpBefore.exec(source);
  const after = helpAfter.exec(source);
  if (before)
    return {
      type: "help",
      topic: before[2] ?? "",
      level: before[1] === "??" ? 1 : 0,
      start: at,
      end: at + before[0].length,
    };
  // With a colon to come, `a?` is the head of a conditional expression.
  if (!after || source.includes(":", helpAfter.lastIndex)) return undefined;
  return {
    type: "help",
    topic: after[1] ?? "",
    level: after[2] === "??" ? 1 : 0,
    start: at,
    end: at + after[0].length,
  };
}

/** End of a magic's line; a backslash before the line's end continues a line magic. */
function logicalLineEnd(source: string, from: number, isCell: boolean): number {
  for (let at = from; ; at += 1) {
    const end = source.indexOf("\n", at);
    if (end === -1) return source.length;
    if (isCell || !/\\[^\S\n]*$/.test(source.slice(at, end))) return end;
    at = end;
  }
}

function trim(source: string, start: number, end: number): readonly [number, number] {
  const text = source.slice(start, end);
  const from = start + (text.length - text.trimStart().length);
  return [from, Math.max(from, start + text.trimEnd().length)];
}

function unknown(use: string, name: string, { suggest }: MagicsInfo): string {
  return `no magic ${use}. ${suggest?.(name) ?? "%lsmagic lists all magics."}`;
}
