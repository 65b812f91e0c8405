import { MagicError } from "../../magic.ts";
import type { Statement } from "../query-text.ts";

/** What DuckDB says about an error under `errors_as_json`. */
export interface Exception {
  readonly exception_type: string;
  readonly exception_message: string;
  /** Offset of the cause in bytes of the statement. */
  readonly position?: string;
  readonly error_subtype?: string;
  /** What is missing, as `Table`, and its name. */
  readonly type?: string;
  readonly name?: string;
}

/** Reads an error's text, which is JSON, at times after a prefix; some errors are plain text. */
export function parseException(message: string): Exception {
  const json = message.indexOf("{");
  try {
    if (json >= 0 && /^[\w ]*(: )?$/.test(message.slice(0, json))) return JSON.parse(message.slice(json)) as Exception;
  } catch {
    // Not JSON after all: the text is the message.
  }
  const [, type, rest] = /^([A-Z]\w*(?: \w+)?) Error: ([^]*)$/.exec(message) ?? [];
  return { exception_type: type ?? "Database", exception_message: rest ?? message };
}

/** Makes the error to show: DuckDB's message, the line of the SQL and a caret. */
export function toMagicError(exception: Exception, statement: Statement, startLine: number): MagicError {
  const { exception_type: type, exception_message: message, position } = exception;
  const name = `${type.replaceAll(/[^A-Za-z]+(\w)/g, (_, letter: string) => letter.toUpperCase())}Exception`;
  if (position === undefined) return new MagicError("sql", message, { name });
  const place = statement.place(charOffset(statement.sql, Number(position)));
  const line = `LINE ${startLine + place.line0}: `;
  const caret = `${" ".repeat(line.length + place.column)}^`;
  return new MagicError("sql", `${message}\n\n${line}${place.text}\n${caret}`, { name });
}

function charOffset(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().length;
}
