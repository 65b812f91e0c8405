import type { SqlSession } from "./engine.ts";

/** Runs a statement for what it does. */
export async function execute(session: SqlSession, sql: string, signal: AbortSignal): Promise<void> {
  const { batches } = await session.start({ sql, values: [] }, signal);
  for await (const _ of batches);
}
