import { currentOutput } from "../../display/output.ts";
import { MagicError } from "../magic.ts";
import type { SqlDatabase } from "./database.ts";
import type { SqlSession } from "./engine.ts";
import { runInSession, shown } from "./run.ts";
import type { Rows } from "./open-rows.ts";
import { type SqlTag, createTag } from "./tag.ts";
import type { WriteOptions } from "./write.ts";
import { execute } from "./execute.ts";
import { type TransactionWork, createWork } from "./transaction-work.ts";
import type { Written } from "./written.ts";

/** How strictly a transaction is kept apart from others, as SQL names it. */
export type Isolation = "read uncommitted" | "read committed" | "repeatable read" | "serializable";

/** How a transaction is begun. */
export interface TransactionOptions {
  /** The database's own by default. */
  readonly isolation?: Isolation;
}

/** A transaction that is open while the function that got it runs. */
export interface Transaction {
  /** Runs SQL in the transaction, one query after the other. */
  readonly sql: SqlTag;
  /** Writes rows to a table, as `write` of the connection does, within the transaction. */
  write(rows: Rows, table: string, options?: WriteOptions): Promise<Written>;
}

/**
 * Runs `use` in a transaction in a session of its own, which is rolled back where `use` throws or is interrupted. What it
 * asked for without an await is waited for before the commit.
 */
export async function runTransaction<T>(
  database: SqlDatabase,
  use: (transaction: Transaction) => Promise<T>,
  { isolation }: TransactionOptions = {},
): Promise<T> {
  const { signal } = currentOutput();
  return shown(() =>
    database.separate(signal, async (session) => {
      for (const statement of beginOf(database, isolation)) await execute(session, statement, signal);
      const work = createWork();
      try {
        const value = await use(createTransaction(database, session, work, signal));
        await work.settle();
        signal.throwIfAborted();
        await execute(session, "commit", signal);
        return value;
      } finally {
        // Where it was not committed, it is rolled back when the session is given back.
        await work.end();
      }
    }),
  );
}

function beginOf({ engine }: SqlDatabase, isolation: Isolation | undefined): readonly string[] {
  if (isolation === undefined) return engine.dialect.begin?.() ?? ["begin"];
  if (!engine.dialect.begin) throw new MagicError("sql", `${engine.title} has one isolation level only; leave it out`);
  return engine.dialect.begin(isolation);
}

function createTransaction(
  database: SqlDatabase,
  session: SqlSession,
  work: TransactionWork,
  signal: AbortSignal,
): Transaction {
  const sql = createTag({
    made: work.note,
    run: (template) => work.run(() => runInSession(database, session, template, { signal, startLine: 1 })),
    // oxlint-disable-next-line require-yield -- it refuses
    async *stream() {
      throw new MagicError("sql", "a transaction gives whole tables: await the query instead of .stream()");
    },
  });
  return {
    sql,
    write: (rows, table, options = {}) =>
      work.run(async () => {
        const { writeInTransaction } = await import("./write.ts");
        return writeInTransaction(database, session, rows, table, options, signal);
      }),
  };
}
