import type { Table } from "apache-arrow";
import { createDecoder, type Arrow } from "../../columnar/arrow.ts";
import { exportedBuffers, exportTable } from "../../columnar/c-data.ts";
import type { Batch, Column } from "../../columnar/columnar.ts";
import { type BoundStatement, SqlFailure, type SqlResult, type SqlSession } from "../engine.ts";
import { isFailure } from "../failure.ts";
import { tokenize } from "../lexer.ts";
import { dialect } from "./dialect.ts";
import { parseException, toFailure } from "./exception.ts";
import { closed, type Started } from "./protocol.ts";
import type { QueryThread } from "./thread.ts";

/** Rows of one record batch: large enough that its own cost vanishes, small enough to be seen soon. */
const batchRows = 64 * 2048;

/** One connection to a DuckDB in a thread. */
export class DuckdbSession implements SqlSession {
  readonly version: string;
  inTransaction = false;
  private isClosed = false;
  private readonly thread: QueryThread;
  private readonly connection: number;
  private readonly arrow: Promise<Arrow>;

  constructor(thread: QueryThread, connection: number, version: string, arrow: Promise<Arrow>) {
    this.thread = thread;
    this.connection = connection;
    this.version = version;
    this.arrow = arrow;
  }

  get isOpen(): boolean {
    return this.thread.isOpen && !this.isClosed;
  }

  async start({ sql, values }: BoundStatement, signal: AbortSignal): Promise<SqlResult> {
    const { thread, connection } = this;
    this.refuseClosed();
    try {
      const started = await thread.call(
        "start",
        { connection, sql, values },
        { signal, connection, late: ({ cursor }) => void thread.call("finish", { cursor }) },
      );
      this.inTransaction = stillInTransaction(sql, this.inTransaction);
      return this.toResult(started, { sql, values }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw explain(error, sql);
    }
  }

  async insert(
    table: string,
    columns: readonly Column[],
    batches: AsyncIterable<Batch>,
    signal: AbortSignal,
  ): Promise<number> {
    const arrow = await this.arrow;
    const decoder = createDecoder(arrow, columns);
    const target = `${table} (${columns.map(({ name }) => dialect.quote(name)).join(", ")})`;
    let rows = 0;
    for await (const batch of batches) {
      signal.throwIfAborted();
      try {
        await this.load(target, new arrow.Table([decoder.decode(batch)]), false);
      } catch (error) {
        throw explain(error, target);
      }
      rows += batch.length;
    }
    return rows;
  }

  /** Appends rows to a table, whose name is SQL, or creates it of them. */
  async load(name: string, rows: Table, create: boolean): Promise<void> {
    this.refuseClosed();
    const table = exportTable(await this.arrow, rows);
    const transfer = [...new Set(exportedBuffers(table))];
    await this.thread.call("load", { connection: this.connection, name, table, create }, { transfer });
  }

  async ping(): Promise<void> {
    await this.readText("select 1");
  }

  progress(): { rows: number; total: number | undefined } {
    return this.thread.progress(this.connection) ?? { rows: 0, total: undefined };
  }

  /** Runs a statement and returns the text in its first row, if it has one. */
  async readText(sql: string): Promise<string> {
    this.refuseClosed();
    const { cursor } = await this.thread.call("start", { connection: this.connection, sql, values: [] });
    const batch = await this.thread.call("fetch", { cursor, rows: 1 });
    await this.thread.call("finish", { cursor });
    return new TextDecoder().decode(batch?.columns[0]?.values);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.thread.isOpen) await this.thread.disconnect(this.connection);
  }

  private refuseClosed(): void {
    if (this.isClosed) throw closedFailure();
  }

  private toResult({ columns, cursor, returns }: Started, statement: BoundStatement, signal: AbortSignal): SqlResult {
    let changed: number | undefined;
    // Of `insert` and the like DuckDB gives one row with their count.
    const count = (batch: Batch): void => {
      if (returns !== "changes") return;
      const [counts] = batch.columns;
      changed = Number(new BigInt64Array(counts!.values!.slice().buffer)[0]);
    };
    return {
      columns,
      returns,
      changes: () => changed,
      batches: this.fetch(cursor, statement, signal, count),
      read: (limit, seen) =>
        this.read(cursor, limit, statement, signal, (batch) => {
          count(batch);
          seen(batch);
        }),
    };
  }

  private async *fetch(
    cursor: number,
    statement: BoundStatement,
    signal: AbortSignal,
    seen: (batch: Batch) => void,
  ): AsyncGenerator<Batch, void> {
    const { thread, connection } = this;
    let open = true;
    try {
      for (;;) {
        this.refuseClosed();
        const batch = await thread.call("fetch", { cursor, rows: batchRows }, { signal, connection });
        if (batch === undefined) break;
        seen(batch);
        yield batch;
      }
      open = false;
    } catch (error) {
      if (signal.aborted) throw error;
      throw await this.causeOf(error, statement, signal);
    } finally {
      if (open && thread.isOpen) await thread.call("finish", { cursor });
    }
  }

  private async read(
    cursor: number,
    limit: number,
    statement: BoundStatement,
    signal: AbortSignal,
    seen: (batch: Batch) => void,
  ): Promise<Batch[]> {
    const { thread, connection } = this;
    const batches: Batch[] = [];
    const part = (batch: Batch): void => {
      seen(batch);
      batches.push(batch);
    };
    this.refuseClosed();
    try {
      await thread.call("read", { cursor, rows: batchRows, limit }, { signal, connection, part });
    } catch (error) {
      // A call that was aborted before the thread had it has left the cursor open.
      if (signal.aborted) await thread.call("finish", { cursor });
      throw signal.aborted ? error : await this.causeOf(error, statement, signal);
    }
    return batches;
  }

  /**
   * Says why rows cannot be read on. Where a query fails in one thread, DuckDB stops its others, and at times tells of one of
   * these: that it was interrupted, which nobody has asked for. Run once more, the query tells its own error.
   */
  private async causeOf(error: unknown, { sql, values }: BoundStatement, signal: AbortSignal): Promise<SqlFailure> {
    const failure = explain(error, sql);
    if (failure.name !== "INTERRUPTException" || this.isClosed || this.inTransaction) return failure;
    const { thread, connection } = this;
    try {
      const { cursor } = await thread.call("start", { connection, sql, values }, { signal, connection });
      const rows = { cursor, rows: batchRows, limit: Number.POSITIVE_INFINITY };
      await thread.call("read", rows, { signal, connection, part: () => {} });
      return failure;
    } catch (again) {
      if (signal.aborted) throw again;
      return explain(again, sql);
    }
  }
}

/** The failure of a call, which may have come too late. */
function explain(error: unknown, sql: string): SqlFailure {
  if (isFailure(error)) return error;
  const { message } = error as Error;
  return message === closed ? closedFailure() : toFailure(parseException(message), sql);
}

function closedFailure(): SqlFailure {
  return new SqlFailure("ConnectionException", "the database was closed", { isDisconnect: true });
}

/** DuckDB does not tell whether a transaction is open: the words that begin and end one do. */
function stillInTransaction(sql: string, before: boolean): boolean {
  const [first] = tokenize(sql).filter(({ kind }) => kind === "word");
  const word = first ? sql.slice(first.start, first.end).toLowerCase() : "";
  if (word === "begin" || word === "start") return true;
  return /^(?:commit|end|rollback|abort)$/.test(word) ? false : before;
}
