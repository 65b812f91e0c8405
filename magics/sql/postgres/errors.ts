import { SqlFailure } from "../engine.ts";
import { postgresSyntax } from "../lexer.ts";
import { findMissing } from "../missing-table.ts";
import { nameOfState } from "./sqlstates.ts";

/** Fields of an error by their letters, as the protocol has them. */
export type ErrorFields = Readonly<Record<string, string>>;

/** Turns what the server says against a statement into a failure. */
export function toFailure(fields: ErrorFields, sql: string): SqlFailure {
  const code = fields["C"] ?? "XX000";
  const message = fields["M"] ?? "the server gives no reason";
  const position = Number(fields["P"]);
  const offset = position > 0 ? offsetOf(sql, position - 1) : undefined;
  const context = [fields["D"], fields["q"] && `in the query ${fields["q"]}`, fields["W"]].filter(Boolean).join("\n");
  const hint = fields["H"] ?? hints[code]?.(message);
  const missingTable = code === undefinedTable ? findTable(sql, message, offset) : undefined;
  return new SqlFailure(nameOfState(code), message, {
    code,
    ...(offset !== undefined && { offset }),
    ...(context !== "" && { detail: context }),
    ...(hint !== undefined && { hint }),
    ...(missingTable !== undefined && { missingTable }),
    isDisconnect: code.startsWith("57P0") || fields["S"] === "FATAL" || fields["V"] === "FATAL",
  });
}

const undefinedTable = "42P01";

/** The server may speak any language; a column of a table that is not in FROM has the same code. */
function findTable(sql: string, message: string, offset: number | undefined): string | undefined {
  const [, said] = /^relation "(.*)" does not exist$/.exec(message) ?? [];
  return said ?? findMissing(sql, postgresSyntax, (_, { start }) => start === offset)?.name;
}

/** The server counts characters, we UTF-16 units. */
function offsetOf(sql: string, characters: number): number {
  let offset = 0;
  for (let left = characters; left > 0 && offset < sql.length; left--)
    offset += sql.codePointAt(offset)! > 0xff_ff ? 2 : 1;
  return offset;
}

const nameType = "Name the value's type, as in ${x}::int or ${x}::text[].";

// What to do where the server does not say it.
const hints: Readonly<Record<string, (message: string) => string | undefined>> = {
  "25P02": () => "The transaction has failed. Run rollback, then begin again.",
  "42P18": () => nameType,
  "42725": () => nameType,
  "42804": (message) => (/\[\]/.test(message) ? "For a json or jsonb column, write ${JSON.stringify(x)}." : undefined),
  "22P02": (message) =>
    /type json/.test(message) ? "For a json or jsonb column, write ${JSON.stringify(x)}." : undefined,
  "57014": (message) =>
    /statement timeout/.test(message)
      ? "The limit is the server's: set statement_timeout = '10min' raises it."
      : undefined,
  "40001": () => "Another transaction changed the same rows. Run this one again.",
  "40P01": () => "Two transactions waited for each other. Run this one again.",
  "53300": () => "Close connections that are not needed (%disconnect), or raise max_connections.",
  "57P01": () => "The session was ended by the server's administrator. The next query connects again.",
  "57P05": () => "The session was idle for too long. The next query connects again.",
};

/** The failure of a session whose connection has ended. */
export function lostFailure(cause: Error | undefined): SqlFailure {
  const why = cause === undefined ? "" : ` (${(cause as NodeJS.ErrnoException).code ?? cause.message})`;
  return new SqlFailure("ConnectionFailure", `the connection to PostgreSQL was lost${why}`, {
    code: "08006",
    hint: "The next query connects again; an open transaction is rolled back.",
    isDisconnect: true,
    cause,
  });
}

/** The failure of a `commit` that the server has answered by a rollback, since a statement before it had failed. */
export function rolledBackFailure(cause: string | undefined): SqlFailure {
  const why = cause === undefined ? "" : ` (${cause})`;
  return new SqlFailure("TransactionRollback", `the transaction had failed${why}, so the server rolled it back`, {
    code: "40000",
    hint: "Nothing of it was kept. Run it again; a savepoint before a statement that may fail keeps what was done before it.",
  });
}

/** The failure of a value that Arrow, or PostgreSQL, has no place for. */
export function unfitFailure(column: string, message: string): SqlFailure {
  return new SqlFailure("DataException", `column ${column}: ${message}`, { code: "22000" });
}
