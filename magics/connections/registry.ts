import { onShutdown } from "../../display/shutdown.ts";
import { type Connection, openTarget } from "./kinds.ts";
import { type Target, parseTarget } from "./target.ts";

/** Where a connection's URL came from. */
export type Source = "%connect" | "%up" | "connections.toml" | "DATABASE_URL";

interface Entry {
  readonly target: Target;
  readonly source: Source;
  connection?: Promise<Connection>;
  forgetShutdown?: () => void;
}

const entries = new Map<string, Entry>();

/** Names a connection; one of that name is closed and replaced. Nothing is connected before its first use. */
export async function addConnection(name: string, url: string, source: Source): Promise<Target> {
  const target = parseTarget(name, url);
  await removeConnection(name);
  entries.set(name, { target, source });
  return target;
}

/** Closes and forgets a connection; false where there is none of that name. */
export async function removeConnection(name: string): Promise<boolean> {
  const entry = entries.get(name);
  entries.delete(name);
  entry?.forgetShutdown?.();
  await (await entry?.connection)?.close();
  return entry !== undefined;
}

/** Finds a target by the name of its connection. */
export function findTarget(name: string): Target | undefined {
  return entries.get(name)?.target;
}

/** Returns the open connection of that name; the same one until it is removed. Rejects where there is none. */
export async function openConnection(name: string): Promise<Connection> {
  const entry = entries.get(name);
  if (!entry) throw new TypeError(`there is no connection "${name}". Write %connect URL --as ${name}`);
  if (entry.connection) return entry.connection;
  entry.connection = openTarget(entry.target);
  try {
    const connection = await entry.connection;
    entry.forgetShutdown = onShutdown(`the connection ${name}`, () => connection.close());
    return connection;
  } catch (error) {
    delete entry.connection;
    throw error;
  }
}

/** Closes what a connection has open; its next use opens it again. */
export async function closeConnection(name: string): Promise<void> {
  const entry = entries.get(name);
  const open = entry?.connection;
  entry?.forgetShutdown?.();
  if (entry) delete entry.connection;
  await (await open)?.close();
}

/** Lists the connections by name. */
export function listTargets(): readonly { readonly target: Target; readonly source: Source }[] {
  return [...entries.values()].map(({ target, source }) => ({ target, source }));
}
