import { onTestFinished } from "vitest";
import { Table } from "apache-arrow";
import * as arrow from "apache-arrow";
import { parseTarget } from "../../../../magics/connections/target.ts";
import { createDecoder } from "../../../../magics/columnar/arrow.ts";
import type { Batch, Column } from "../../../../magics/columnar/columnar.ts";
import type { Bindable, SqlServer, SqlSession } from "../../../../magics/sql/engine.ts";
import { sqlite } from "../../../../magics/sql/sqlite/engine.ts";

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** Opens an SQLite database until the test is done. */
export function openServer(url: string, folder = "/tmp"): SqlServer {
  const server = sqlite.open(parseTarget("test", url, folder));
  onTestFinished(() => server.close());
  return server;
}

/** Opens a session until the test is done. */
export async function openSession(server: SqlServer = openServer("sqlite::memory:")): Promise<SqlSession> {
  const session = await server.connect(never);
  onTestFinished(() => session.close());
  return session;
}

/** Opens a session that the tests of a file share, who close it. */
export async function openShared(): Promise<{ server: SqlServer; session: SqlSession }> {
  const server = sqlite.open(parseTarget("test", "sqlite::memory:", "/tmp"));
  return { server, session: await server.connect(never) };
}

/** Runs a statement and reads all of its rows. */
export async function run(
  session: SqlSession,
  sql: string,
  values: readonly Bindable[] = [],
  signal: AbortSignal = never,
): Promise<{
  rows: Record<string, unknown>[];
  table: Table;
  columns: readonly Column[];
  changes: number | undefined;
  returns: string;
}> {
  const { columns, returns, changes, batches } = await session.start({ sql, values }, signal);
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  const decoder = createDecoder(arrow, columns);
  const table = new Table(
    decoder.schema,
    all.map((batch) => decoder.decode(batch)),
  );
  const rows = table.toArray().map((row) => (row as { toJSON(): Record<string, unknown> }).toJSON());
  return { rows, table, columns, changes: changes(), returns };
}
