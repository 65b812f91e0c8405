import type { RecordBatch, Table } from "apache-arrow";
import { onShutdown } from "../../display/shutdown.ts";
import { MagicError, type Names, type Template } from "../magic.ts";
import { toBindable } from "./bindable.ts";
import { type Catalog, setCatalogReader } from "./catalog.ts";
import { queryCatalog } from "./catalog-query.ts";
import { Database, notebookCatalog, type Result, type RunOptions } from "./duckdb/database.ts";
import type { Pointer } from "./duckdb/library.ts";
import { withProgress } from "./query-progress.ts";
import { parseQuery, type Statement } from "./query-text.ts";
import { createRelations, type Relations } from "./relations.ts";

/** How a query is run. */
export interface QueryOptions {
  readonly signal: AbortSignal;
  /** Line of the cell on which the query begins. */
  readonly startLine: number;
  /** The notebook's variables, for `:name` and for tables by name. */
  readonly names?: Names;
  /** Most rows to fetch. */
  readonly limit?: number;
}

interface Session {
  readonly database: Database;
  readonly relations: Relations;
}

let session: Session | undefined;
/** What the database has, until the next query, which may change it. */
let known: Promise<Catalog> | undefined;
let forgetShutdown: (() => void) | undefined;

function openSession(): Session {
  if (session) return session;
  const database = new Database();
  session = { database, relations: createRelations(database, notebookCatalog) };
  setCatalogReader(() => (known ??= queryCatalog(database)));
  forgetShutdown = onShutdown("the notebook's DuckDB", closeSession);
  return session;
}

/** Closes the notebook's database; the next query opens a new, empty one. */
export async function closeSession(): Promise<void> {
  const closing = session;
  session = undefined;
  known = undefined;
  setCatalogReader(undefined);
  forgetShutdown?.();
  await closing?.database[Symbol.asyncDispose]();
}

/** Runs all statements of a query and returns the result of the last one that has one. */
export async function runQuery(template: Template, options: QueryOptions): Promise<Table | undefined> {
  const { signal, limit = Infinity } = options;
  const { database } = openSession();
  return database.exclusive(signal, async (connection) => {
    const { statements, run } = await prepare(template, options);
    const table = await withProgress(
      () => database.progress(connection),
      async () => {
        let last: Table | undefined;
        for (const statement of statements)
          last = (await readTable(await start(database, connection, statement, run), limit)) ?? last;
        return last;
      },
    );
    // Read after the query: the template keeps its tables alive until here, and with them their relations.
    return template.strings.length > 0 ? table : undefined;
  });
}

/** Runs all statements of a query, on a connection of its own, and gives the last one's rows as they come. */
export function streamQuery(template: Template, options: QueryOptions): AsyncGenerator<RecordBatch, void> {
  const { database } = openSession();
  return database.separate(async function* (connection: Pointer) {
    const { statements, run } = await prepare(template, options);
    let left = options.limit ?? Infinity;
    for (const [i, statement] of statements.entries()) {
      const { batches } = await start(database, connection, statement, run);
      for await (const batch of batches) {
        if (i < statements.length - 1) continue;
        yield batch.numRows > left ? batch.slice(0, left) : batch;
        left -= batch.numRows;
        if (left <= 0) return;
      }
    }
  });
}

/** Starts a statement; where a text stands for a table, the error says how to write it. */
async function start(database: Database, connection: Pointer, statement: Statement, run: RunOptions): Promise<Result> {
  try {
    return await database.start(connection, statement, run);
  } catch (error) {
    const { name, message } = error as Error;
    const [, number] = (name === "ParserException" && /at or near "\$(\d+)"/.exec(message)) || [];
    const value = statement.values[Number(number) - 1];
    if (typeof value !== "string") throw error;
    const hint =
      "A bound value cannot name a table or file. Write the path in quotes in the SQL, as in `from 'data/cars.csv'`, " +
      "use `read_csv(${path})` and its like, or `sql.id(name)` for a table's name";
    throw new MagicError("sql", `${message.replace(/^%sql: /, "")}\n\n${hint}`, { name, cause: error });
  }
}

/** Makes a value bindable; the error for one that cannot be says where it stands. */
function bindable(value: unknown, origin: string): ReturnType<typeof toBindable> {
  try {
    return toBindable(value);
  } catch (error) {
    throw new TypeError(`${(error as Error).message} It is ${origin}`, { cause: error });
  }
}

async function prepare(
  template: Template,
  { signal, startLine, names }: QueryOptions,
): Promise<{ statements: readonly Statement[]; run: RunOptions }> {
  const { relations } = openSession();
  known = undefined;
  if (names) await relations.refresh(names);
  const binding = {
    relation: relations.relation,
    ...(names && { variable: (name: string) => readVariable(names, name) }),
  };
  const statements = reportBad(() =>
    parseQuery(template, binding).map((statement) => ({
      ...statement,
      values: statement.values.map((value, i) => bindable(value, statement.origins[i] ?? "")),
    })),
  );
  if (statements.length === 0)
    throw new MagicError("sql", "there is no SQL to run. Write a statement, as in `%sql select 42`");
  await relations.ready();
  const provide = async (name: string): Promise<boolean> => (names ? relations.provide(names, name) : false);
  return { statements, run: { signal, startLine, provide } };
}

function readVariable(names: Names, name: string): unknown {
  if (names.has(name)) return names.get(name);
  throw new TypeError(
    `:${name} stands for a variable of the notebook, and there is none of that name. Run the cell that declares it first`,
  );
}

/** What is wrong with a value is the reader's to mend. */
function reportBad<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { name, message } = error as Error;
    throw new MagicError("sql", message, { name, cause: error });
  }
}

async function readTable({ schema, returns, read }: Result, limit: number): Promise<Table | undefined> {
  const batches = await read(limit);
  const rows = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  // Creating and setting things gives no result, changing rows gives their count.
  if (returns === "nothing" || (returns === "changes" && rows === 0)) return undefined;
  const { Table: ArrowTable } = await import("apache-arrow");
  const table = new ArrowTable(schema, batches);
  return rows > limit ? table.slice(0, limit) : table;
}
