import type { Syntax } from "./dialect.ts";
import { type Token, tokenize } from "./lexer.ts";

/**
 * Splits SQL into the tokens of its statements. A `;` within the body of a routine, a trigger, an event or a compound
 * statement is part of it; after a line `delimiter //` statements end with `//` instead, as in MySQL's client, in every system.
 */
export function splitTokens(text: string, syntax?: Syntax): Token[][] {
  const tokens = tokenize(text, syntax);
  const lines = delimiterLines(text, tokens);
  const split = (from: number, to: number, mark: string): Token[][] =>
    mark === ";"
      ? atSemicolons(
          text,
          tokens.filter(({ start, end }) => start >= from && end <= to),
          syntax,
        )
      : atMarks(text.slice(from, to), mark, syntax).map((part) =>
          part.map((token) => ({ ...token, start: token.start + from, end: token.end + from })),
        );
  const parts: Token[][] = [];
  let [from, mark] = [0, ";"];
  for (const line of lines) {
    parts.push(...split(from, line.start, mark));
    [from, mark] = [line.end, line.mark];
  }
  parts.push(...split(from, text.length, mark));
  return parts.filter((part) => part.some(({ kind }) => kind !== "space" && kind !== "comment"));
}

/** Lines that say with what statements end; a quote, a word or `=` behind the word is an option of COPY and the like. */
const delimiterLine = /^[ \t]*delimiter[ \t]+([^\s\w'"`=(),]+)[ \t]*\r?$/gim;

function delimiterLines(text: string, tokens: readonly Token[]): { mark: string; start: number; end: number }[] {
  if (!/delimiter/i.test(text)) return [];
  const inText = ({ kind }: Token): boolean => kind === "string" || kind === "quoted" || kind === "comment";
  return [...text.matchAll(delimiterLine)]
    .map(({ 0: line, 1: mark, index }) => ({ mark: mark!, start: index, end: index + line.length }))
    .filter(({ start }) => !tokens.some((token) => inText(token) && token.start < start && start < token.end));
}

/** The mark counts wherever it is no part of a text or comment, also right behind a word: `end$$`. */
function atMarks(text: string, mark: string, syntax?: Syntax): Token[][] {
  const closed = tokenize(text, syntax).filter(
    ({ kind }) => kind === "string" || kind === "quoted" || kind === "comment",
  );
  const parts: Token[][] = [];
  let from = 0;
  for (let at = text.indexOf(mark); ; at = text.indexOf(mark, at + 1)) {
    if (at >= 0 && closed.some(({ start, end }) => start <= at && at < end)) continue;
    const part = text.slice(from, at < 0 ? text.length : at);
    parts.push(tokenize(part, syntax).map((token) => ({ ...token, start: token.start + from, end: token.end + from })));
    if (at < 0) return parts;
    from = at + mark.length;
    at = from - 1;
  }
}

function atSemicolons(text: string, tokens: readonly Token[], syntax?: Syntax): Token[][] {
  const parts: Token[][] = [];
  let part: Token[] = [];
  let body = createBody(syntax);
  for (const token of tokens) {
    const own = text.slice(token.start, token.end);
    if (token.kind === "mark" && own === ";" && !body.isOpen()) {
      parts.push(part);
      part = [];
      body = createBody(syntax);
      continue;
    }
    part.push(token);
    if (token.kind !== "space" && token.kind !== "comment") body.take(token.kind === "word" ? own.toLowerCase() : own);
  }
  parts.push(part);
  return parts;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const routines = words("procedure function trigger event package");
/** What else `create` and `alter` are about: behind these a routine's word is a name. */
const others = words("table view index database schema user role sequence type rule server materialized domain");
/** Control statements, where a statement can begin; elsewhere these are functions and clauses. */
const controls = words("if loop while repeat for case");
/** Behind these a statement begins; behind `then` and `else` not in an expression. */
const beforeStatement = words("; : begin then else do loop repeat");
/** Behind these begins a body that is one control statement. */
const beforeBody = words(") row deterministic data sql invoker definer do");
/** What shows that `as` and `is` to come are not those of Oracle's mode. */
const endsHeader = words(
  "returns select insert update delete set call with replace values alter create drop do rename",
);

/** What follows a statement word by word, to know whether a `;` is within its body. */
interface Body {
  take(word: string): void;
  isOpen(): boolean;
}

/**
 * Knows `create procedure … begin … end` and its like, and the blocks within. In Oracle's mode `as` opens the declarations of
 * a routine or package, and `begin` ends them.
 */
function createBody({ compoundStatements = false, dollarQuotes = false }: Syntax = {}): Body {
  const open: ("begin" | "control" | "case" | "declarations" | "(")[] = [];
  const seen: string[] = [];
  let isRoutine = false;
  let isRule = false;
  let inHeader = false;

  const startsStatement = (last: string): boolean => {
    if (open.length > 0) return open.at(-1) !== "case" && beforeStatement.has(last);
    return seen.length === 0 || (isRoutine && beforeBody.has(last));
  };
  const isAtomic = (last: string): boolean =>
    dollarQuotes ? isRoutine && last === "begin" : last === "not" && seen.length === 2 && seen[0] === "begin";
  /** What a word opens. */
  const opened = (word: string, last: string): (typeof open)[number] | undefined => {
    // The actions of PostgreSQL's rules stand in parentheses.
    if (word === "(") return inHeader || isRule ? "(" : undefined;
    if (word === "atomic") return isAtomic(last) ? "begin" : undefined;
    if (word === "as" || word === "is") return inHeader && open.at(-1) !== "(" ? "declarations" : undefined;
    if (last === "end") return undefined;
    if (word === "begin") return !dollarQuotes && (isRoutine || open.length > 0) ? "begin" : undefined;
    if (compoundStatements && controls.has(word) && startsStatement(last)) return "control";
    return word === "case" && (isRoutine || open.length > 0) ? "case" : undefined;
  };
  return {
    take(word) {
      const last = seen.at(-1) ?? "";
      if (!isRoutine && /^(?:create|alter)$/.test(seen[0] ?? "") && routines.has(word))
        isRoutine = !seen.some((other) => others.has(other));
      isRule ||= dollarQuotes && word === "rule" && (last === "create" || last === "replace");
      if (compoundStatements && /^(?:procedure|function|package)$/.test(word))
        inHeader ||= open.length === 0 ? isRoutine : open.at(-1) === "declarations";
      const block = opened(word, last);
      if (block === "begin" && open.at(-1) === "declarations") open.pop();
      if (block) open.push(block);
      else if (word === "end" || (word === ")" && open.at(-1) === "(")) open.pop();
      if ((block && block !== "(") || (endsHeader.has(word) && open.at(-1) !== "(") || word === ";") inHeader = false;
      seen.push(word);
    },
    isOpen: () => open.length > 0,
  };
}
