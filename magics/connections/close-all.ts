/** Closes all connections, so that a program can end; the next use of one opens it again. */
export async function closeConnections(): Promise<void> {
  const { closeConnection, usedNames } = await import("./registry.ts"); // only who has connected needs it
  await Promise.all(usedNames().map((name) => closeConnection(name)));
}
