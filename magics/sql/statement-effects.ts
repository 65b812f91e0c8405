import type { Syntax } from "./dialect.ts";
import { tokenize } from "./lexer.ts";

// What a statement does, as far as its words tell. The syntax is that of its dialect: a text or a comment is no word.

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));
const changing = set("insert update delete merge replace load");
const reading = set("select values table with from show explain describe desc");
/** Words at which a statement that begins like one that reads may do more. */
const doubtful = set("insert update delete merge replace call create into nextval setval");
const makingTables = set("create drop alter rename use set attach detach import call rollback");

/** The words of a statement, its names too, in lower case. */
function lowerWords(sql: string, syntax: Syntax): string[] {
  return tokenize(sql, syntax).flatMap(({ kind, start, end }) => {
    if (kind === "word") return sql.slice(start, end).toLowerCase();
    return kind === "quoted" ? sql.slice(start + 1, end - 1).toLowerCase() : [];
  });
}

/** The word with which a statement begins, in lower case; empty where it has none. */
export function firstWord(sql: string, syntax: Syntax): string {
  return lowerWords(sql, syntax)[0] ?? "";
}

/** Tells whether a statement's result is how many rows it changed. */
export function changesRows(sql: string, syntax: Syntax): boolean {
  const [first = "", ...others] = lowerWords(sql, syntax);
  return changing.has(first) || (first === "with" && others.some((word) => changing.has(word)));
}

/** Tells whether a statement only reads, so that it may be run twice, or left in the midst. When in doubt it does not. */
export function onlyReads(sql: string, syntax: Syntax): boolean {
  const [first = "", ...others] = lowerWords(sql, syntax);
  return reading.has(first) && !others.some((word) => doubtful.has(word));
}

/** Tells whether a database may have other tables, or find others by their names, after a statement. */
export function changesTables(sql: string, syntax: Syntax): boolean {
  return makingTables.has(firstWord(sql, syntax));
}
