import { afterAll, beforeAll } from "vitest";
import { parseTarget } from "../../magics/connections/target.ts";
import type { Batch, Column } from "../../magics/columnar/columnar.ts";
import { readColumn } from "../../magics/columnar/column-values.ts";
import type { Bindable, SqlServer, SqlSession } from "../../magics/sql/engine.ts";
import { toPostgresText } from "../../magics/sql/postgres/copy-text.ts";
import { postgres } from "../../magics/sql/postgres/engine.ts";
import { type TestServer, withServer } from "./servers.ts";

/** What a statement gave, all read. */
export interface Found {
  readonly columns: readonly Column[];
  readonly batches: readonly Batch[];
  readonly returns: string;
  readonly changes: number | undefined;
  readonly notices: readonly string[];
  /** Each value as PostgreSQL's text, null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A real server, with sessions of its tests. */
export interface TestDatabase {
  readonly server: TestServer;
  /** The session that most tests use. */
  session(): SqlSession;
  /** Opens another; it is closed after the tests. */
  another(url?: string): Promise<SqlSession>;
  run(sql: string, values?: readonly Bindable[], session?: SqlSession): Promise<Found>;
}

export const never: AbortSignal = new AbortController().signal;

/** Starts a server for the tests of a file, and opens a session. */
export function withDatabase(options: { readonly tls?: boolean } = {}): TestDatabase {
  const server = withServer("postgres", options);
  const opened: (SqlServer | SqlSession)[] = [];
  let main: SqlSession | undefined;
  const another = async (url = server.url): Promise<SqlSession> => {
    const made = postgres.open(parseTarget("test", url, "/"));
    const session = await made.connect(never);
    opened.push(session, made);
    return session;
  };
  beforeAll(async () => {
    main = await another();
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
  });
  return {
    server,
    session: () => main!,
    another,
    run: (sql, values = [], session = main!) => read(session, sql, values),
  };
}

async function read(session: SqlSession, sql: string, values: readonly Bindable[]): Promise<Found> {
  const result = await session.start({ sql, values }, never);
  const batches: Batch[] = [];
  for await (const batch of result.batches) batches.push(batch);
  const { columns, returns } = result;
  return {
    columns,
    batches,
    returns,
    changes: result.changes(),
    notices: result.notices?.() ?? [],
    rows: batches.flatMap((batch) => rowsOf(columns, batch)),
  };
}

/** The rows of a batch, each value as text. */
export function rowsOf(columns: readonly Column[], batch: Batch): (string | null)[][] {
  const reads = batch.columns.map((data, i) => readColumn(columns[i]!.type, data));
  return Array.from({ length: batch.length }, (_, row) =>
    reads.map((get, i) => {
      const value = get(row);
      return value === null ? null : toPostgresText(columns[i]!.type, value);
    }),
  );
}

/** Batches as what is written. */
export async function* from(batches: readonly Batch[]): AsyncGenerator<Batch, void> {
  yield* batches;
}

/** What a promise is rejected with; undefined where it is not. Nothing is unhandled meanwhile. */
export function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

/** Starts a statement and reads it to its end. */
export async function drain(session: SqlSession, sql: string, signal: AbortSignal): Promise<void> {
  const { batches } = await session.start({ sql, values: [] }, signal);
  for await (const _ of batches);
}
