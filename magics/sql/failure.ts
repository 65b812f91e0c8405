import { MagicError } from "../magic.ts";
import { adviseOn } from "./advice.ts";
import type { SqlFailure } from "./engine.ts";
import type { Statement } from "./query-text.ts";

/** Tells what a system said from other errors. */
export function isFailure(error: unknown): error is SqlFailure {
  return typeof error === "object" && error !== null && "isDisconnect" in error && "missingTable" in error;
}

/** Makes the error to show: the system's words, the line of the SQL and a caret, and what to do. `startLine` is the line of the cell on which the query begins. */
export function toMagicError(failure: SqlFailure, statement?: Statement, startLine = 1): MagicError {
  const { name, offset, detail } = failure;
  const advice = statement && adviseOn(failure, statement);
  const { message, hint } = advice ?? failure;
  const parts = [message];
  if (statement && offset !== undefined) {
    const place = statement.place(offset);
    const line = `LINE ${startLine + place.line0}: `;
    parts.push(`${line}${place.text}\n${" ".repeat(line.length + place.column)}^`);
  }
  if (detail !== undefined) parts.push(detail);
  if (hint !== undefined) parts.push(`Hint: ${hint}`);
  return new MagicError("sql", parts.join("\n\n"), { name, cause: failure });
}
