import type { Syntax } from "./dialect.ts";

/** A piece of SQL text: `[start, end)` are offsets into it. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "parameter" | "comment" | "space" | "mark";
  readonly start: number;
  readonly end: number;
}

const space = /\s+/y;
const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const number = /(?:0[xX][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?)/y;
const lineComment = /(?:--|#)[^\n]*/y;
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const parameter = /:[\p{L}_][\p{L}\p{N}_$]*/uy;

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Finds the end of a text that `quote` closes; the quote doubled stands for itself. An open one ends with the SQL. */
function quotedEnd(text: string, at: number, quote: string, backslash: boolean): number {
  for (let i = at; i < text.length; i++) {
    if (backslash && text[i] === "\\") i++;
    else if (text[i] === quote) {
      if (text[i + 1] !== quote) return i + 1;
      i++;
    }
  }
  return text.length;
}

/** Finds the end of a block comment, which may hold others where `nested`. */
function blockEnd(text: string, at: number, nested: boolean): number {
  if (!nested) {
    const end = text.indexOf("*/", at + 2);
    return end < 0 ? text.length : end + 2;
  }
  let depth = 1;
  for (let i = at + 2; i < text.length; i++) {
    if (text.startsWith("*/", i)) {
      i++;
      if (--depth === 0) return i + 1;
    } else if (text.startsWith("/*", i)) {
      i++;
      depth++;
    }
  }
  return text.length;
}

function isComment(text: string, at: number, { dashNeedsSpace, hashComments }: Syntax): boolean {
  if (hashComments && text[at] === "#") return true;
  return text.startsWith("--", at) && (!dashNeedsSpace || /^(?:\s|$)/.test(text.slice(at + 2, at + 3)));
}

function dollarEnd(text: string, at: number): number {
  const open = match(dollarQuote, text, at);
  if (open === at) return at + 1;
  const close = text.indexOf(text.slice(at, open), open);
  return close < 0 ? text.length : close + open - at;
}

/**
 * Reads one token. Where `isSliced`, directly in the brackets behind a value (`l[1:n]`, `l[:n]`), a colon is no parameter.
 * A colon after a value (`a:b`, DuckDB's alias before its expression; `{a:1}`) is a mark as well.
 */
function read(text: string, at: number, syntax: Syntax, isSliced: boolean, previous: Token | undefined): Token {
  const token = (kind: Token["kind"], end: number): Token => ({ kind, start: at, end });
  const char = text[at] ?? "";
  if (/\s/.test(char)) return token("space", match(space, text, at));
  if (isComment(text, at, syntax)) return token("comment", match(lineComment, text, at));
  if (text.startsWith("/*", at)) return token("comment", blockEnd(text, at, syntax.nestedComments === true));
  const { backslashes = false } = syntax;
  if (char === "'") return token("string", quotedEnd(text, at + 1, "'", backslashes));
  if (char === '"')
    return syntax.doubleQuotesAreTexts
      ? token("string", quotedEnd(text, at + 1, '"', backslashes))
      : token("quoted", quotedEnd(text, at + 1, '"', false));
  if (char === "`" && syntax.backticks) return token("quoted", quotedEnd(text, at + 1, "`", false));
  if (char === "[" && syntax.brackets) {
    const end = text.indexOf("]", at);
    return token("quoted", end < 0 ? text.length : end + 1);
  }
  if (syntax.escapeTexts && (char === "e" || char === "E") && text[at + 1] === "'")
    return token("string", quotedEnd(text, at + 2, "'", true));
  if (char === "$" && syntax.dollarQuotes) {
    const end = dollarEnd(text, at);
    return token(end === at + 1 ? "mark" : "string", end);
  }
  if (text.startsWith("::", at) || text.startsWith(":=", at)) return token("mark", at + 2);
  const glued = previous?.end === at && ["word", "quoted", "string", "number"].includes(previous.kind);
  if (char === ":" && !isSliced && !glued) {
    const end = match(parameter, text, at);
    return end === at ? token("mark", at + 1) : token("parameter", end);
  }
  const afterWord = match(word, text, at);
  if (afterWord > at) return token("word", afterWord);
  const afterNumber = match(number, text, at);
  return afterNumber > at ? token("number", afterNumber) : token("mark", at + 1);
}

/** SQL of the PostgreSQL family, DuckDB's too. */
export const postgresSyntax: Syntax = { escapeTexts: true, dollarQuotes: true, nestedComments: true, slices: true };

/** Tells whether a value ends right before an offset: a name, a text, a closing bracket, a value's place. */
function isValueBefore(text: string, at: number): boolean {
  return (
    /[\p{L}\p{N}_$"'\])}\u0001]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
    !arrayBefore.test(text.slice(Math.max(0, at - 6), at))
  );
}

const arrayBefore = /(?<![\p{L}\p{N}_$])array$/iu;

/** Splits SQL into tokens that cover it without a gap. */
export function tokenize(text: string, syntax: Syntax = postgresSyntax): Token[] {
  const tokens: Token[] = [];
  /** What is open: parentheses, lists (`array[1, :n]`, `[:n]`) and slices. */
  const open: ("(" | "list" | "slice")[] = [];
  for (let at = 0; at < text.length;) {
    const token = read(text, at, syntax, open.at(-1) === "slice", tokens.at(-1));
    if (token.kind === "mark" && syntax.slices) {
      const mark = text[at];
      if (mark === "(") open.push("(");
      else if (mark === "[") open.push(isValueBefore(text, at) ? "slice" : "list");
      else if (mark === ")" || mark === "]") open.pop();
    }
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}
