import type { Batch } from "../columnar.ts";
import { createDecoder, type Arrow, type BatchDecoder } from "../arrow.ts";
import { exportedBuffers, exportTable } from "../c-data.ts";
import type { Statement } from "../query-text.ts";
import { parseException, toMagicError, type Exception } from "./exception.ts";
import { loadLibrary, type Pointer } from "./library.ts";
import type { Started } from "./protocol.ts";
import { QueryThread } from "./thread.ts";
import type { Bindable } from "./values.ts";
import type { RecordBatch, Schema, Table } from "apache-arrow";

/** Catalog of the notebook's own tables; names that the database itself does not have are looked up here. */
export const notebookCatalog = "notebook.main";

/** Rows of one record batch: large enough that its own cost vanishes, small enough to be seen soon. */
const batchRows = 64 * 2048;

const setup = [
  // DuckDB's threads work ahead of ours by so much; with its default of 1 MB they often wait.
  "set streaming_buffer_size = '16MB'",
  "set TimeZone = 'UTC'",
  "set errors_as_json = true",
  "set enable_progress_bar = true",
  "set enable_progress_bar_print = false",
  "attach if not exists ':memory:' as notebook",
  `set search_path = 'memory.main,${notebookCatalog}'`,
];

/** What a running statement gives. */
export interface Result {
  readonly schema: Schema;
  readonly returns: Started["returns"];
  /** Gives batches as they are asked for. Must be read to the end or left by `return`. */
  readonly batches: AsyncGenerator<RecordBatch, void>;
  /** Reads all batches, or as many as hold `limit` rows, without a wait between them; instead of `batches`. */
  read(limit: number): Promise<RecordBatch[]>;
}

/** How to run a statement. */
export interface RunOptions {
  readonly signal: AbortSignal;
  /** Line of the user's text on which the statement's text begins, for errors. */
  readonly startLine: number;
  /** Makes a missing table known, and tells whether it could. */
  provide(name: string): Promise<boolean>;
}

/** How far a query is, in rows read; the total is DuckDB's estimate, where it has one. */
export interface QueryProgress {
  readonly rows: number;
  readonly total: number | undefined;
}

/** An in-memory DuckDB in a thread of its own, opened at construction. */
export class Database {
  private readonly thread = new QueryThread();
  private readonly arrow: Promise<Arrow> = import("apache-arrow");
  private readonly main: Promise<Pointer>;
  private readonly admin: Promise<Pointer>;
  private turn: Promise<unknown> = Promise.resolve();

  constructor() {
    const opened = this.thread.call("open", {});
    this.main = opened.then(() => this.connect());
    this.admin = this.main.then(() => this.connect([`use ${notebookCatalog}`]));
    // A failure to open is told to whoever asks first.
    for (const promise of [this.main, this.admin]) promise.catch(() => {});
  }

  /** Runs `work` with the notebook's connection, when all work before it is done. */
  async exclusive<T>(signal: AbortSignal, work: (connection: Pointer) => Promise<T>): Promise<T> {
    const previous = this.turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.turn = previous.then(() => promise);
    try {
      await previous;
      signal.throwIfAborted();
      return await work(await this.main);
    } finally {
      resolve();
    }
  }

  /** Runs `work` with a connection of its own, so that the notebook's is free meanwhile. */
  async *separate<T>(work: (connection: Pointer) => AsyncGenerator<T, void>): AsyncGenerator<T, void> {
    await this.main;
    const connection = await this.connect();
    try {
      yield* work(connection);
    } finally {
      await this.thread.call("disconnect", { connection });
    }
  }

