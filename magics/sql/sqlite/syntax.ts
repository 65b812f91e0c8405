import type { Syntax } from "../dialect.ts";

/** How SQLite's text is read. */
export const syntax: Syntax = { backticks: true, brackets: true };

/** Writes a name as SQL. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
