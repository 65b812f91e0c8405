import type { Redis } from "ioredis";
import type { Connection } from "../connections/kinds.ts";
import type { Target } from "../connections/target.ts";
import { untilAborted } from "../abort.ts";
import { type Client, closeClient, createClients, databaseOf } from "./client.ts";
import { decodeReply, replyText } from "./reply.ts";

/** A connection to a Redis server or cluster. It has clients of several kinds, each of which connects when it is first used. */
export interface RedisConnection extends Connection {
  readonly isCluster: boolean;
  /** While a script that was interrupted is being ended on the server. */
  stopping: Promise<unknown> | undefined;
  /** The client of `%redis`: exact replies. */
  commands(): Client;
  /** Makes an end of the client of `%redis` and of what it has under way; its database stays selected. */
  dropCommands(): void;
  /** The client for code, as the driver's documentation says. */
  client(): Client;
  /** Makes a client for one purpose, on the database of `client`, with exact replies; whoever asks closes it with `release`. */
  separate(): Client;
  /** The same to one server; in a cluster to the node given, or any. */
  separateNode(options?: { node?: { host: string; port: number }; isBare?: boolean }): Redis;
  release(client: Client): void;
}

/** Prepares a connection; nothing is connected before its first use. */
export async function openRedis(target: Target): Promise<RedisConnection> {
  const clients = createClients(await import("ioredis"), target);
  const open = new Set<Client>();
  let commands: Client | undefined;
  let plain: Client | undefined;
  let database: { database?: number } = {};
  const keep = <C extends Client>(client: C): C => {
    open.add(client);
    return client;
  };
  const release = (client: Client): void => {
    open.delete(client);
    closeClient(client);
  };
  const connection: RedisConnection = {
    target,
    isCluster: clients.isCluster,
    stopping: undefined,
    get state() {
      const states = [commands, plain].flatMap((client) => (client ? [client.status] : []));
      if (states.includes("ready")) return "open";
      return states.includes("end") || states.includes("close") ? "lost" : "idle";
    },
    commands: () => (commands ??= keep(clients.open({ replies: "exact", separateWaits: true, ...database }))),
    dropCommands() {
      if (!commands) return;
      database = databaseOf(commands);
      release(commands);
      commands = undefined;
    },
    client: () => (plain ??= keep(clients.open({ replies: "plain", separateWaits: true }))),
    separate: () => keep(clients.open({ replies: "exact", separateWaits: false, ...databaseOf(connection.client()) })),
    separateNode: ({ node, isBare } = {}) =>
      keep(
        clients.openNode({ replies: "exact", separateWaits: false, ...(node && { node }), ...(isBare && { isBare }) }),
      ),
    release,
    async ping(signal) {
      const info = decodeReply(await untilAborted(signal, connection.commands().callBuffer("info", "server")), target);
      const [, version = ""] = /^redis_version:(.*?)\r?$/m.exec(replyText(info)) ?? [];
      return `Redis ${version}${clients.isCluster ? " cluster" : ""}`;
    },
    close: async () => {
      for (const client of open) closeClient(client);
      open.clear();
      commands = plain = undefined;
    },
  };
  return connection;
}
