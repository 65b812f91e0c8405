import type { Syntax } from "./dialect.ts";
import { tokenize } from "./lexer.ts";

/** Finds a name of an error in a statement: `a.b` as it stands, or its last part alone; undefined where it is not there. */
export function findName(sql: string, path: string, syntax: Syntax): number | undefined {
  return findNames(sql, path, syntax)?.offset;
}

/** Where a name stands, and as which the statement writes it. */
export interface FoundName {
  readonly offset: number;
  readonly name: string;
}

/** As `findName`, with the name as the statement writes it, without quotes. */
export function findNames(sql: string, path: string, syntax: Syntax): FoundName | undefined {
  const tokens = tokenize(sql, syntax).filter(({ kind }) => kind !== "space" && kind !== "comment");
  const names = tokens.map(({ kind, start, end }) => {
    const text = sql.slice(start, end);
    return kind === "quoted" ? text.slice(1, -1) : text;
  });
  const parts = path.toLowerCase().split(".");
  for (let skip = 0; skip < parts.length; skip++) {
    const wanted = parts.slice(skip);
    const at = names.findIndex((_, i) => wanted.every((part, k) => names[i + 2 * k]?.toLowerCase() === part));
    if (at >= 0) return { offset: tokens[at]!.start, name: wanted.map((_, k) => names[at + 2 * k]).join(".") };
  }
  return undefined;
}
