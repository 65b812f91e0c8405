import type { Syntax } from "../dialect.ts";

/** How MySQL's text is read; sessions see to it that the server reads it so. */
export const syntax: Syntax = {
  backticks: true,
  doubleQuotesAreTexts: true,
  backslashes: true,
  hashComments: true,
  dashNeedsSpace: true,
  compoundStatements: true,
};

/** Writes a name as SQL. */
export function quote(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
