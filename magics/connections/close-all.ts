import { closeConnection, usedNames } from "./registry.ts";

/** Closes all connections, so that a program can end; the next use of one opens it again. */
export async function closeConnections(): Promise<void> {
  await Promise.all(usedNames().map((name) => closeConnection(name)));
}
