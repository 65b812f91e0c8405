import type { Batch, Column, ColumnData } from "../../columnar/columnar.ts";
import type { SqlFailure } from "../engine.ts";

/** A value as SQLite takes it. */
export type Parameter = null | number | bigint | string | Uint8Array;

/** What the kernel's side asks of the process that has the file open; one call at a time. */
export interface Calls {
  open: { params: Opening; result: { readonly version: string } };
  /** Starts a statement; the one before is closed. */
  start: { params: { readonly sql: string; readonly values: readonly Parameter[] }; result: Started };
  /** Fetches the next rows; undefined at the end. */
  fetch: { params: Record<string, never>; result: Batch | undefined };
  /** Closes the statement that is open. */
  finish: { params: Record<string, never>; result: void };
  /** Appends the rows of a batch to a table; `table` is SQL. */
  insert: {
    params: { readonly table: string; readonly columns: readonly Column[]; readonly batch: Batch };
    result: void;
  };
  close: { params: Record<string, never>; result: void };
}

/** How a file is opened. */
export interface Opening {
  readonly path: string;
  readonly readOnly: boolean;
  /** Longest wait for a lock that another session or program holds. */
  readonly busyMs: number;
  /** The file is private and gone with its sessions: its writes need not reach the disk. */
  readonly isPrivate: boolean;
  /** The folder to delete when the process that asks is gone. */
  readonly folder: string | undefined;
}

/** What a statement gives. */
export interface Started {
  readonly columns: readonly Column[];
  readonly returns: "rows" | "changes" | "nothing";
  readonly changes: number | undefined;
}

/** A call on its way; `id` names it for an interrupt. */
export type Request = {
  [N in keyof Calls]: { readonly id: number; readonly name: N; readonly params: Calls[N]["params"] };
}[keyof Calls];

/** What is wrong, as it crosses to the other process. */
export type Failure = Pick<SqlFailure, "name" | "message"> &
  Partial<Pick<SqlFailure, "code" | "offset" | "hint" | "missingTable">>;

/** The answer to a call. */
export type Reply = { readonly id: number; readonly inTransaction: boolean; readonly changes: number | undefined } & (
  | { readonly result: unknown }
  | { readonly failure: Failure }
  | { readonly interrupted: true }
);

/** Gives each buffer of a batch that came from another process memory of its own: there, it is a part of the message. */
export function ownBatch({ length, columns }: Batch): Batch {
  return { length, columns: columns.map(ownColumn) };
}

function ownColumn(data: ColumnData): ColumnData {
  const { validity, values, offsets, typeIds, children } = data;
  return {
    ...data,
    ...(validity && { validity: validity.slice() }),
    ...(values && { values: values.slice() }),
    ...(offsets && { offsets: offsets.slice() }),
    ...(typeIds && { typeIds: typeIds.slice() }),
    ...(children && { children: children.map(ownColumn) }),
  };
}