  /** Starts a statement. A table that it misses is asked for by name, then the statement is started again. */
  async start(connection: Pointer, statement: Statement, options: RunOptions): Promise<Result> {
    const { signal, startLine, provide } = options;
    const asked = new Set<string>();
    for (;;) {
      try {
        const started = await this.thread.call(
          "start",
          { connection, sql: statement.sql, values: statement.values as readonly Bindable[] },
          { signal, connection, late: ({ cursor }) => void this.thread.call("finish", { cursor }) },
        );
        const decoder = createDecoder(await this.arrow, started.columns);
        const batches = this.fetch(connection, started.cursor, decoder, statement, options);
        const read = (limit: number): Promise<RecordBatch[]> =>
          this.read(connection, started.cursor, limit, decoder, statement, options);
        return { schema: decoder.schema, returns: started.returns, batches, read };
      } catch (error) {
        if (signal.aborted) throw error;
        const exception = parseException((error as Error).message);
        const name = missingTable(exception);
        if (name === undefined || asked.has(name) || !(await provide(name)))
          throw toMagicError(exception, statement, startLine);
        asked.add(name);
        await this.lookInNotebook(connection);
      }
    }
  }

  /** Creates a table of the notebook's catalog from Arrow. */
  async load(name: string, table: Table): Promise<void> {
    const exported = exportTable(await this.arrow, table);
    const transfer = [...new Set(exportedBuffers(exported))];
    await this.thread.call("load", { connection: await this.admin, name, table: exported }, { transfer });
  }

  /** Runs a statement on the notebook's catalog. */
  async alter(sql: string): Promise<void> {
    await this.readText(await this.admin, sql);
  }

  /** Reads how far the connection's query is. */
  progress(connection: Pointer): QueryProgress {
    const { rows_processed: rows, total_rows_to_process: total } = loadLibrary().library.query_progress(connection);
    return { rows: Number(rows), total: Number(total) || undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread[Symbol.asyncDispose]();
  }

  private connect(more: readonly string[] = []): Promise<Pointer> {
    return this.thread.call("connect", { setup: [...setup, ...more] });
  }

  private async *fetch(
    connection: Pointer,
    cursor: number,
    decoder: BatchDecoder,
    statement: Statement,
    { signal, startLine }: RunOptions,
  ): AsyncGenerator<RecordBatch, void> {
    let open = true;
    try {
      for (;;) {
        const batch = await this.thread.call("fetch", { cursor, rows: batchRows }, { signal, connection });
        if (batch === undefined) break;
        yield decoder.decode(batch);
      }
      open = false;
    } catch (error) {
      if (signal.aborted) throw error;
      throw toMagicError(parseException((error as Error).message), statement, startLine);
    } finally {
      if (open) await this.thread.call("finish", { cursor });
    }
  }

  private async read(
    connection: Pointer,
    cursor: number,
    limit: number,
    decoder: BatchDecoder,
    statement: Statement,
    { signal, startLine }: RunOptions,
  ): Promise<RecordBatch[]> {
    const batches: Batch[] = [];
    const part = (batch: Batch): void => void batches.push(batch);
    try {
      await this.thread.call("read", { cursor, rows: batchRows, limit }, { signal, connection, part });
    } catch (error) {
      // A call that was aborted before the thread had it has left the cursor open.
      if (signal.aborted) await this.thread.call("finish", { cursor });
      throw signal.aborted ? error : toMagicError(parseException((error as Error).message), statement, startLine);
    }
    return batches.map((batch) => decoder.decode(batch));
  }

  /** `use` changes the search path of a connection: puts the notebook's tables behind it again. */
  private async lookInNotebook(connection: Pointer): Promise<void> {
    const path = await this.readText(connection, "select current_setting('search_path')");
    if (path.includes(notebookCatalog)) return;
    const all = [path, notebookCatalog].filter((part) => part !== "").join(",");
    await this.readText(connection, `set search_path = '${all.replaceAll("'", "''")}'`);
  }

  /** Runs a statement and returns the text in its first row, if it has one. */
  private async readText(connection: Pointer, sql: string): Promise<string> {
    const { cursor } = await this.thread.call("start", { connection, sql, values: [] });
    const batch = await this.thread.call("fetch", { cursor, rows: 1 });
    await this.thread.call("finish", { cursor });
    return new TextDecoder().decode(batch?.columns[0]?.values);
  }
}

function missingTable({ error_subtype: subtype, type, name }: Exception): string | undefined {
  return subtype === "MISSING_ENTRY" && type === "Table" ? name : undefined;
}
