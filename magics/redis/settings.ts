import type { RedisOptions } from "ioredis";
import type { ConnectionOptions } from "../connections/options.ts";

/** How a client is made. */
export interface ClientKind {
  /** `exact`: the forms of RESP3, numbers as text, so that none is rounded; `plain`: as the driver's documentation says. */
  readonly replies: "exact" | "plain";
  /** Commands that wait get a connection of their own, so that they hold up nothing. */
  readonly separateWaits: boolean;
  /** The database's number, where it is not the URL's. */
  readonly database?: number;
  /** One node of a cluster, for what a cluster's client cannot do. */
  readonly node?: { readonly host: string; readonly port: number };
  /** For a server that is busy: asks it nothing before the command. */
  readonly isBare?: boolean;
}

/** What holds for every client: a lost connection is told at once, and nothing is sent twice. */
export function readSettings(options: ConnectionOptions, isCluster: boolean): RedisOptions {
  const { user, password, database, tls, connectTimeoutMs, parameters } = options;
  const db = Number(database ?? 0);
  if (!Number.isSafeInteger(db) || db < 0)
    throw new TypeError(`a Redis database is a number, as in redis://host/0, not "${database}"`);
  if (isCluster && db !== 0) throw new TypeError("a Redis cluster has only database 0. Leave it out of the URL");
  const { protocol = "3", ...rest } = parameters;
  if (protocol !== "2" && protocol !== "3") throw new TypeError(`protocol is 2 or 3, not "${protocol}"`);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw new TypeError(
      `a Redis URL has no parameter "${unknown}". There are protocol (2 or 3), tls, tls_ca, tls_cert, tls_key, tls_server_name and connect_timeout`,
    );
  return {
    lazyConnect: true,
    retryStrategy: null,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: null,
    connectTimeout: connectTimeoutMs,
    connectionName: "typhoon",
    protocol: protocol === "2" ? 2 : 3,
    db,
    ...(user !== undefined && user !== "" && { username: user }),
    ...(password !== undefined && { password }),
    ...(tls && {
      tls: {
        rejectUnauthorized: tls.mode === "verify",
        ca: tls.ca,
        cert: tls.cert,
        key: tls.key,
        servername: tls.servername ?? (/^[\d.]+$|:/.test(options.host) ? undefined : options.host),
      },
    }),
  };
}

/** What a kind of client needs besides. */
export function kindSettings(
  { replies, database, isBare = false }: ClientKind,
  { protocol }: RedisOptions,
): Partial<RedisOptions> {
  return {
    ...(replies === "exact" && { stringNumbers: true, ...(protocol === 3 && { replyMapping: "resp3" as const }) }),
    ...(database !== undefined && { db: database }),
    ...(isBare && { enableReadyCheck: false, disableClientInfo: true }),
  };
}

/** Where one server is: a host with its port, or the path of a Unix socket. */
export function placeOf({ host, port }: ConnectionOptions): Partial<RedisOptions> {
  return host.startsWith("/") ? { path: host } : { host, port };
}
