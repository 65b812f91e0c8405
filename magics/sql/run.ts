import type { RecordBatch, Table } from "apache-arrow";
import { currentOutput } from "../../display/output.ts";
import type { Template } from "../magic.ts";
import type { SqlDatabase } from "./database.ts";
import type { SqlSession } from "./engine.ts";
import { execute } from "./execute.ts";
import { isFailure, toMagicError } from "./failure.ts";
import { type QueryOptions, dropAll, prepare } from "./prepare.ts";
import { withProgress } from "../query-progress.ts";
import { decoderOf, firstRows, toTable } from "./results.ts";
import { startStatement } from "./start-statement.ts";

/** Runs all statements of a query in the notebook's session and returns the result of the last one that has one. */
export async function runQuery(
  database: SqlDatabase,
  template: Template,
  options: QueryOptions,
): Promise<Table | undefined> {
  return shown(() =>
    database.exclusive(options.signal, (session) => runInSession(database, session, template, options)),
  );
}

/** As `runQuery`, in a session that the caller holds. */
export async function runInSession(
  database: SqlDatabase,
  session: SqlSession,
  template: Template,
  options: QueryOptions,
): Promise<Table | undefined> {
  const { signal, limit = Infinity } = options;
  const statements = await prepare(database, session, template, options);
  const progress = session.progress?.bind(session);
  let rows = 0;
  const read = progress ?? (() => ({ rows, total: undefined }));
  const before = session.inTransaction;
  const table = await withProgress(labelOf(database), read, async (showFirst) => {
    let last: Table | undefined;
    try {
      for (const statement of statements) {
        const result = await startStatement(database, session, statement, options);
        const own = await toTable(result, limit, (batch) => {
          if (result.returns === "rows") showFirst(() => firstRows(result, batch));
          rows += batch.length;
        });
        last = own ?? last;
      }
    } catch (error) {
      // A transaction that this query began and nobody ends would keep its locks, and on some systems refuse what follows.
      if (!signal.aborted && !before && session.isOpen && session.inTransaction) {
        await rollBack(session);
        currentOutput().stream("stderr", "typhoon: the transaction that this query began was rolled back.\n");
      }
      throw error;
    } finally {
      await dropAll(statements);
    }
    return last;
  });
  // Read after the query: the template keeps its tables alive until here, and with them their relations.
  return template.strings.length > 0 ? table : undefined;
}

/** Runs all statements of a query, in a session of its own, and gives the last one's rows as they come. */
export async function* streamQuery(
  database: SqlDatabase,
  template: Template,
  options: QueryOptions,
): AsyncGenerator<RecordBatch, void> {
  const { signal, beyond } = options;
  try {
    yield* database.stream(signal, read, { ...(beyond !== undefined && { beyond }) });
  } catch (error) {
    throw isFailure(error) ? toMagicError(error) : error;
  }
  async function* read(session: SqlSession): AsyncGenerator<RecordBatch, void> {
    const statements = await prepare(database, session, template, options);
    let left = options.limit ?? Infinity;
    try {
      for (const [i, statement] of statements.entries()) {
        const result = await startStatement(database, session, statement, options);
        const decoder = await decoderOf(result);
        for await (const batch of result.batches) {
          if (i < statements.length - 1) continue;
          const decoded = decoder.decode(batch);
          yield batch.length > left ? decoded.slice(0, left) : decoded;
          left -= batch.length;
          if (left <= 0) return;
        }
      }
    } finally {
      await dropAll(statements);
    }
  }
}

function rollBack(session: SqlSession): Promise<void> {
  return execute(session, "rollback", new AbortController().signal);
}

/** Turns failures of connecting and the like into errors to show. */
export async function shown<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFailure(error) ? toMagicError(error) : error;
  }
}

function labelOf({ engine, target }: SqlDatabase): string {
  return target.name === "duckdb" ? engine.title : target.name;
}
