import type { Dialect } from "./dialect.ts";
import type { SqlSession } from "./engine.ts";
import { execute } from "./execute.ts";

/** A place in a transaction to which it can go back. */
export interface Savepoint {
  /** Undoes what came after it, also that the transaction has failed. */
  undo(signal: AbortSignal): Promise<void>;
  /** Forgets it; what came after it stays. */
  release(signal: AbortSignal): Promise<void>;
}

/**
 * Sets a savepoint before a statement that may name a missing table, which in some systems ends an open transaction; undefined
 * where there is no need for one. Rejects where the transaction has failed already, and so takes no statement at all.
 */
export async function guardNames(
  { nameErrorsEndTransactions }: Pick<Dialect, "nameErrorsEndTransactions">,
  session: SqlSession,
  signal: AbortSignal,
): Promise<Savepoint | undefined> {
  if (nameErrorsEndTransactions !== true || !session.inTransaction) return undefined;
  await execute(session, `savepoint ${name}`, signal);
  const release = (own: AbortSignal): Promise<void> => execute(session, `release savepoint ${name}`, own);
  return {
    async undo(own) {
      await execute(session, `rollback to savepoint ${name}`, own);
      await release(own);
    },
    release,
  };
}

const name = "typhoon_names";
