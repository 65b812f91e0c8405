import type { Table } from "apache-arrow";
import { untilAborted } from "../abort.ts";
import { sendWith } from "./client.ts";
import { killerOf } from "./commands.ts";
import type { RedisConnection } from "./connection.ts";
import { decodeReply, isFloatCommand, type Reply } from "./reply.ts";
import { anyRows, shapeReply } from "./shape.ts";
import { toTable } from "./rows.ts";
import { adviseOn } from "./advice.ts";
import type { Argument } from "./words.ts";

/** How a command runs. */
export interface RunOptions {
  readonly signal: AbortSignal;
  /** All texts as bytes. */
  readonly bytes?: boolean;
}

/** A command: its name and its arguments. */
export type CommandCall = readonly [name: string, ...args: Argument[]];

/** Runs a command; an interrupt ends it on the server too. Rejects with a `RedisFailure`. */
export async function runCommand(connection: RedisConnection, call: CommandCall, options: RunOptions): Promise<Reply> {
  options.signal.throwIfAborted();
  try {
    return decode(call, await onEveryNode(connection, call, options.signal), connection, options);
  } catch (error) {
    throw await adviseOn(error, call, connection, options.signal);
  }
}

/** Runs a command and gives its rows where its reply is a table by nature. */
export async function runForResult(
  connection: RedisConnection,
  call: CommandCall,
  options: RunOptions,
): Promise<Reply | Table> {
  return shapeResult(call, await runCommand(connection, call, options), options);
}

async function shapeResult(call: CommandCall, reply: Reply, { bytes }: RunOptions): Promise<Reply | Table> {
  const rows = bytes === true ? undefined : shapeReply(call[0], call.slice(1).map(textOf), reply);
  return rows ? toTable(rows) : reply;
}

/** Runs a command and gives its reply as a table, whatever it is. */
export async function runForTable(connection: RedisConnection, call: CommandCall, options: RunOptions): Promise<Table> {
  return toTable(anyRows(call[0], call.slice(1).map(textOf), await runCommand(connection, call, options)));
}

/** Decodes a reply, and makes a table of it where it is one by nature. */
export async function toResult(
  connection: RedisConnection,
  call: CommandCall,
  raw: unknown,
  options: RunOptions,
): Promise<Reply | Table> {
  return shapeResult(call, decode(call, raw, connection, options), options);
}

function decode([name]: CommandCall, raw: unknown, { target }: RedisConnection, { bytes = false }: RunOptions): Reply {
  return decodeReply(raw, { bytes, isFloat: isFloatCommand(name), name: target.name });
}

function textOf(argument: Argument): string {
  return typeof argument === "string" ? argument : Buffer.from(argument).toString();
}

/** Commands that in a cluster are about every node, and how their replies become one. */
const everyNode: Readonly<Record<string, (replies: readonly unknown[]) => unknown>> = {
  dbsize: (replies) => String(replies.reduce((sum: number, reply) => sum + Number(reply), 0)),
  keys: (replies) => replies.flat(),
  flushdb: ([first]) => first,
  flushall: ([first]) => first,
};

function isForEveryNode({ isCluster }: RedisConnection, name: string): boolean {
  return isCluster && everyNode[name.toLowerCase()] !== undefined;
}

async function onEveryNode(connection: RedisConnection, call: CommandCall, signal: AbortSignal): Promise<unknown> {
  const [name, ...args] = call;
  const join = connection.isCluster ? everyNode[name.toLowerCase()] : undefined;
  if (!join) return send(connection, call, signal);
  // The nodes are known once the cluster has answered.
  await send(connection, ["ping"], signal);
  const client = connection.commands();
  if (!("nodes" in client)) return send(connection, call, signal);
  const sent = client.nodes("master").map((node) => node.callBuffer(name, ...args.map(toBuffer)));
  return join(await untilAborted(signal, Promise.all(sent)));
}

/** Sends a command, in lower case as the driver knows its own. */
export async function send(connection: RedisConnection, call: CommandCall, signal: AbortSignal): Promise<unknown> {
  const [name, ...args] = call;
  if (connection.stopping) await untilAborted(signal, connection.stopping);
  const client = connection.commands();
  const reply = sendWith(signal, () => client.callBuffer(name.toLowerCase(), ...args.map(toBuffer)));
  reply.catch(() => {}); // after an interrupt nobody waits for it
  try {
    return await untilAborted(signal, reply);
  } catch (error) {
    if (signal.aborted) stop(connection, name);
    throw error;
  }
}

/** Sends many commands at once and waits for all of their replies, in their order. */
export async function sendAll(
  connection: RedisConnection,
  calls: readonly CommandCall[],
  signal: AbortSignal,
): Promise<PromiseSettledResult<unknown>[]> {
  if (connection.stopping) await untilAborted(signal, connection.stopping);
  const client = connection.commands();
  // One write for all, in place of one for each.
  const stream = "stream" in client && client.status === "ready" ? client.stream : undefined;
  stream?.cork();
  const replies = calls.map((call) => {
    const [name, ...args] = call;
    if (isForEveryNode(connection, name)) return onEveryNode(connection, call, signal);
    return sendWith(signal, () => client.callBuffer(name.toLowerCase(), ...args.map(toBuffer)));
  });
  stream?.uncork();
  try {
    return await untilAborted(signal, Promise.allSettled(replies));
  } catch (error) {
    if (signal.aborted) stop(connection, calls.map(([name]) => name).find((name) => killerOf(name)) ?? "");
    throw error;
  }
}

/** What an interrupt leaves running on the server is ended there: with its connection, and a script by the command for it. */
function stop(connection: RedisConnection, name: string): void {
  const killer = killerOf(name);
  connection.dropCommands();
  if (!killer) return;
  // A server is deaf until a script has run for 5 s (its busy-reply-threshold); only the next command waits for this.
  const client = connection.separateNode({ isBare: true });
  const stopping = client
    .callBuffer(...killer)
    .catch(() => {}) // nothing runs any more
    .finally(() => {
      connection.release(client);
      if (connection.stopping === stopping) connection.stopping = undefined;
    });
  connection.stopping = stopping;
}

/** The driver's own kind of bytes. */
export function toBuffer(argument: Argument): string | Buffer {
  if (typeof argument === "string") return argument;
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
}
