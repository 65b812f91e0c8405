import type { Table } from "apache-arrow";
import type { Cluster, Redis } from "ioredis";
import { currentOutput } from "../../display/output.ts";
import type { RedisConnection } from "./connection.ts";
import type { Message } from "./listen.ts";
import type { Reply } from "./reply.ts";
import type { ScanOptions } from "./scan.ts";
import type { Entry } from "./entries.ts";
import type { StreamOptions } from "./streams.ts";
import type { Argument } from "./words.ts";

/** What a connection to Redis can, beside the driver's own methods. */
export interface RedisExtras {
  /** Runs a command and gives its reply exactly, as `%redis` does: large integers as bigint, maps as objects, bytes as bytes. */
  value(command: string, ...args: readonly unknown[]): Promise<Reply>;
  /** Runs a command and gives its reply as an Arrow table. */
  table(command: string, ...args: readonly unknown[]): Promise<Table>;
  /** Gives the keys that match, of every node of a cluster, without holding up the server. */
  scanKeys(pattern?: string, options?: ScanOptions): AsyncGenerator<Argument, void>;
  /** Gives the messages of channels; of those that match, where a name has a `*` or `?`. Ends at an interrupt. */
  subscription(...channels: readonly string[]): AsyncGenerator<Message, void>;
  /** Gives the entries of a stream as they come. Ends at an interrupt. */
  streamEntries(key: string, options?: StreamOptions): AsyncGenerator<Entry, void>;
}

/** The driver's client of a server, and more. */
export type RedisHandle<C extends Redis | Cluster = Redis> = C & RedisExtras;

const handles = new WeakMap<object, RedisHandle<Redis | Cluster>>();

/**
 * Gives the client of a connection: the one of that name, of a URL, or the only one to Redis. It connects at its first command,
 * and closes with the connection. Of a cluster: `redis<Cluster>("cache")`.
 */
export async function redis<C extends Redis | Cluster = Redis>(nameOrUrl?: string): Promise<RedisHandle<C>> {
  const [{ findRedis }, { nameOfUrl }] = await Promise.all([import("./find.ts"), import("../connections/connect.ts")]);
  const connection = await findRedis(nameOrUrl === undefined ? undefined : await nameOfUrl("redis", nameOrUrl));
  const client = connection.client();
  let handle = handles.get(client);
  if (!handle) {
    handle = extend(client, await createExtras(connection));
    handles.set(client, handle);
  }
  return handle as unknown as RedisHandle<C>;
}

function extend<C extends Redis | Cluster>(client: C, extras: RedisExtras): RedisHandle<C> {
  for (const [key, value] of Object.entries(extras)) Object.defineProperty(client, key, { value, enumerable: false });
  return client as RedisHandle<C>;
}

async function createExtras(connection: RedisConnection): Promise<RedisExtras> {
  const [run, scan, listen, streams, words] = await Promise.all([
    import("./run.ts"),
    import("./scan.ts"),
    import("./listen.ts"),
    import("./streams.ts"),
    import("./words.ts"),
  ]);
  const magic = { name: "redis", summary: "r.value(COMMAND, ARGUMENT…)  " };
  const call = (command: string, args: readonly unknown[]): readonly [string, ...Argument[]] => [
    command,
    ...args.flatMap((arg) => words.toArguments(magic, arg)),
  ];
  const here = (): { signal: AbortSignal } => ({ signal: currentOutput().signal });
  return {
    value: (command, ...args) => run.runCommand(connection, call(command, args), here()),
    table: (command, ...args) => run.runForTable(connection, call(command, args), here()),
    scanKeys: (pattern = "*", options = {}) => scan.scanKeys(connection, pattern, options, here()),
    subscription: (...channels) => {
      const isPattern = channels.some((channel) => /[*?]/.test(channel));
      return listen.listenTo(connection, isPattern ? "psubscribe" : "subscribe", channels, here().signal);
    },
    streamEntries: (key, options = {}) => streams.readStream(connection, key, options, here().signal),
  };
}
