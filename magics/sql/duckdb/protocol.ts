import type { Batch, Column } from "../../columnar/columnar.ts";
import type { CTable } from "../../columnar/c-data.ts";
import type { Pointer } from "./library.ts";
import type { Bindable } from "../engine.ts";

/** What a statement's run gives: rows to fetch, or a count of rows that it changed, or nothing. */
export interface Started {
  readonly columns: readonly Column[];
  readonly returns: "rows" | "changes" | "nothing";
  /** Names the open result in later calls. */
  readonly cursor: number;
}

/** A connection. */
export interface Connected {
  /** Names it in later calls; no other gets the same, as it may the address. */
  readonly id: number;
  readonly pointer: Pointer;
}

/** What is said of a call for a connection, or a result of it, that was closed. */
export const closed = "Connection Error: the database was closed";

/** What the main thread asks of the thread that runs queries; one at a time. */
export interface Calls {
  /** Opens a file, or a database in memory; the result is DuckDB's name and version. */
  open: { params: { path: string | undefined }; result: string };
  connect: { params: { setup: readonly string[] }; result: Connected };
  /** Closes its cursors too. */
  disconnect: { params: { connection: number }; result: void };
  /** Closes everything that is open. */
  close: { params: Record<string, never>; result: void };
  /** Prepares and starts one statement. */
  start: { params: { connection: number; sql: string; values: readonly Bindable[] }; result: Started };
  /** Fetches up to `rows` rows; undefined at the end, when the cursor is closed. */
  fetch: { params: { cursor: number; rows: number }; result: Batch | undefined };
  /** Hands over all batches, or as many as hold `limit` rows, as parts one after the other, and closes the cursor. */
  read: { params: { cursor: number; rows: number; limit: number }; result: void };
  finish: { params: { cursor: number }; result: void };
  /** Creates a table from Arrow, or appends to it; `name` is SQL, quoted where it must be. */
  load: { params: { connection: number; name: string; table: CTable; create: boolean }; result: void };
}

/** A call on its way to the thread. */
export type Request = { [N in keyof Calls]: { readonly name: N; readonly params: Calls[N]["params"] } }[keyof Calls];

/** The thread's answer, after the parts of it. An error of DuckDB's is its text, in JSON where it has a position. */
export type Reply = { readonly part: Batch } | { readonly result: unknown } | { readonly error: string };
