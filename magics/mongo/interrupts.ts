import type { AbstractCursor, ClientSession, MongoClient } from "mongodb";
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
    const cursor = typeof owner === "object" ? (owner as AbstractCursor | null) : null;
    const stop = (): void => void endWork(client, session, cursor ?? undefined);
    if (!signal.aborted) signal.addEventListener("abort", stop, { once: true });
    session.once("ended", () => signal.removeEventListener("abort", stop));
    return session;
  };
}

/** Ends what a session has under way in the server, and a cursor; the session can be used again. */
export async function endWork(
  client: MongoClient,
  session: ClientSession,
  cursor: AbstractCursor | undefined,
): Promise<void> {
  // Read at once: a cursor that is closed twice at a time ends its session before the server was told.
  const { id, namespace } = cursor ?? {};
  const lsid = session.hasEnded ? undefined : session.id;
  try {
    if (id && !id.isZero() && namespace)
      await client.db(namespace.db).command({ killCursors: namespace.collection, cursors: [id] });
    if (lsid) await client.db("admin").command({ killSessions: [lsid] });
    if (session.inTransaction()) await session.abortTransaction();
  } catch {
    // The connection is gone, and with it what the server did for it; or the work has just ended by itself.
  }
}
