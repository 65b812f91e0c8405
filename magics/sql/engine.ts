import type { Table } from "apache-arrow";
import type { Target } from "../connections/target.ts";
import type { Batch, Column } from "../columnar/columnar.ts";
import type { Dialect } from "./dialect.ts";

// What an SQL system must do to be asked by `%sql`, `db.sql` and the rest. All that is the same for every system (values
// and their places, pooling, Arrow, transactions, progress, relations, writing) is made from these once.

/** A value that can be bound: what `toBindable` lets through, plain enough to cross threads. */
export type Bindable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Date
  | readonly Bindable[]
  | { readonly [key: string]: Bindable };

/** An SQL system. */
export interface SqlEngine {
  /** As people write it: `PostgreSQL`. */
  readonly title: string;
  readonly dialect: Dialect;
  /** Prepares to speak to one server or file; nothing is connected before a session is asked for. */
  open(target: Target): SqlServer;
}

/** One server, or one file. */
export interface SqlServer {
  /** Opens a session. Rejects with an `SqlFailure` that says what to do: host, port, user, TLS, password. */
  connect(signal: AbortSignal): Promise<SqlSession>;
  /** Ends what sessions share, after the last session has been closed. */
  close(): Promise<void>;
  /** Where tables of the notebook are kept for all sessions; where this is absent, each session has temporary tables. */
  readonly relations?: RelationStore;
}

/** Keeps tables of the notebook beside those of the database. */
export interface RelationStore {
  /** Their catalog, as SQL. */
  readonly catalog: string;
  /** Creates a table; `name` is SQL. */
  load(name: string, table: Table): Promise<void>;
  /** Runs a statement on the catalog. */
  alter(sql: string): Promise<void>;
  /** Sees to it that a session finds the catalog's tables by their names. */
  show(session: SqlSession): Promise<void>;
}

/** A statement with its values; `sql` has a placeholder of the dialect for each, in their order. */
export interface BoundStatement {
  readonly sql: string;
  readonly values: readonly Bindable[];
}

/** A session: one statement at a time; a result is read to its end, or left by `return()`, before the next statement. */
export interface SqlSession {
  /** Name and version of what answers, as `PostgreSQL 18.4`. */
  readonly version: string;
  /** False once the connection was lost: the session is then of no use. Costs no round trip. */
  readonly isOpen: boolean;
  /** Why it is lost, where that was no fault: `the query was stopped with its process`. */
  readonly lostBecause?: string | undefined;
  /** True within a transaction that a statement began and none has ended. */
  readonly inTransaction: boolean;
  /**
   * Starts a statement. Rejects with an `SqlFailure`. When `signal` is aborted, also while the batches are read, the
   * statement is cancelled in the server itself, the promise rejects with the signal's reason within a second, and the
   * session is usable again, or is no longer open.
   */
  start(statement: BoundStatement, signal: AbortSignal): Promise<SqlResult>;
  /**
   * Appends rows to a table by the fastest way the system has (COPY, multi-row inserts, an appender). `table` is SQL, quoted.
   * The caller has begun a transaction where the system has them. Resolves to the number of rows.
   */
  insert(
    table: string,
    columns: readonly Column[],
    batches: AsyncIterable<Batch>,
    signal: AbortSignal,
  ): Promise<number>;
  /** Asks the server whether it is there. */
  ping(signal: AbortSignal): Promise<void>;
  /** How far the running statement is, where the system can tell: rows read, and the total. */
  progress?(): { readonly rows: number; readonly total: number | undefined };
  close(): Promise<void>;
}

/** What a statement gives. */
export interface SqlResult {
  readonly columns: readonly Column[];
  /** Rows; or a count of rows that it changed; or nothing, as of `create`. */
  readonly returns: "rows" | "changes" | "nothing";
  /** Rows that the statement changed, once the batches have been read; undefined where it changes none. */
  changes(): number | undefined;
  /** What the server has to say beside the result, a line each, once the batches have been read. */
  notices?(): readonly string[];
  /** The rows as they come, some 10,000 to 130,000 a batch, the first one soon. `return()` ends the query in the server. */
  readonly batches: AsyncGenerator<Batch, void>;
  /** Instead of `batches`: all of them, or as many as hold `limit` rows, where that is faster; `seen` gets each as it comes. */
  read?(limit: number, seen: (batch: Batch) => void): Promise<Batch[]>;
}

/** What a system says against a statement or a connection. */
export class SqlFailure extends Error {
  /** The system's own name of the error in CamelCase, as `UndefinedTable`. */
  override readonly name: string;
  /** The system's code: an SQLSTATE or a number. */
  readonly code: string | undefined;
  /** Where in the statement, as a UTF-16 offset. */
  readonly offset: number | undefined;
  readonly detail: string | undefined;
  /** What to do, by the system or by us. */
  readonly hint: string | undefined;
  /** The table that is missing, as the statement names it: one of the notebook's may take its place. */
  readonly missingTable: string | undefined;
  /** True where the session is lost with it. */
  readonly isDisconnect: boolean;

  constructor(
    name: string,
    message: string,
    more: Partial<
      Pick<SqlFailure, "code" | "offset" | "detail" | "hint" | "missingTable" | "isDisconnect" | "cause">
    > = {},
  ) {
    super(message, { cause: more.cause });
    this.name = name;
    this.code = more.code;
    this.offset = more.offset;
    this.detail = more.detail;
    this.hint = more.hint;
    this.missingTable = more.missingTable;
    this.isDisconnect = more.isDisconnect ?? false;
  }
}
