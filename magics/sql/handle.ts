import type { Table } from "apache-arrow";
import { currentOutput } from "../../display/output.ts";
import type { SqlDatabase } from "./database.ts";
import type { Rows } from "./source.ts";
import { type Runner, type Sql, createTag } from "./tag.ts";
import { type Transaction, type TransactionOptions, runTransaction } from "./transaction.ts";
import type { WriteOptions } from "./write.ts";
import type { Written } from "./written.ts";

// Only a query needs a driver, and a program that imports this may never make one.
const load = (): Promise<typeof import("./run.ts") & typeof import("./databases.ts")> =>
  Promise.all([import("./run.ts"), import("./databases.ts")]).then(([run, databases]) => ({ ...run, ...databases }));

/** A database, in code: what `connect("shop")` gives. */
export interface SqlHandle {
  /** The name of its connection. */
  readonly name: string;
  /** Runs SQL. Values are bound; an Arrow table in `${…}` is a relation; an array after `in` is its items. */
  readonly sql: Sql;
  /**
   * Runs `work` in a transaction of its own: committed when it resolves, rolled back when it throws or is interrupted.
   * Resolves to what `work` returns.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Writes rows to a table: an Arrow table, an array of row objects, a danfo.js frame, a query of any connection, or a stream
   * of record batches. All of them are written, or none: an error or interrupt leaves the table as it was.
   */
  write(rows: Rows, table: string, options?: WriteOptions): Promise<Written>;
  /** Lists tables and views: schema, name, kind, estimated rows. */
  tables(): Promise<Table>;
  /** Closes the sessions; the next query opens others. */
  close(): Promise<void>;
}

/** The handle of a database found by the name of its connection; without one, the notebook's own. */
export function createHandle(name?: string): SqlHandle {
  const find = async (): Promise<SqlDatabase> => (await load()).findDatabase(name);
  const runner: Runner = {
    run: async (template, options) => (await load()).runQuery(await find(), template, options),
    async *stream(template, options) {
      yield* (await load()).streamQuery(await find(), template, options);
    },
  };
  const close = async (): Promise<void> =>
    name === undefined
      ? (await load()).closeNotebook()
      : (await import("../connections/registry.ts")).closeConnection(name);
  return {
    name: name ?? "duckdb",
    sql: Object.assign(createTag(runner), { close }),
    transaction: async (work, options) => runTransaction(await find(), work, options),
    async write(rows, table, options = {}) {
      const { writeTable } = await import("./write.ts");
      return writeTable(await find(), rows, table, options, currentOutput().signal);
    },
    async tables() {
      const database = await find();
      const { tables } = database.engine.dialect;
      const { signal } = currentOutput();
      return (await (await load()).runQuery(database, { strings: [tables], values: [] }, { signal, startLine: 1 }))!;
    },
    close,
  };
}

/** Runs SQL on the notebook's DuckDB. Values are bound; an Arrow table in `${…}` is a relation; an array after `in` is its items. */
export const sql: Sql = createHandle().sql;
