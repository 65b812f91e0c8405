import { MagicError } from "../magic.ts";
import { type Column, batchBuffers } from "../columnar/columnar.ts";
import type { SqlDatabase } from "./database.ts";
import { forgetCatalog } from "./databases.ts";
import type { SqlSession } from "./engine.ts";
import { withProgress } from "../query-progress.ts";
import { shown } from "./run.ts";
import { type RowStream, openRows } from "./open-rows.ts";
import { type Written, createWritten } from "./written.ts";
import { checkNames, findTable, matchColumns, quotePath } from "./write-check.ts";
import { type Job, beginWrite, joinWrite } from "./write-steps.ts";
import { wrapping } from "./wrapping.ts";

/** What becomes of a table of that name, and of its rows. */
export type WriteMode = "create" | "append" | "replace" | "upsert";

/** How rows are written. */
export interface WriteOptions {
  /**
   * `create` (by default): a new table, an error where there is one of the name. `append`: rows are added to a table.
   * `replace`: the table is made anew. `upsert`: rows whose key is there change its row, others are added.
   */
  readonly mode?: WriteMode;
  /** Columns that make a row unique: the primary key of a new table, and what `upsert` looks for. */
  readonly key?: string | readonly string[];
  /** The schema of the table, or its database in MySQL. */
  readonly schema?: string;
}

const modes: readonly WriteMode[] = ["create", "append", "replace", "upsert"];

/** Writes rows to a table, in a session and a transaction of their own: all of them, or nothing is changed. */
export async function writeTable(
  database: SqlDatabase,
  rows: unknown,
  table: string,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<Written> {
  const source = await open(rows, table, options);
  return shown(() =>
    database.separate(signal, (session) => write(database, session, source, table, options, signal, "own")),
  ).finally(() => source.batches.return());
}

/** Writes rows to a table in a transaction that is open. */
export async function writeInTransaction(
  database: SqlDatabase,
  session: SqlSession,
  rows: unknown,
  table: string,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<Written> {
  const source = await open(rows, table, options);
  return shown(() => write(database, session, source, table, options, signal, "open")).finally(() =>
    source.batches.return(),
  );
}

async function open(rows: unknown, table: string, { mode = "create" }: WriteOptions): Promise<RowStream> {
  if (typeof table !== "string" || table === "")
    throw new MagicError("sql", 'the table is written by its name, as in write(rows, "orders")');
  if (!modes.includes(mode))
    throw new MagicError("sql", `there is no mode "${mode}". It is one of ${modes.join(", ")}`);
  try {
    return await openRows(rows);
  } catch (error) {
    if (error instanceof TypeError) throw new MagicError("sql", error.message, { cause: error });
    throw error;
  }
}

async function write(
  database: SqlDatabase,
  session: SqlSession,
  source: RowStream,
  name: string,
  { mode = "create", key: keys = [], schema }: WriteOptions,
  signal: AbortSignal,
  transaction: "own" | "open",
): Promise<Written> {
  const { dialect } = database.engine;
  const begun = performance.now();
  const path = schema === undefined ? [name] : [schema, name];
  const table = quotePath(path, dialect);
  const existing = await findTable(database, session, table, signal);
  const columns = matchColumns({ name, mode, columns: source.columns, key: [keys].flat(), existing });
  checkNames(database, [...path, ...columns.map((column) => column.name)]);
  const seen = { rows: 0, bytes: 0 };
  const job: Job = {
    database,
    session,
    name,
    path,
    mode,
    existing,
    columns,
    key: [keys].flat().map((own) => nameIn(columns, source.columns, own)),
    batches: wrapping(counted(source, seen, signal), () => source.batches.return()),
    signal,
  };
  forgetCatalog(database);
  await withProgress(
    `writing ${name}`,
    () => ({ rows: seen.rows, total: source.rows, bytes: seen.bytes }),
    () => (transaction === "open" ? joinWrite(job) : beginWrite(job)),
  );
  return createWritten({ table: path.join("."), ...seen, ms: performance.now() - begun }, database.target.name);
}

/** Columns are written under the table's own names. */
function nameIn(columns: readonly Column[], given: readonly Column[], key: string): string {
  return columns[given.findIndex(({ name }) => name.toLowerCase() === key.toLowerCase())]?.name ?? key;
}

async function* counted(
  source: RowStream,
  seen: { rows: number; bytes: number },
  signal: AbortSignal,
): RowStream["batches"] {
  for await (const batch of source.batches) {
    signal.throwIfAborted();
    // Measured before it is given: its buffers may go to another thread.
    const bytes = batchBuffers(batch).reduce((sum, { byteLength }) => sum + byteLength, 0);
    yield batch;
    seen.rows += batch.length;
    seen.bytes += bytes;
  }
}
