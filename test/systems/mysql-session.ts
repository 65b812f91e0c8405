import * as arrow from "apache-arrow";
import { onTestFinished } from "vitest";
import { parseTarget } from "../../magics/connections/target.ts";
import { createDecoder } from "../../magics/columnar/arrow.ts";
import { readColumn } from "../../magics/columnar/column-values.ts";
import type { Batch, Column } from "../../magics/columnar/columnar.ts";
import type { Bindable, SqlSession } from "../../magics/sql/engine.ts";
import { mysql } from "../../magics/sql/mysql/engine.ts";

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** Opens a session until the test is done. */
export async function openSession(url: string): Promise<SqlSession> {
  const session = await mysql.open(parseTarget("test", url, "/tmp")).connect(never);
  onTestFinished(() => session.close());
  return session;
}

/** What a statement gave. */
export interface Outcome {
  readonly columns: readonly Column[];
  readonly returns: string;
  readonly changes: number | undefined;
  readonly notices: readonly string[];
  /** The values, column by column, as writers take them. */
  readonly values: readonly (readonly unknown[])[];
  readonly rows: readonly Record<string, unknown>[];
}

/** Runs a statement and reads all of its rows. */
export async function run(
  session: SqlSession,
  sql: string,
  values: readonly Bindable[] = [],
  signal: AbortSignal = never,
): Promise<Outcome> {
  const { columns, returns, changes, notices, batches } = await session.start({ sql, values }, signal);
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  const decoder = createDecoder(arrow, columns);
  const rows = all.flatMap((batch) =>
    decoder
      .decode(batch)
      .toArray()
      .map((row) => (row as { toJSON(): Record<string, unknown> }).toJSON()),
  );
  const read = columns.map(({ type }, i) =>
    all.flatMap((batch) => {
      const value = readColumn(type, batch.columns[i]!);
      return Array.from({ length: batch.length }, (_, row) => value(row));
    }),
  );
  return { columns, returns, changes: changes(), notices: notices?.() ?? [], values: read, rows };
}
