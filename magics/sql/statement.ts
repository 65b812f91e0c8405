import type { Syntax } from "./dialect.ts";
import { findTables } from "./find-tables.ts";
import { postgresSyntax, tokenize } from "./lexer.ts";

/** A token of SQL that is neither space nor comment. */
export interface Word {
  readonly kind: "word" | "quoted" | "string" | "mark" | "other";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A table in a query's FROM. */
export interface NamedTable {
  readonly path: readonly string[];
  readonly alias: string | undefined;
}

/** Whether a table, the beginning of a statement or an expression is to come. */
export function placeOf(words: readonly Word[]): "table" | "start" | "expression" {
  const last = words.at(-1);
  if (!last || last.text === ";") return "start";
  if (last.kind === "word" && tableBefore.has(last.text.toLowerCase())) return "table";
  if (last.text !== ",") return "expression";
  // A comma in a list of tables: nothing but names since the FROM.
  for (let at = words.length - 2, depth = 0; at >= 0; at -= 1) {
    const { text, kind } = words[at]!;
    if (text === ")") depth += 1;
    else if (text === "(") {
      if (depth === 0) return "expression";
      depth -= 1;
    } else if (depth === 0 && kind === "word") {
      const word = text.toLowerCase();
      if (tableBefore.has(word)) return "table";
      if (clauses.has(word)) return "expression";
    }
  }
  return "expression";
}

const tableBefore = new Set("from join into update table describe summarize view truncate pivot unpivot".split(" "));
const clauses = new Set(
  "select where group order having limit on using set values qualify window returning by union except intersect".split(
    " ",
  ),
);

/** The statement in which a cursor stands. */
export function statementAround(before: string, after: string): readonly Word[] {
  const words = wordsOf(`${before}${after}`);
  const isEnd = ({ text, kind }: Word): boolean => kind === "mark" && text === ";";
  const first = words.findLastIndex((word) => isEnd(word) && word.end <= before.length) + 1;
  const end = words.findIndex((word) => isEnd(word) && word.start >= before.length);
  return words.slice(first, end < 0 ? words.length : end);
}

/** The tables that a statement of `sql` names; a CTE's name has no path. */
export function namedTables(sql: string, statement: readonly Word[]): NamedTable[] {
  const [first, last] = [statement[0], statement.at(-1)];
  if (!first || !last) return [];
  const ctes = statement.flatMap((word, at) =>
    isName(word) && /^as$/i.test(statement[at + 1]?.text ?? "") && statement[at + 2]?.text === "("
      ? [{ path: [], alias: nameOf(word) }]
      : [],
  );
  const tables = findTables(sql.slice(first.start, last.end), postgresSyntax);
  return [...ctes, ...tables.flatMap(({ path, alias }) => (path ? [{ path, alias }] : []))];
}

/** Words that are no names without quotes. */
export const reserved: ReadonlySet<string> = new Set([
  ...clauses,
  ...tableBefore,
  ..."left right inner outer full cross as and or not case".split(" "),
]);

function isName(word: Word | undefined): boolean {
  return word?.kind === "quoted" || (word?.kind === "word" && !reserved.has(word.text.toLowerCase()));
}

/** The name that a word is, without its quotes. */
export function nameOf({ kind, text }: Word): string {
  return kind === "quoted" ? text.slice(1).replace(/"$/, "").replaceAll('""', '"') : text;
}

/** Splits SQL at its semicolons. */
export function splitStatements(sql: string, syntax?: Syntax): string[] {
  const marks = tokenize(sql, syntax).filter(({ kind, start }) => kind === "mark" && sql[start] === ";");
  const starts = [0, ...marks.map(({ end }) => end)];
  return starts.map((start, i) => sql.slice(start, marks[i]?.start).trim()).filter((text) => text !== "");
}

/** Reads the tokens of SQL. */
export function wordsOf(sql: string): Word[] {
  return tokenize(sql).flatMap(({ kind, start, end }): Word[] => {
    if (kind === "space" || kind === "comment") return [];
    const known = kind === "word" || kind === "quoted" || kind === "string" || kind === "mark";
    return [{ kind: known ? kind : "other", text: sql.slice(start, end), start, end }];
  });
}

/** Puts a name or blanks, of the same length, in the place of each `${…}`. */
export function withoutValues(sql: string): string {
  return sql.replaceAll(/\$\{([^{}]*)\}/g, (all, expression: string) => {
    const name = expression.trim();
    return (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? ` ${name}` : " 0").padEnd(all.length);
  });
}
