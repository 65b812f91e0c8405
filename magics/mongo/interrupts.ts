import type { ClientSession, MongoClient } from "mongodb";
import { currentOutput } from "../../display/output.ts";

/**
 * Ends in the server what a cell has under way when the cell is interrupted: every operation, cursor and transaction has a
 * session, whose work the user whose it is may end.
 */
export function stopAtInterrupt(client: MongoClient): void {
  const startSession = client.startSession.bind(client);
  // The driver begins the sessions of operations by the same method; a cursor's says whose it is.
  client.startSession = (options) => {
    const session = startSession(options);
    const { signal } = currentOutput();
    const { owner } = (options ?? {}) as { readonly owner?: unknown };
    const stop = (): void => void Promise.all([closeCursor(owner), killSession(client, session)]);
    if (!signal.aborted) signal.addEventListener("abort", stop, { once: true });
    session.once("ended", () => signal.removeEventListener("abort", stop));
    return session;
  };
}

/** Ends what a session has under way in the server; the session can be used again. */
export async function killSession(client: MongoClient, session: ClientSession): Promise<void> {
  if (session.hasEnded || session.id === undefined) return;
  try {
    await client.db("admin").command({ killSessions: [session.id] });
    if (session.inTransaction()) await session.abortTransaction();
  } catch {
    // The connection is gone, and with it what the server did for it; or the transaction has just ended.
  }
}

async function closeCursor(owner: unknown): Promise<void> {
  const cursor = owner as { close?: () => Promise<void> } | null | undefined;
  if (typeof cursor !== "object" || typeof cursor?.close !== "function") return;
  try {
    await cursor.close();
  } catch {
    // As above.
  }
}
