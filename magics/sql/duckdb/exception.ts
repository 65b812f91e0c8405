import { SqlFailure } from "../engine.ts";

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

/** Makes the failure of a statement. */
export function toFailure(exception: Exception, sql: string): SqlFailure {
  const { exception_type: type, exception_message: message, position } = exception;
  const name = `${type.replaceAll(/[^A-Za-z]+(\w)/g, (_, letter: string) => letter.toUpperCase())}Exception`;
  const missingTable = missingIn(exception);
  return new SqlFailure(name, message, {
    ...(position !== undefined && { offset: charOffset(sql, Number(position)) }),
    ...(missingTable !== undefined && { missingTable }),
  });
}

function missingIn({ error_subtype: subtype, type, name }: Exception): string | undefined {
  return subtype === "MISSING_ENTRY" && type === "Table" ? name : undefined;
}

function charOffset(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().length;
}
