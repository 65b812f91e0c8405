import { currentOutput } from "../../display/output.ts";
import { MagicError } from "../magic.ts";
import type { SqlDatabase } from "./database.ts";
import type { SqlSession } from "./engine.ts";
import { runInSession, shown } from "./run.ts";
import type { Rows } from "./open-rows.ts";
import { type SqlTag, createTag } from "./tag.ts";
import type { WriteOptions } from "./write.ts";
import { execute } from "./execute.ts";
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

/** Runs `work` in a transaction in a session of its own, which is rolled back where `work` throws or is interrupted. */
export async function runTransaction<T>(
  database: SqlDatabase,
  work: (transaction: Transaction) => Promise<T>,
  { isolation }: TransactionOptions = {},
): Promise<T> {
  const { signal } = currentOutput();
  return shown(() =>
    database.separate(signal, async (session) => {
      for (const statement of beginOf(database, isolation)) await execute(session, statement, signal);
      const open = { isOpen: true };
      try {
        const value = await work(createTransaction(database, session, open, signal));
        signal.throwIfAborted();
        open.isOpen = false;
        await execute(session, "commit", signal);
        return value;
      } finally {
        open.isOpen = false; // where it was not committed, it is rolled back when the session is given back
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
  state: { readonly isOpen: boolean },
  signal: AbortSignal,
): Transaction {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(run: () => Promise<T>): Promise<T> => {
    const previous = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await previous;
    try {
      if (!state.isOpen) throw new MagicError("sql", "the transaction has ended. Await its queries inside it");
      return await run();
    } finally {
      resolve();
    }
  };
  const sql = createTag({
    run: (template) => inTurn(() => runInSession(database, session, template, { signal, startLine: 1 })),
    // oxlint-disable-next-line require-yield -- it refuses
    async *stream() {
      throw new MagicError("sql", "a transaction gives whole tables: await the query instead of .stream()");
    },
  });
  return {
    sql,
    write: (rows, table, options = {}) =>
      inTurn(async () => {
        const { writeInTransaction } = await import("./write.ts");
        return writeInTransaction(database, session, rows, table, options, signal);
      }),
  };
}
