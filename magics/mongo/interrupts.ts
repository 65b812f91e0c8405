import type { ClientSession, MongoClient } from "mongodb";
import { currentOutput } from "../../display/output.ts";

/**
 * Ends in the server what a cell has under way when the cell is interrupted: every operation, cursor and transaction has a
 * session, whose work the user whose it is may end.
 */
export function stopAtInterrupt(client: MongoClient): void {
  const startSession = client.startSession.bind(client);
  // The driver begins the sessions of operations by the same method.
  client.startSession = (options) => {
    const session = startSession(options);
    const { signal } = currentOutput();
    const stop = (): void => void killSession(client, session);
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
  } catch {
    // The connection is gone, and with it what the server did for it.
  }
}
