import type { SqlSession } from "./engine.ts";
import { isFailure } from "./failure.ts";

/** Runs a statement for what it does. */
export async function execute(session: SqlSession, sql: string, signal: AbortSignal): Promise<void> {
  const { batches } = await session.start({ sql, values: [] }, signal);
  for await (const _ of batches);
}

/** Runs a statement that cleans up after an error, which is the one to show: whether it succeeds or not. */
export async function executeQuietly(session: SqlSession, sql: string): Promise<void> {
  if (!session.isOpen) return;
  try {
    await execute(session, sql, new AbortController().signal);
  } catch (error) {
    // A transaction that has failed takes no statement.
    if (!isFailure(error)) throw error;
  }
}
