import type { SqlDatabase } from "./database.ts";
import type { SqlEngine, SqlSession } from "./engine.ts";
import { execute, executeQuietly } from "./execute.ts";
import { withProgress } from "../query-progress.ts";
import type { RowStream } from "./open-rows.ts";
import { definitions, temporaryName } from "./new-table.ts";

/** How rows are read into a temporary table. */
interface Loading {
  /** What the progress calls them. */
  readonly label: string;
  readonly signal: AbortSignal;
  readonly name?: string;
}

/** Reads rows into a temporary table of a session; resolves to its name as SQL. */
export async function loadTemporary(
  database: SqlDatabase,
  session: SqlSession,
  source: RowStream,
  loading: Loading,
): Promise<string> {
  try {
    return await load(database, session, source, loading);
  } finally {
    await source.batches.return();
  }
}

async function load(
  { engine }: SqlDatabase,
  session: SqlSession,
  { columns, batches, rows: total }: RowStream,
  { label, signal, name = temporaryName() }: Loading,
): Promise<string> {
  const { dialect } = engine;
  const table = dialect.quote(name);
  await execute(session, `${dialect.createTemporary} ${table} (${definitions(dialect, columns, [])})`, signal);
  let rows = 0;
  async function* counted(): typeof batches {
    for await (const batch of batches) {
      yield batch;
      rows += batch.length;
    }
  }
  // Rows of one transaction are written faster than rows of many.
  const isOwn = !session.inTransaction;
  if (isOwn) for (const sql of dialect.begin?.() ?? ["begin"]) await execute(session, sql, signal);
  try {
    await withProgress(
      `reading ${label}`,
      () => ({ rows, total }),
      () => session.insert(table, columns, counted(), signal),
    );
    if (isOwn) await execute(session, "commit", signal);
  } catch (error) {
    if (isOwn) await executeQuietly(session, "rollback");
    await dropTemporary(engine, session, table);
    throw error;
  }
  return table;
}

/** Drops a temporary table, where the session is still in a state to do so; it ends with the session in any case. */
export async function dropTemporary({ dialect }: SqlEngine, session: SqlSession, table: string): Promise<void> {
  await executeQuietly(session, `${dialect.dropTemporary ?? "drop table if exists"} ${table}`);
}
