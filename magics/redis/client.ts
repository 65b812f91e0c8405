import type { Cluster, ClusterOptions, Command, Redis, RedisOptions } from "ioredis";
import { currentOutput } from "../../display/output.ts";
import { readOptions } from "../connections/options.ts";
import type { Target } from "../connections/target.ts";
import { isBlocking } from "./commands.ts";
import { explain, isBareLoss, type Place } from "./failure.ts";
import { type ClientKind, kindSettings, placeOf, readSettings } from "./settings.ts";

/** The driver's client of one server, or of a cluster. */
export type Client = Redis | Cluster;
/** The driver's types know one form of replies; what is exact is decoded by `reply.ts`. */
interface Legacy {
  replyMapping?: "legacy";
}
type Driver = Pick<typeof import("ioredis"), "Redis" | "Cluster">;

/** Makes clients of one target. */
export interface Clients {
  readonly place: Place;
  readonly isCluster: boolean;
  /** The first node of the URL. */
  readonly first: { readonly host: string; readonly port: number };
  /** Makes a client, which connects at its first command. */
  open(kind: ClientKind): Client;
  /** Makes a client of one server, in a cluster of the node given or of the first one. */
  openNode(kind: ClientKind): Redis;
}

/** Prepares to make clients; reads the URL. */
export function createClients(driver: Driver, target: Target): Clients {
  const options = readOptions(target);
  const isCluster = /^rediss?\+cluster:/i.test(target.url());
  const { tls, connectTimeoutMs } = options;
  const place = { name: target.name, where: target.where, isTls: tls !== undefined, isCluster, connectTimeoutMs };
  const settings = readSettings(options, isCluster);
  const openNode = (kind: ClientKind): Redis => {
    const made = { ...settings, ...kindSettings(kind, settings), ...placeOf(options), ...kind.node };
    const client = new driver.Redis(made as RedisOptions & Legacy);
    return guard(client, kind, place, clients);
  };
  const open = (kind: ClientKind): Client => {
    if (!isCluster || kind.node) return openNode(kind);
    const client = new driver.Cluster([...options.hosts], {
      lazyConnect: true,
      clusterRetryStrategy: null,
      slotsRefreshTimeout: connectTimeoutMs,
      redisOptions: { ...settings, ...kindSettings(kind, settings) },
    } as ClusterOptions & { redisOptions: Legacy });
    return guard(client, kind, place, clients);
  };
  const { host, port } = options;
  const clients: Clients = { place, isCluster, first: { host, port }, open, openNode };
  return clients;
}

interface Sender {
  sendCommand(command: Command, stream?: unknown, node?: unknown): unknown;
}

/**
 * Makes the driver tell what is wrong: each failed command says why and what to do, a closed client connects anew at the next
 * command, a server that takes the connection and says nothing is given up, and no inspection shows the password.
 */
function guard<C extends Client>(client: C, kind: ClientKind, place: Place, clients: Clients): C {
  let last: Error | undefined;
  const own = client as Sender;
  const send = own.sendCommand.bind(client);
  const seen = new WeakSet<Command>();
  own.sendCommand = (command, stream, node) => {
    // The driver sends what had to wait for the connection through here again.
    if (seen.has(command)) return send(command, stream, node);
    seen.add(command);
    if (client.status === "end") {
      last = undefined;
      client.connect().catch(() => {}); // its commands are rejected as well
    }
    const { reject } = command;
    command.reject = (error) => {
      const tell = (reason: Error | undefined): void => reject(explain(error, command.name, place, reason));
      // The client of a cluster keeps to itself why it reaches no node, so one of them is asked.
      if (place.isCluster && kind.node === undefined && last === undefined && isBareLoss(error))
        void askNode(clients).then(tell);
      else tell(last);
    };
    const isOnItsOwn = stream === undefined && !command.inTransaction && isBlocking(command.name, command.args);
    if (kind.separateWaits && isOnItsOwn) return waitApart(command, clients, { ...kind, ...databaseOf(client) });
    return send(command, stream, node);
  };
  const note = (error: Error): void => {
    // What came first is the reason; what follows from it is not.
    if (!isBareLoss(error)) last ??= explain(error, "", place, error);
  };
  client.on("error", note);
  if (client.isCluster) client.on("node error", note);
  limitHandshake(client, place.connectTimeoutMs, note);
  client.on("ready", () => (last = undefined));
  hideInside(client, place);
  return client;
}

async function askNode(clients: Clients): Promise<Error | undefined> {
  const node = clients.openNode({ replies: "plain", separateWaits: false, node: clients.first });
  try {
    await node.ping();
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    closeClient(node);
  }
}

/** Gives a server only so long to say that it is ready; the driver limits but the time until it takes the connection. */
function limitHandshake(client: Client, limitMs: number, note: (error: Error) => void): void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => clearTimeout(timer);
  client.on("connecting", () => {
    end();
    if (client.status !== "connecting" && client.status !== "connect") return;
    timer = setTimeout(() => {
      note(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
      client.disconnect();
    }, limitMs);
  });
  for (const event of ["ready", "close", "end"]) client.on(event, end);
}

let sending: AbortSignal | undefined;

/** Sends a command whose waiting ends with this signal, not with that of the cell whose code runs. */
export function sendWith<T>(signal: AbortSignal, send: () => T): T {
  sending = signal;
  try {
    return send();
  } finally {
    sending = undefined;
  }
}

/** Sends a command that waits over a connection of its own, which ends with it or with an interrupt of the cell. */
function waitApart(command: Command, clients: Clients, kind: ClientKind): Promise<unknown> {
  const apart = clients.open({ ...kind, separateWaits: false });
  const signal = sending ?? currentOutput().signal;
  const abort = (): void => {
    command.reject(signal.reason as Error);
    apart.disconnect();
  };
  const end = (): void => {
    signal.removeEventListener("abort", abort);
    apart.disconnect();
  };
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  else void (apart as Sender).sendCommand(command);
  command.promise.then(end, end);
  return command.promise;
}

/** The database that a client has selected. */
export function databaseOf(client: Client): { database?: number } {
  const select = "condition" in client ? client.condition?.select : undefined;
  return select === undefined ? {} : { database: select };
}

function hideInside(client: Client, { name, where }: Place): void {
  for (const key of [...Object.keys(client), "condition", "prevCondition", "stream"]) {
    const value: unknown = Reflect.get(client, key);
    Object.defineProperty(client, key, { value, enumerable: false, configurable: true, writable: true });
  }
  const inspect = (): string => `Redis ${name} { ${where}, ${client.status} }`;
  Object.defineProperty(client, Symbol.for("nodejs.util.inspect.custom"), { value: inspect, enumerable: false });
}

/** Ends a client and what it has under way. */
export function closeClient(client: Client): void {
  if (client.status !== "end") client.disconnect();
}
