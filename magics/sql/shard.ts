import type { Table } from "apache-arrow";
import { MagicError } from "../magic.ts";
import type { SqlHandle } from "./handle.ts";

/** What a row is placed by. */
export type ShardKey = string | number | bigint | boolean;

/** How a key finds its shard. */
export interface ShardOptions {
  /**
   * `modulo` (by default): the key's hash modulo the number of shards; one shard more moves most keys. `rendezvous`: the shard
   * whose name and key hash highest; one shard more moves only the keys that it gets.
   */
  readonly method?: "modulo" | "rendezvous";
}

/** Picks the one of several databases that a key belongs to: ``shard(userId, [a, b, c]).sql`…` ``. */
export function shard<T extends Pick<SqlHandle, "name">>(
  key: ShardKey,
  databases: readonly T[],
  { method = "modulo" }: ShardOptions = {},
): T {
  if (databases.length === 0) throw new TypeError("there is no database to choose from. Give at least one handle");
  if (!/^(?:string|number|bigint|boolean)$/.test(typeof key))
    throw new TypeError(
      `a key is a text or a number, not ${key === null ? "null" : typeof key}. Give the value that places the row`,
    );
  const hash = fnv1a(String(key));
  if (method === "modulo") return databases[hash % databases.length]!;
  if (method !== "rendezvous")
    throw new TypeError(`there is no method "${String(method)}". It is modulo or rendezvous`);
  const weighed = databases.map((database) => ({ database, weight: mix(hash ^ fnv1a(database.name)) }));
  return weighed.reduce((best, other) => (other.weight > best.weight ? other : best)).database;
}

/** Several databases that hold the parts of one. */
export interface Shards<T extends Pick<SqlHandle, "name"> = SqlHandle> {
  /** The database of a key. */
  of(key: ShardKey): T;
  /** Asks all at once, and gives their rows as one table, in the order of the databases. */
  all(ask: (database: T) => PromiseLike<Table>): Promise<Table>;
}

/** Holds several databases as one: ``shards([a, b, c]).all((db) => db.sql`select …`)``. */
export function shards<T extends Pick<SqlHandle, "name">>(
  databases: readonly T[],
  options: ShardOptions = {},
): Shards<T> {
  return {
    of: (key) => shard(key, databases, options),
    async all(ask) {
      const answers = await Promise.allSettled(databases.map(async (database) => ask(database)));
      const tables = answers.map((answer, i) => {
        if (answer.status === "fulfilled") return answer.value;
        const { name } = databases[i]!;
        const { message, name: kind } = answer.reason as Error;
        throw new MagicError("sql", `on ${name}: ${message.replace(/^%sql: /, "")}`, {
          name: kind,
          cause: answer.reason,
        });
      });
      const [first, ...rest] = tables;
      if (!first) throw new TypeError("there is no database to ask. Give at least one handle");
      for (const [i, table] of rest.entries())
        if (String(table.schema) !== String(first.schema))
          throw new TypeError(
            `${databases[i + 1]!.name} gives other columns than ${databases[0]!.name}: ${String(table.schema)}, not ${String(first.schema)}. Cast them alike in the query`,
          );
      return first.concat(...rest);
    },
  };
}

/** The 32-bit FNV-1a hash of a text's UTF-8 bytes: the same in every language that has it. */
export function fnv1a(text: string): number {
  let hash = 0x811c_9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash >>> 0;
}

/** Spreads the bits of a hash, so that names which differ in a letter weigh quite differently. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
