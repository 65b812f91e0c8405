import type { Table } from "apache-arrow";
import { currentOutput } from "../../display/output.ts";
import type { SqlDatabase } from "./database.ts";
import type { Names, Template } from "../magic.ts";
import type { PageOptions } from "./pages.ts";
import type { Plan } from "./plan.ts";
import { type Nested, nested } from "./query-text.ts";
import type { QueryOptions } from "./prepare.ts";
import type { Rows } from "./open-rows.ts";
import { type Query, type Runner, type Sql, createTag, givenNames } from "./tag.ts";
import type { Transaction, TransactionOptions } from "./transaction.ts";
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
  /** Reads a query page by page by its key, each as fast as the first: ``db.pages(db.sql`select …`, { key: "id" })``. */
  pages(query: Query, options: PageOptions): AsyncGenerator<Table, void>;
  /** Writes the rows of a query to a file as they come; its name says the format: parquet, csv, json, arrow. */
  into(query: Query, file: string): Promise<Written>;
  /** Asks for the plan of a query, a tree; with `analyze` it is run and measured, and what it changes undone. */
  explain(query: Query, options?: { readonly analyze?: boolean }): Promise<Plan>;
  /** Runs a query again and again and gives its times as a table: least, median, 95th percentile. */
  bench(query: Query, options?: { readonly runs?: number }): Promise<Table>;
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
    async transaction(work, options) {
      const { runTransaction } = await import("./transaction.ts");
      return runTransaction(await find(), work, options);
    },
    async write(rows, table, options = {}) {
      const { writeTable } = await import("./write.ts");
      return writeTable(await find(), rows, table, options, currentOutput().signal);
    },
    async *pages(query, options) {
      const { readPages } = await import("./pages.ts");
      yield* readPages(await find(), templateOf(query), options, queryOptions(query));
    },
    async into(query, file) {
      const { writeInto } = await import("./into.ts");
      return writeInto(await find(), templateOf(query), file, queryOptions(query));
    },
    async explain(query, { analyze = false } = {}) {
      const { explainQuery } = await import("./explain.ts");
      return explainQuery(await find(), templateOf(query), { ...queryOptions(query), analyze });
    },
    async bench(query, { runs = usualRuns } = {}) {
      const { benchQuery } = await import("./bench.ts");
      return benchQuery(await find(), templateOf(query), { ...queryOptions(query), runs });
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

const usualRuns = 20;

function queryOptions(query: Query): QueryOptions {
  const names = (query as { readonly [givenNames]?: Names })[givenNames];
  return { signal: currentOutput().signal, startLine: 1, ...(names && { names }) };
}

/** A query that was not awaited: its text and values. */
function templateOf(query: Query): Template {
  const template = (query as Partial<Nested> | undefined)?.[nested];
  if (template) return template;
  throw new TypeError("the query is written without await, as in db.explain(db.sql`select …`)");
}

/** Runs SQL on the notebook's DuckDB. Values are bound; an Arrow table in `${…}` is a relation; an array after `in` is its items. */
export const sql: Sql = createHandle().sql;
