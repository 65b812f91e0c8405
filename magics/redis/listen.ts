import type { Redis } from "ioredis";
import { untilAborted } from "../abort.ts";
import type { RedisConnection } from "./connection.ts";
import { RedisFailure } from "./failure.ts";
import { decodeReply, replyText } from "./reply.ts";
import { type Rows, toRows } from "./rows.ts";
import { send, toBuffer } from "./run.ts";
import type { Argument } from "./words.ts";

/** A message that was published. */
export interface Message {
  readonly channel: string;
  /** The pattern that the channel matched, of a subscription to patterns. */
  readonly pattern?: string;
  /** Text, or bytes that are none. */
  readonly message: string | Uint8Array;
}

/** A command that the server ran, as MONITOR tells it. */
export interface Monitored {
  /** Seconds since 1970. */
  readonly time: number;
  readonly source: string;
  readonly database: number;
  readonly command: readonly string[];
}

// Beyond this many that nobody has taken yet, the server waits with more.
const mostWaiting = 1000;

/** Listens to channels, or with `pattern` to those that match; ends, with its connection, at `return()` or the signal. */
export async function* listenTo(
  connection: RedisConnection,
  command: "subscribe" | "psubscribe" | "ssubscribe",
  channels: readonly Argument[],
  signal: AbortSignal,
): AsyncGenerator<Message, void> {
  signal.throwIfAborted();
  const client = connection.separateNode();
  const queue = createQueue<Message>(connection, [client], signal);
  const text = (value: unknown): string => replyText(decodeReply(value, connection.target));
  const decode = (value: unknown): Message["message"] => decodeReply(value, connection.target) as Message["message"];
  client.on("messageBuffer", (channel: Buffer, message: Buffer) =>
    queue.add({ channel: text(channel), message: decode(message) }),
  );
  client.on("smessageBuffer", (channel: Buffer, message: Buffer) =>
    queue.add({ channel: text(channel), message: decode(message) }),
  );
  client.on("pmessageBuffer", (pattern: string, channel: Buffer, message: Buffer) =>
    queue.add({ channel: text(channel), pattern, message: decode(message) }),
  );
  try {
    const subscribed = client.call(command, ...channels.map(toBuffer));
    subscribed.catch(() => {});
    await untilAborted(signal, subscribed);
    yield* queue.items();
  } finally {
    connection.release(client);
  }
}

/** Tells every command that the server runs, of a cluster's nodes together; ends at `return()` or the signal. */
export async function* monitor(connection: RedisConnection, signal: AbortSignal): AsyncGenerator<Monitored, void> {
  signal.throwIfAborted();
  const clients = (await monitoredNodes(connection, signal)).map((node) =>
    connection.separateNode(node === undefined ? {} : { node }),
  );
  const queue = createQueue<Monitored>(connection, clients, signal);
  try {
    for (const client of clients) {
      client.on("monitor", (time: string, command: string[], source: string, database: string) =>
        queue.add({ time: Number(time), source, database: Number(database), command }),
      );
      const started = watch(client);
      started.catch(() => {});
      await untilAborted(signal, started);
    }
    yield* queue.items();
  } finally {
    for (const client of clients) connection.release(client);
  }
}

/** The driver parses what MONITOR tells while its client is `monitoring`, which may be in one packet with the reply. */
async function watch(client: Redis): Promise<void> {
  await client.connect().catch(() => {}); // the command tells why it failed
  const started = client.call("monitor");
  if (client.status === "ready") Reflect.set(client, "status", "monitoring");
  await started;
}

async function monitoredNodes(
  connection: RedisConnection,
  signal: AbortSignal,
): Promise<readonly ({ host: string; port: number } | undefined)[]> {
  if (!connection.isCluster) return [undefined];
  await send(connection, ["ping"], signal);
  const client = connection.commands();
  if (!("nodes" in client)) return [undefined];
  return client.nodes("master").map(({ options: { host = "localhost", port = 6379 } }) => ({ host, port }));
}

interface Queue<T> {
  add(item: T): void;
  items(): AsyncGenerator<T, void>;
}

/** Holds what comes until it is taken. A connection that is lost is an error: what is published meanwhile would be missing. */
function createQueue<T>(connection: RedisConnection, clients: readonly Redis[], signal: AbortSignal): Queue<T> {
  const waiting: T[] = [];
  let wake = Promise.withResolvers<void>();
  wake.promise.catch(() => {});
  let failure: RedisFailure | undefined;
  for (const client of clients) {
    client.on("end", () => {
      failure ??= new RedisFailure(
        "ConnectionError",
        "CLOSED",
        `the connection "${connection.target.name}" was lost, so messages may be missing. Subscribe again`,
      );
      wake.reject(failure);
    });
  }
  return {
    add(item) {
      waiting.push(item);
      if (waiting.length === mostWaiting) for (const { stream } of clients) stream.pause();
      wake.resolve();
    },
    async *items() {
      for (;;) {
        await untilAborted(signal, wake.promise);
        const taken = waiting.splice(0);
        wake = Promise.withResolvers<void>();
        wake.promise.catch(() => {});
        if (failure !== undefined) wake.reject(failure);
        if (taken.length >= mostWaiting) for (const { stream } of clients) stream.resume();
        for (const item of taken) {
          signal.throwIfAborted();
          yield item;
        }
      }
    },
  };
}

/** What was received, in columns. */
export function messageRows(messages: readonly Message[]): Rows {
  const hasPatterns = messages.some(({ pattern }) => pattern !== undefined);
  return toRows([
    ["channel", messages.map(({ channel }) => channel)],
    ...(hasPatterns ? ([["pattern", messages.map(({ pattern }) => pattern)]] as const) : []),
    ["message", messages.map(({ message }) => message)],
  ]);
}

/** What was monitored, in columns. */
export function monitorRows(lines: readonly Monitored[]): Rows {
  return toRows(
    [
      ["time", lines.map(({ time }) => time)],
      ["source", lines.map(({ source }) => source)],
      ["database", lines.map(({ database }) => database)],
      ["command", lines.map(({ command }) => command.join(" "))],
    ],
    ["time"],
  );
}
