import type { Template } from "../magic.ts";
import type { Dialect } from "./dialect.ts";
import { tokenize, type Token } from "./lexer.ts";
import { splitTokens } from "./split.ts";

/** What `sql.raw` or `sql.id` put into a query: text as it stands, or names that the dialect quotes. */
export interface Pasted {
  readonly [pasted]: string | readonly string[];
}
const pasted: unique symbol = Symbol.for("typhoon.sql.pasted") as never;

/** A query inside another: its text and values become part of it. */
export interface Nested {
  readonly [nested]: Template;
}
/** Where a query keeps its template. */
export const nested: unique symbol = Symbol.for("typhoon.sql.nested") as never;

/** Marks text to be pasted, or names to be quoted and joined by dots. */
export function paste(text: string | readonly string[]): Pasted {
  return { [pasted]: text };
}

/** How values come into a query. */
export interface Binding {
  /** Returns the SQL name of the relation that a value is, or undefined if it is a value to bind; `asTable` where only a table can stand. */
  relation(value: unknown, asTable: boolean): string | undefined;
  /** Returns the value of `:name`; without this, `:name` is left to the database. */
  variable?(name: string): unknown;
}

/** One statement, ready to run: a placeholder of the dialect stands for each value, in their order. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** How the user wrote each value, for errors. */
  readonly origins: readonly string[];
  /** Whether other statements come behind it. */
  readonly isFollowed: boolean;
  /** Turns an offset of `sql` into the place in what the user wrote. */
  place(offset: number): Place;
}

/** A place in the text of a query: line from 0, column from 0, the text of that line, and all text before the place. */
export interface Place {
  readonly before: string;
  readonly line0: number;
  readonly column: number;
  readonly text: string;
}

/** Stands for a value while the text is read; it is no part of any word. */
const hole = "\u0001";
/** How it is shown. */
export const shownValue = "${…}";

/** A value, and how the user wrote it. */
interface Hole {
  readonly value: unknown;
  readonly origin: string;
}

interface JoinedText {
  readonly text: string;
  readonly values: ReadonlyMap<number, Hole>;
}

/** What of a dialect a query's text depends on. */
export type QueryDialect = Pick<Dialect, "syntax" | "placeholder" | "quote" | "emptyList">;

/** Splits a query into statements and makes every value a parameter. */
export function parseQuery(template: Template, binding: Binding, dialect: QueryDialect): Statement[] {
  const source = join(template, dialect);
  return splitTokens(source.text, dialect.syntax).map((tokens, i, all) => ({
    ...createStatement(source, tokens, binding, dialect),
    isFollowed: i < all.length - 1,
  }));
}

/** Joins a template's parts; what is pasted becomes text, and a hole marks each value. */
function join(template: Template, { quote, syntax }: QueryDialect): JoinedText {
  const values = new Map<number, Hole>();
  let text = "";
  const pastedText = ({ [pasted]: given }: Pasted): string =>
    typeof given === "string" ? given : given.map(quote).join(".");
  const add = ({ strings, values: given }: Template): void => {
    for (const [i, part] of strings.entries()) {
      text += part;
      if (i === given.length) break;
      const value = given[i];
      if (isMarked(value, pasted)) text += pastedText(value as Pasted);
      else if (isMarked(value, nested)) {
        const start = text.length;
        add((value as Nested)[nested]);
        // What comes behind a query is no part of a comment at its end.
        const last = tokenize(text.slice(start), syntax).at(-1);
        if (last?.kind === "comment" && text[start + last.start] !== "/") text += "\n";
      } else {
        values.set(text.length, { value, origin: originOf(part, i) });
        text += hole;
      }
    }
  };
  add(template);
  if (!text.isWellFormed()) throw new SyntaxError("the SQL holds half of a surrogate pair, which UTF-8 cannot");
  return { text, values };
}

