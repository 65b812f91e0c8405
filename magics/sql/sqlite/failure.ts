import { findName } from "../find-name.ts";
import type { Failure } from "./protocol.ts";
import { syntax } from "./syntax.ts";

/** An error of `node:sqlite`. */
interface SqliteError {
  readonly message: string;
  readonly code?: string;
  /** SQLite's extended result code. */
  readonly errcode?: number;
}

/** Tries whether a text can be prepared, and returns what SQLite has against it. */
type TryPrepare = (sql: string) => string | undefined;

interface Known {
  readonly name: string;
  readonly hint?: string;
}

// By primary result code, the low 8 bits; https://sqlite.org/rescode.html
const codes: Readonly<Record<number, Known>> = {
  3: { name: "PermissionDenied" },
  5: {
    name: "DatabaseBusy",
    hint: "Another session or program holds a lock on the file. End its transaction, or wait longer with ?busy_timeout=30s in the URL",
  },
  6: { name: "TableLocked", hint: "Another statement of this session still reads the table. Read it to the end first" },
  7: { name: "OutOfMemory" },
  8: { name: "ReadOnly", hint: "Connect without ?mode=ro, or look at the file's permissions" },
  10: { name: "InputOutputError", hint: "Look whether the disk is full or was taken away" },
  11: { name: "DatabaseCorrupt", hint: "The file is damaged. `pragma integrity_check` says where" },
  13: { name: "DiskFull" },
  14: { name: "CannotOpen", hint: "Look at the path and at the file's permissions" },
  18: { name: "TooBig" },
  19: { name: "ConstraintViolation" },
  20: { name: "TypeMismatch" },
  25: { name: "OutOfRange", hint: "There are more values than places for them in the statement" },
  26: { name: "NotADatabase", hint: "The file is something else, or is encrypted. Look at the path" },
};

const constraints: Readonly<Record<number, string>> = {
  275: "CheckViolation",
  787: "ForeignKeyViolation",
  1299: "NotNullViolation",
  1555: "PrimaryKeyViolation",
  2067: "UniqueViolation",
  2579: "RowIdViolation",
  3091: "DataTypeViolation",
};

/** SQLite's messages of its code 1 ("SQL logic error") that say something of a place. */
const logic: readonly (Known & { readonly pattern: RegExp })[] = [
  { pattern: /^near "(?<text>[^]*)": syntax error$/, name: "SyntaxError" },
  { pattern: /^unrecognized token: "(?<text>[^]*)"$/, name: "SyntaxError" },
  { pattern: /^incomplete input$/, name: "SyntaxError", hint: "The statement ends too early" },
  { pattern: /^no such table: (?<path>.+)$/, name: "NoSuchTable" },
  { pattern: /^no such column: "?(?<path>.+?)"?(?: - should this be .*)?$/, name: "NoSuchColumn" },
  { pattern: /^ambiguous column name: (?<path>.+)$/, name: "AmbiguousColumn" },
  { pattern: /^no such function: (?<path>.+)$/, name: "NoSuchFunction" },
  { pattern: /^wrong number of arguments to function (?<path>.+)\(\)$/, name: "WrongArguments" },
  { pattern: /^(?:table|view|index|trigger) "?(?<path>.+?)"? already exists$/, name: "AlreadyExists" },
  { pattern: /^table (?<path>.+) has \d+ columns but/, name: "WrongNumberOfValues" },
  { pattern: /^table (?<table>.+) has no column named (?<path>.+)$/, name: "NoSuchColumn" },
];

/** What is known of the session in which a statement has failed. */
interface Session {
  readonly tryPrepare: TryPrepare;
  /** The statement ran within a transaction. */
  readonly isWithin: boolean;
}

const busy = 5;
/** Waiting is of no use there: each of two would wait for the other's end. */
const cannotUpgrade =
  "The transaction has read, and another session writes or has written since. Roll it back, and begin it by `begin immediate`, which waits for the right to write, or use db.transaction";

/** Makes the failure of an error of SQLite's, with its place in the statement where that can be told. */
export function describeFailure(error: SqliteError, sql: string, { tryPrepare, isWithin }: Session): Failure {
  const { message, errcode } = error;
  if (errcode === undefined) return describeOther(error);
  const code = String(errcode);
  if (errcode !== 1) {
    const { name, hint: usual } = codes[errcode & 0xff] ?? { name: "SqliteError" };
    const hint = (errcode & 0xff) === busy && isWithin ? cannotUpgrade : usual;
    return { name: constraints[errcode] ?? name, message, code, ...(hint !== undefined && { hint }) };
  }
  for (const { pattern, name, hint } of logic) {
    const match = pattern.exec(message);
    if (!match) continue;
    const { text, path } = match.groups ?? {};
    const offset = text === undefined ? findPath(sql, path) : findNear(sql, text, message, tryPrepare);
    return {
      name,
      message,
      code,
      ...(hint !== undefined && { hint }),
      ...(offset !== undefined && { offset }),
      ...(name === "NoSuchTable" && { missingTable: path! }),
    };
  }
  return { name: "SqlError", message, code };
}

/** What `node:sqlite` itself refuses. */
function describeOther({ message, code }: SqliteError): Failure {
  if (/contains no statements/.test(message)) return { name: "SyntaxError", message: "there is no statement" };
  return { name: "SqliteError", message, ...(code !== undefined && { code }) };
}

/** Finds a name; the statement's end where there is none. */
function findPath(sql: string, path: string | undefined): number | undefined {
  return path === undefined ? sql.trimEnd().length : findName(sql, path, syntax);
}

/**
 * Finds the token that SQLite stumbled over. It says its text only, which may stand in several places: the statement up to
 * the right one gives the same error, and up to one before is only incomplete.
 */
function findNear(sql: string, text: string, message: string, tryPrepare: TryPrepare): number | undefined {
  for (let at = sql.indexOf(text); at >= 0; at = sql.indexOf(text, at + 1))
    if (tryPrepare(sql.slice(0, at + text.length)) === message) return at;
  return undefined;
}
