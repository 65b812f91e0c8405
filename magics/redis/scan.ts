import type { Table } from "apache-arrow";
import { untilAborted } from "../abort.ts";
import type { Client } from "./client.ts";
import type { RedisConnection } from "./connection.ts";
import { decodeReply, isFloatCommand, type Reply } from "./reply.ts";
import { toRows, toTable } from "./rows.ts";
import { send, sendAll, toBuffer, type RunOptions } from "./run.ts";
import { pairs } from "./shape.ts";
import type { Argument } from "./words.ts";

/** Which keys `scanKeys` gives. */
export interface ScanOptions {
  /** Only keys of this type: `string`, `list`, `set`, `zset`, `hash`, `stream`. */
  readonly type?: string;
  /** How many the server looks at in one step; 500 by default. */
  readonly count?: number;
}

/**
 * Gives the keys that a pattern matches, of every node of a cluster, without holding up the server as KEYS does. Redis may give
 * a key twice while keys are added. A key that is no UTF-8 text is bytes.
 */
export async function* scanKeys(
  connection: RedisConnection,
  pattern: Argument,
  { type, count = 500 }: ScanOptions,
  options: RunOptions,
): AsyncGenerator<Argument, void> {
  const args = ["MATCH", pattern, "COUNT", String(count), ...(type === undefined ? [] : ["TYPE", type])];
  for await (const keys of scan(connection, "scan", [], args, options)) yield* keys as Argument[];
}

/** Runs SCAN, or HSCAN and its like for a key, to the end. */
async function* scan(
  connection: RedisConnection,
  name: string,
  key: readonly Argument[],
  args: readonly Argument[],
  { signal, bytes = false }: RunOptions,
): AsyncGenerator<readonly Reply[], void> {
  const decode = { bytes, isFloat: isFloatCommand(name), name: connection.target.name };
  for (const node of await nodesFor(connection, name, signal)) {
    for (let cursor = "0"; ;) {
      const call = [...key, cursor, ...args] as const;
      const raw = await (node === undefined
        ? send(connection, [name, ...call], signal)
        : untilAborted(signal, node.callBuffer(name, ...call.map(toBuffer))));
      const [next, items] = raw as [unknown, unknown];
      yield decodeReply(items, decode) as readonly Reply[];
      cursor = String(next);
      if (cursor === "0") break;
    }
  }
}

/** Keys are spread over the nodes of a cluster; what a key holds is on its own. */
async function nodesFor(
  connection: RedisConnection,
  name: string,
  signal: AbortSignal,
): Promise<readonly (Client | undefined)[]> {
  if (!connection.isCluster || name !== "scan") return [undefined];
  await send(connection, ["ping"], signal);
  const client = connection.commands();
  return "nodes" in client ? client.nodes("master") : [undefined];
}

/** Runs a command of the SCAN family from its beginning to the end, or to `limit` rows; undefined for another cursor than 0. */
export async function scanTable(
  connection: RedisConnection,
  [name, ...args]: readonly [string, ...Argument[]],
  limit: number,
  options: RunOptions,
): Promise<Table | undefined> {
  const command = name.toLowerCase();
  const keys = command === "scan" ? 0 : 1;
  if (String(args[keys]) !== "0") return undefined;
  const isPaired = command === "hscan" || command === "zscan";
  const perRow = isPaired && !args.some((arg) => String(arg).toUpperCase() === "NOVALUES") ? 2 : 1;
  const found: Reply[] = [];
  for await (const items of scan(connection, command, args.slice(0, keys), args.slice(keys + 1), options)) {
    for (const item of items) found.push(item);
    if (found.length >= limit * perRow) break;
  }
  const taken = found.slice(0, limit * perRow);
  if (perRow === 2) {
    const [first, second] = command === "hscan" ? (["field", "value"] as const) : (["member", "score"] as const);
    return toTable(pairs(taken, first, second)!);
  }
  return toTable(toRows([[{ scan: "key", sscan: "member" }[command] ?? "field", taken]]));
}

const keysAtOnce = 1000;

/** Lists keys with their type, their seconds to live (null: for ever) and their bytes in memory. */
export async function keyTable(
  connection: RedisConnection,
  pattern: Argument,
  limit: number,
  options: RunOptions,
): Promise<{ readonly table: Table; readonly isWhole: boolean }> {
  const { signal } = options;
  const keys: Argument[] = [];
  const seen = new Set<string>();
  let isWhole = true;
  for await (const key of scanKeys(connection, pattern, {}, options)) {
    const text = typeof key === "string" ? key : `\u0000${Buffer.from(key).toString("latin1")}`;
    if (seen.has(text)) continue;
    if (keys.length === limit) {
      isWhole = false;
      break;
    }
    seen.add(text);
    keys.push(key);
  }
  const about: { readonly key: Argument; readonly type: Reply; readonly ttl: Reply; readonly size: Reply }[] = [];
  for (let at = 0; at < keys.length; at += keysAtOnce) {
    const some = keys.slice(at, at + keysAtOnce);
    const asked = some.flatMap((key) => [
      ["type", key] as const,
      ["pttl", key] as const,
      ["memory", "USAGE", key] as const,
    ]);
    const sent = await sendAll(connection, asked, signal);
    const replies = sent.map((result) => {
      if (result.status === "fulfilled") return decodeReply(result.value, connection.target);
      const { code } = result.reason as { code?: string };
      if (code === "ERR" || code === "NOPERM") return null; // some services forbid MEMORY
      throw result.reason;
    });
    for (const [i, key] of some.entries())
      about.push({ key, type: replies[3 * i]!, ttl: replies[3 * i + 1]!, size: replies[3 * i + 2]! });
  }
  // A key may have gone between the two questions.
  const rows = about.filter(({ type }) => type !== "none");
  const table = await toTable(
    toRows(
      [
        ["key", rows.map(({ key }) => key)],
        ["type", rows.map(({ type }) => type)],
        ["ttl", rows.map(({ ttl }) => (Number(ttl) < 0 ? null : Number(ttl) / 1000))],
        ["size", rows.map(({ size }) => size)],
      ],
      ["ttl"],
    ),
  );
  return { table, isWhole };
}
