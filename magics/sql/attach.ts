import { MagicError } from "../magic.ts";

/** Connections whose tables every database can read, by the name under which it names them. */
const attached = new Map<string, string>();

/** Options of `attach`. */
export interface AttachOptions {
  /** Its name in queries; by default that of the connection. */
  readonly as?: string;
}

/**
 * Makes the tables of a connection readable in queries of the notebook's DuckDB and of the other connections, as
 * `pg.orders` or `pg.public.orders`. They are read as they are at each query, and cannot be written to that way.
 */
export async function attach(connection: string, { as: name = connection }: AttachOptions = {}): Promise<void> {
  if (typeof connection !== "string" || connection === "duckdb")
    throw new MagicError("sql", 'attach takes the name of a connection, as in attach("shop"); %connect lists them');
  const { findDatabase } = await import("./databases.ts"); // a program that attaches nothing loads none
  await findDatabase(connection);
  attached.set(name.toLowerCase(), connection);
}

/** Forgets what was attached under a name; false where there was nothing. */
export function detach(name: string): boolean {
  return attached.delete(name.toLowerCase());
}

/** The connection that is attached under a name. */
export function attachedAs(name: string): string | undefined {
  return attached.get(name.toLowerCase());
}
