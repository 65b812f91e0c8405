import { SqlFailure } from "../engine.ts";
import { type FoundName, findNames } from "../find-name.ts";
import { findMissing } from "../missing-table.ts";
import { syntax } from "./syntax.ts";
import type { ServerError } from "./wire.ts";

/** What to do, by the number of the server's error. */
const hints: Readonly<Record<number, string>> = {
  1044: "Ask for the right, as in `grant select on database.* to user`",
  1142: "Ask for the right, as in `grant select on database.* to user`",
  1046: "Name the database in the URL, as in mysql://user@host/database, or write `database.table`",
  1062: "Look at the row that is there already, or use `insert … on duplicate key update`",
  1153: "Send less at a time, or raise the server's max_allowed_packet",
  1205: "Another transaction holds the rows. End it, or try again",
  1213: "Two transactions waited for each other, and this one was rolled back. Run it again",
  1292: "Look at the value, or cast it in the query",
  1317: "The query was stopped in the server",
  1451: "Rows of another table refer to this one. Delete those first",
  1452: "Insert the row that this one refers to first",
  1969: "The server's max_statement_time was over",
  3024: "The server's max_execution_time was over",
};

/** Errors that say a name, and where it stands in the message. */
const named: readonly RegExp[] = [
  /^Table '(?<path>[^']+)' doesn't exist/,
  /^Unknown table '(?<path>[^']+)'/,
  /^Table '(?<path>[^']+)' already exists/,
  /^Unknown column '(?<path>[^']+)'/,
  /^Column '(?<path>[^']+)'/,
  /^FUNCTION (?<path>\S+) does not exist/,
  /^PROCEDURE (?<path>\S+) does not exist/,
  /^Unknown database '(?<path>[^']+)'/,
  /^Duplicate column name '(?<path>[^']+)'/,
  /^Key column '(?<path>[^']+)'/,
];

/** Names that the server's symbols make no good ones of. */
const names: Readonly<Record<number, string>> = {
  1064: "SyntaxError",
  1054: "NoSuchColumn",
  1062: "DuplicateEntry",
  1146: "NoSuchTable",
  1052: "AmbiguousColumn",
  1305: "NoSuchFunction",
  1969: "StatementTimeout",
  1317: "QueryInterrupted",
  4025: "CheckConstraintViolated",
};

/** From this number on, MariaDB's errors are others than MySQL's. */
const firstOwn = 1900;
/** Names for those by the class of their SQLSTATE, where `names` has none. */
const classes: Readonly<Record<string, string>> = {
  "22": "DataException",
  "23": "IntegrityConstraintViolation",
  "42": "SyntaxErrorOrAccessViolation",
};

/** Errors after which the server closes the connection: it shuts down, the session was killed, or nobody used it. */
const ends: ReadonlySet<number> = new Set([1053, 1152, 1927, 4031]);

const noSuchTable = 1146;
/** The text at which the server stumbled is cut after so many characters. */
const nearCharacters = 80;

/**
 * Makes the failure of what the server, or the connection to it, says against a statement; undefined for an error that is
 * neither's.
 */
export function toFailure(error: unknown, sql: string, isMariaDb: boolean): SqlFailure | undefined {
  const { errno, sqlState, sqlMessage, message, code, fatal } = error as ServerError & {
    errno?: number;
    /** What mysql2 says of errors after which a connection is of no use. */
    fatal?: boolean;
  };
  if (errno === undefined || sqlState === undefined) return fatal === true ? lost(error as Error) : undefined;
  if (ends.has(errno)) return lost(error as Error);
  const text = sqlMessage ?? message;
  const found = (errno === noSuchTable ? findTable(sql, text) : undefined) ?? findPlace(sql, text);
  const hint = text.startsWith("Incorrect string value")
    ? "The column's character set lacks a character. Change it: `alter table … convert to character set utf8mb4`"
    : hints[errno];
  const isOwn = isMariaDb && errno >= firstOwn;
  const name = names[errno] ?? (isOwn ? (classes[sqlState.slice(0, 2)] ?? "ServerError") : toName(code));
  return new SqlFailure(name, text, {
    code: `${errno} (${sqlState})`,
    ...(found && { offset: found.offset }),
    ...(hint !== undefined && { hint }),
    ...(errno === noSuchTable && found?.name !== undefined && { missingTable: found.name }),
    cause: error,
  });
}

/** The failure of a connection that has ended. */
export function lost(cause: Error): SqlFailure {
  return new SqlFailure("ConnectionLost", `the connection to the server was lost (${cause.message})`, {
    hint: "Look whether the server is up. The next statement connects again; an open transaction was rolled back",
    isDisconnect: true,
    cause,
  });
}

/** `ER_NO_SUCH_TABLE` as `NoSuchTable`. */
function toName(symbol: string | undefined): string {
  if (!symbol?.startsWith("ER_")) return "ServerError";
  const words = symbol.slice("ER_".length).toLowerCase().split("_");
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

/** Every language has the table as `'database.table'`. */
function findTable(sql: string, message: string): FoundName | undefined {
  const said = message.toLowerCase();
  return findMissing(sql, syntax, (name) => said.includes(`.${name.toLowerCase()}'`));
}

function findPlace(sql: string, message: string): { offset: number; name?: string } | undefined {
  const near = / near '([^]*)' at line (\d+)$/.exec(message);
  if (near) {
    const offset = findNear(sql, near[1]!, Number(near[2]));
    return offset === undefined ? undefined : { offset };
  }
  for (const pattern of named) {
    const path = pattern.exec(message)?.groups?.["path"];
    if (path !== undefined) return findNames(sql, path, syntax);
  }
  return undefined;
}

/** The server gives the rest of the statement from the word on at which it stumbled, cut, and the line where that word is. */
function findNear(sql: string, near: string, line: number): number | undefined {
  const trimmed = sql.trimEnd();
  if (near === "") return trimmed.length;
  if (near.length < nearCharacters && sql.endsWith(near)) return sql.length - near.length;
  let lineStart = 0;
  for (let i = 1; i < line; i++) lineStart = sql.indexOf("\n", lineStart) + 1;
  const at = sql.indexOf(near, lineStart);
  return at < 0 ? undefined : at;
}