/** Names a value by its number and the words before it: a template does not know its expressions. */
function originOf(before: string, index: number): string {
  const words = /\S.{0,39}$/.exec(before.trimEnd())?.[0] ?? "";
  return `\${…} number ${index + 1}${words && `, in \`${words} \${…}\``}`;
}

function isMarked(value: unknown, mark: symbol): boolean {
  return typeof value === "object" && value !== null && mark in value;
}

function createStatement(
  { text, values: holes }: JoinedText,
  tokens: readonly Token[],
  binding: Binding,
  dialect: QueryDialect,
): Omit<Statement, "isFollowed"> {
  const values: unknown[] = [];
  const origins: string[] = [];
  /** Where each piece of `sql` begins, and where it was in the text. */
  const pieces: { readonly at: number; readonly start: number }[] = [];
  /** The text of each token. */
  const parts: string[] = [];
  const put = ({ value, origin }: Hole, list: InList | undefined, asTable: boolean): string => {
    const bind = (item: unknown): string => {
      origins.push(origin);
      return dialect.placeholder(values.push(item));
    };
    const relation = binding.relation(value, asTable);
    if (relation !== undefined) return relation;
    if (!list || !Array.isArray(value)) return bind(value);
    if (value.length > 0) return value.map(bind).join(", ");
    // `in ()` is no SQL; this is the set with nothing in it, right for `not in` as well.
    const { emptyList } = dialect;
    if (!emptyList) return "select null where false";
    parts[list.in] = list.not === undefined ? emptyList.in : emptyList.notIn;
    if (list.not !== undefined) parts[list.not] = "";
    return emptyList.list;
  };
  const lists = inLists(text, tokens);
  let previous = "";
  for (const [i, token] of tokens.entries()) {
    const own = text.slice(token.start, token.end);
    const given = own === hole ? holes.get(token.start) : undefined;
    const asTable = beforeTable.test(previous);
    if (token.kind !== "space" && token.kind !== "comment") previous = own;
    if (given) parts[i] = put(given, lists.get(i), asTable);
    else if (token.kind === "parameter" && binding.variable)
      parts[i] = put({ value: binding.variable(own.slice(1)), origin: own }, lists.get(i), asTable);
    else if (token.kind !== "comment" && own.includes(hole)) throw quotedValue(own);
    else if (token.kind === "mark" && own === "?" && dialect.placeholder(1) === "?") throw bareMark();
    else parts[i] = own.replaceAll(hole, " ");
  }
  let sql = "";
  for (const [i, part] of parts.entries()) {
    pieces.push({ at: sql.length, start: tokens[i]!.start });
    sql += part;
  }
  return { sql, values, origins, place: (offset) => placeAt(text, offsetIn(pieces, offset)) };
}

/** Words after which comes a table. */
const beforeTable = /^(?:from|join|pivot|unpivot|copy|summarize|describe)$/i;

function bareMark(): SyntaxError {
  return new SyntaxError("a bare ? has no value here. Write ${…} or :name in its place; it is bound");
}

function quotedValue(text: string): SyntaxError {
  return new SyntaxError(
    `a value stands inside the quotes ${text.replaceAll(hole, shownValue)}. Write \${…} without quotes; it is bound, not pasted`,
  );
}

/** The numbers of the tokens before a list. */
interface InList {
  readonly in: number;
  readonly not: number | undefined;
}

/** Finds the tokens that stand directly in the parentheses of an `in (…)`. */
function inLists(text: string, tokens: readonly Token[]): Map<number, InList> {
  const found = new Map<number, InList>();
  const open: (InList | undefined)[] = [];
  const before: number[] = [];
  const wordAt = (number: number | undefined): string =>
    number === undefined ? "" : text.slice(tokens[number]!.start, tokens[number]!.end).toLowerCase();
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "space" || token.kind === "comment") continue;
    const list = open.at(-1);
    if (list) found.set(i, list);
    const own = wordAt(i);
    const last = before.at(-1);
    const not = before.at(-2);
    if (own === "(")
      open.push(wordAt(last) === "in" ? { in: last!, not: wordAt(not) === "not" ? not : undefined } : undefined);
    else if (own === ")") open.pop();
    before.push(i);
  }
  return found;
}

function offsetIn(pieces: readonly { at: number; start: number }[], offset: number): number {
  const index = pieces.findLastIndex(({ at }) => at <= offset);
  const piece = pieces[index];
  if (!piece) return 0;
  const next = pieces[index + 1];
  const inside = piece.start + offset - piece.at;
  return next ? Math.min(inside, next.start) : inside;
}

function placeAt(text: string, offset: number): Place {
  const show = (part: string): string => part.replaceAll(hole, shownValue);
  const before = text.slice(0, offset).split("\n");
  const line = text.split("\n")[before.length - 1] ?? "";
  return {
    before: show(text.slice(0, offset)),
    line0: before.length - 1,
    column: show(before.at(-1) ?? "").length,
    text: show(line),
  };
}
