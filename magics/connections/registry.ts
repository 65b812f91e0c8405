import { currentOutput } from "../../display/output.ts";
import { onShutdown } from "../../display/shutdown.ts";
import { type Connection, openTarget } from "./kinds.ts";
import { type Origin, asMagicError, configNotes, findDefined, listDefined, unknownName } from "./lookup.ts";
import { type Target, parseTarget } from "./target.ts";
import { setAvailable } from "./unavailable.ts";

export type { Origin } from "./lookup.ts";

interface Entry {
  readonly target: Target;
  readonly source: Origin;
  connection?: Promise<Connection>;
  /** The same, once it is there. */
  opened?: Connection;
  forgetShutdown?: () => void;
}

/** Those that `%connect` and `%up` have named, and those of files that have been used. */
const entries = new Map<string, Entry>();

// For completion, which reads it from another thread while this one is busy.
const madeNames: string[] = [];
Object.defineProperty(globalThis, Symbol.for("typhoon.connections"), { value: madeNames });

function set(name: string, entry: Entry): void {
  entries.set(name, entry);
  setAvailable(name);
  madeNames.splice(0, Infinity, ...entries.keys());
}

/** Names a connection; one of that name is closed and replaced. Nothing is connected before its first use. */
export async function addConnection(name: string, url: string, source: Origin): Promise<Target> {
  const target = parseTarget(name, url);
  await removeConnection(name);
  set(name, { target, source });
  return target;
}

/** Names a connection that was opened already; one of that name is closed and replaced. */
export async function adoptConnection(connection: Connection, source: Origin): Promise<void> {
  const { target } = connection;
  await removeConnection(target.name);
  const entry: Entry = { target, source, connection: Promise.resolve(connection) };
  set(target.name, entry);
  note(entry, connection);
}

/** Closes and forgets a connection; false where none of that name was made or used. */
export async function removeConnection(name: string): Promise<boolean> {
  const entry = entries.get(name);
  entries.delete(name);
  madeNames.splice(0, Infinity, ...entries.keys());
  if (entry) await end(entry);
  return entry !== undefined;
}

/** Closes what a connection has open; its next use opens it again. */
export async function closeConnection(name: string): Promise<void> {
  const entry = entries.get(name);
  if (entry) await end(entry);
}

async function end(entry: Entry): Promise<void> {
  const { connection } = entry;
  entry.forgetShutdown?.();
  delete entry.connection;
  delete entry.opened;
  delete entry.forgetShutdown;
  const opened = await connection?.catch(() => undefined); // whoever opened it was told
  await opened?.close();
}

/** Finds a target by the name of its connection: those made by `%connect` and `%up`, the files, servers, DATABASE_URL. */
export async function findTarget(name: string): Promise<Target | undefined> {
  return (await findEntry(name))?.target;
}

async function findEntry(name: string): Promise<Entry | undefined> {
  const made = entries.get(name);
  if (made && isMade(made)) return made;
  const defined = await findDefined(name);
  if (!defined) {
    await removeConnection(name); // the file has lost it
    return undefined;
  }
  const url = defined.url();
  const target = asMagicError(() => parseTarget(name, url, defined.folder));
  const used = entries.get(name);
  if (used && (isMade(used) || used.target.url() === url)) return used;
  const entry: Entry = { target, source: defined.source };
  set(name, entry);
  if (used) await end(used); // the file says something else now
  return entry;
}

function isMade({ source }: Entry): boolean {
  return source === "%connect" || source === "%up";
}

/** Returns the open connection of that name; the same one until it is removed. Rejects where there is none. */
export async function openConnection(name: string): Promise<Connection> {
  const entry = await findEntry(name);
  if (entry?.source === "connections.toml") tellNotes();
  if (!entry) throw unknownName(name, await connectionNames());
  if (entry.connection) return entry.connection;
  entry.connection = openTarget(entry.target);
  try {
    const connection = await entry.connection;
    note(entry, connection);
    return connection;
  } catch (error) {
    delete entry.connection;
    throw error;
  }
}

const toldNotes = new Set<string>();

/** Tells once that others can read a password in the files. */
function tellNotes(): void {
  for (const text of configNotes()) {
    if (!toldNotes.has(text)) currentOutput().stream("stderr", `typhoon: ${text}.\n`);
    toldNotes.add(text);
  }
}

function note(entry: Entry, connection: Connection): void {
  entry.opened = connection;
  entry.forgetShutdown = onShutdown(`the connection ${entry.target.name}`, () => connection.close());
}

/** A connection as `%connect` lists it. */
export interface Listed {
  readonly name: string;
  readonly source: Origin;
  /** Undefined where `problem` says why there is none. */
  readonly target: Target | undefined;
  readonly state: Connection["state"];
  readonly problem?: string;
}

/** Lists the connections: those that were made, then those of the files, of servers and of DATABASE_URL. */
export async function listConnections(): Promise<Listed[]> {
  const made = [...entries.values()].filter(isMade);
  const listed: Listed[] = made.map(({ target, source, opened }) => ({
    name: target.name,
    source,
    target,
    state: opened?.state ?? "idle",
  }));
  for (const [name, { source, folder, url }] of await listDefined()) {
    if (listed.some((other) => other.name === name)) continue;
    try {
      const target = asMagicError(() => parseTarget(name, url(), folder));
      const entry = entries.get(name);
      const isSame = entry?.target.url() === target.url();
      listed.push({ name, source, target, state: (isSame && entry?.opened?.state) || "idle" });
    } catch (error) {
      const problem = (error as Error).message.replace(/^%connect: /, "");
      listed.push({ name, source, target: undefined, state: "idle", problem });
    }
  }
  return listed;
}

/** Lists the targets of all connections that can be made. */
export async function listTargets(): Promise<{ readonly target: Target; readonly source: Origin }[]> {
  const listed = await listConnections();
  return listed.flatMap(({ target, source }) => (target ? [{ target, source }] : []));
}

/** Lists the names of all connections. */
export async function connectionNames(): Promise<string[]> {
  const made = [...entries.values()].filter(isMade).map(({ target }) => target.name);
  return [...new Set([...made, ...(await listDefined()).keys()])];
}

/** Lists the names of the connections that were made or used. */
export function usedNames(): string[] {
  return [...entries.keys()];
}
