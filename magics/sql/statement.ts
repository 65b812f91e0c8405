import type { Syntax } from "./dialect.ts";
import { tokenize } from "./lexer.ts";

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

/** The tables that a statement names; a subquery's and a CTE's name has no path. */
export function namedTables(words: readonly Word[]): NamedTable[] {
  const sources: NamedTable[] = [];
  for (const [at, { text, kind }] of words.entries()) {
    if (kind !== "word") continue;
    if (/^as$/i.test(text) && words[at + 1]?.text === "(" && isName(words[at - 1]))
      sources.push({ path: [], alias: words[at - 1]!.text });
    const isList = /^from$/i.test(text);
    if (!isList && !/^(?:join|update|into)$/i.test(text)) continue;
    for (let next = at + 1; ;) {
      const path: string[] = [];
      for (; isName(words[next]); next += 2) {
        path.push(nameOf(words[next]!));
        if (words[next + 1]?.text !== ".") break;
      }
      if (path.length === 0) break;
      next += 1;
      if (/^as$/i.test(words[next]?.text ?? "")) next += 1;
      const named = isName(words[next]) ? words[next] : undefined;
      if (named) next += 1;
      sources.push({ path, alias: named && nameOf(named) });
      if (!isList || words[next]?.text !== ",") break;
      next += 1;
    }
  }
  return sources;
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
