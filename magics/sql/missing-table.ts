import type { Syntax } from "./dialect.ts";
import type { FoundName } from "./find-name.ts";
import { type TableUse, findTables } from "./find-tables.ts";

/**
 * Finds the table that a server misses among those that a statement names, with the name as the statement writes it, without
 * quotes. What the server says of it may be in any language.
 */
export function findMissing(
  sql: string,
  syntax: Syntax,
  isMissing: (last: string, use: TableUse) => boolean,
): FoundName | undefined {
  for (const use of findTables(sql, syntax)) {
    const last = use.path?.at(-1);
    if (last !== undefined && isMissing(last, use)) return { offset: use.start, name: use.path!.join(".") };
  }
  return undefined;
}
