import type { SqlFailure } from "./engine.ts";
import { type Statement, shownValue } from "./query-text.ts";

/** What to do where a failure is about how a query was written, and not about SQL; with the message in the user's words. */
export function adviseOn(
  failure: SqlFailure,
  statement: Statement,
): { readonly message: string; readonly hint: string } | undefined {
  const { message, offset } = failure;
  const isSyntax = /^(?:SyntaxError|ParserException)$/.test(failure.name);
  if (isSyntax && isCutBody(statement)) return { message, hint: cutBody };
  if (offset === undefined) return undefined;
  const { before, text, column } = statement.place(offset);
  const here = text.slice(column);
  if (!here.startsWith(shownValue) && !/^:\p{L}/u.test(here)) return undefined;
  if (isSyntax) return /\b(?:from|join)\s*$/i.test(before) ? { message, hint: textAsTable } : undefined;
  const own = message.replaceAll(ownName, shownValue);
  return own === message ? undefined : { message: own, hint: tableAsValue };
}

/** A routine whose body was not known as one, so that it ended at the first `;`. */
function isCutBody({ sql, isFollowed }: Statement): boolean {
  return isFollowed && !sql.includes(";") && routine.test(sql);
}

const routine = /^\s*(?:create|alter)\b[^;]*?\b(?:procedure|function|trigger|event|package)\b/i;

/** Names by which tables of the notebook are known to databases. */
const ownName = /["'`]?(?:typhoon_[0-9a-f]+|notebook(?:\.table_\d+)?)["'`]?/g;

const cutBody =
  "The statement ended at the first `;`. Where that is within its body, write a line `delimiter //` before it and `//` behind it, and a line `delimiter ;` before what follows";
const textAsTable =
  "A bound value cannot name a table or file. Write the table's name, or `sql.id(name)`. Write the path in quotes in the SQL, as in `from 'data/cars.csv'`; in DuckDB also `read_csv(${path})` and its like";
const tableAsValue =
  "It is a table, which stands behind from or join. For values of it write a query, as in `(select max(x) from ${table})`, or one of its values, as in `${table.get(0).x}`";
