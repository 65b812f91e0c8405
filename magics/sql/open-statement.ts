import type { Batch, Column } from "../columnar/columnar.ts";
import type { SqlDatabase } from "./database.ts";
import type { BoundStatement, SqlSession } from "./engine.ts";
import type { RowStream } from "./open-rows.ts";
import { leaveResult } from "./wrapping.ts";

/** Starts a statement in a session of its own, and gives its rows as they are asked for; the session is free after the last. */
export async function openStatement(
  database: SqlDatabase,
  statement: BoundStatement,
  signal: AbortSignal,
): Promise<RowStream> {
  async function* read(session: SqlSession): AsyncGenerator<readonly Column[] | Batch, void> {
    const left = new AbortController();
    const result = await session.start(statement, AbortSignal.any([signal, left.signal]));
    let hasBegun = false;
    try {
      yield result.columns;
      hasBegun = true;
      yield* result.batches;
    } finally {
      if (!hasBegun) await leaveResult(result, left);
    }
  }
  // Whoever reads for a query of the same database holds a session already.
  const parts = database.stream(signal, read, { beyond: true });
  const columns = (await parts.next()).value as readonly Column[];
  async function* batches(): AsyncGenerator<Batch, void> {
    try {
      for await (const part of parts) yield part as Batch;
    } finally {
      await parts.return();
    }
  }
  return { columns, batches: returning(batches(), parts), rows: undefined };
}

/** A generator that was never asked runs no `finally`: what it reads is ended with it all the same. */
function returning<T>(outer: AsyncGenerator<T, void>, inner: AsyncGenerator<unknown, void>): AsyncGenerator<T, void> {
  const end = outer.return.bind(outer);
  outer.return = async (value) => {
    await inner.return();
    return end(value);
  };
  return outer;
}
