import type { Socket } from "node:net";
import type { Client, ClientConfig } from "pg";
import type { ConnectionOptions } from "../../connections/options.ts";
import { connectFailure } from "./connect-failure.ts";

/** A connection that is ready for a query. */
export interface Connected {
  readonly socket: Socket;
  /** The server's settings, as `server_version`. */
  readonly settings: ReadonlyMap<string, string>;
  /** Has the server stop what this connection runs; resolves once it was told, or at an abort. */
  cancel(signal: AbortSignal): Promise<void>;
}

/** What of `pg` is not in its types: the connection inside of a client. */
interface Inside {
  readonly connection: NodeJS.EventEmitter & { readonly stream: Socket };
  readonly processID: number;
  readonly secretKey: number;
}

interface Canceller extends NodeJS.EventEmitter {
  readonly stream: Socket;
  connect(port: number, host: string): void;
  requestSsl(): void;
  cancel(process: number, key: number): void;
}

/** Connects to the first host of a URL that answers. Rejects with an `SqlFailure` that says what to do. */
export async function connect(options: ConnectionOptions, signal: AbortSignal): Promise<Connected> {
  const { hosts } = options;
  for (const [i, { host, port }] of hosts.entries()) {
    try {
      return await connectTo({ ...options, password: options.password, host, port }, signal);
    } catch (error) {
      signal.throwIfAborted();
      const isAnswer = "code" in (error as object) && /^[0-9A-Z]{5}$/.test(String((error as { code?: string }).code));
      if (i === hosts.length - 1 || (isAnswer && !String((error as { code?: string }).code).startsWith("08")))
        throw connectFailure(error as Error, { ...options, host, port });
    }
  }
  throw new TypeError("a connection has a host"); // `readOptions` gives one
}

async function connectTo(options: ConnectionOptions, signal: AbortSignal): Promise<Connected> {
  const { tls } = options;
  if (tls?.mode !== "prefer") return open(options, sslOf(options), signal);
  try {
    return await open(options, sslOf(options), signal);
  } catch (error) {
    if (!/does not support SSL/.test((error as Error).message)) throw error;
    return open(options, false, signal);
  }
}

function sslOf({ tls, host }: ConnectionOptions): NonNullable<ClientConfig["ssl"]> {
  if (!tls) return false;
  const { mode, ca, cert, key, servername } = tls;
  return {
    rejectUnauthorized: mode === "verify",
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername, host: servername }),
    // The name is checked by Node unless anybody may answer.
    ...(mode !== "verify" && { checkServerIdentity: () => undefined }),
    ...(servername === undefined && host === "" && { servername: "localhost" }),
  };
}

async function open(
  options: ConnectionOptions,
  ssl: NonNullable<ClientConfig["ssl"]>,
  signal: AbortSignal,
): Promise<Connected> {
  const pg = await import("pg");
  const { host, port, user, password, database, connectTimeoutMs, parameters } = options;
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    // A function, so that no file of passwords is looked for.
    password: () => password as string,
    ssl,
    application_name: parameters["application_name"] ?? "typhoon",
    options: parameters["options"],
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  const inside = client as unknown as Inside;
  const settings = new Map<string, string>();
  inside.connection.on("parameterStatus", ({ parameterName, parameterValue }: Record<string, string>) =>
    settings.set(parameterName!, parameterValue!),
  );
  client.on("error", () => {}); // the wire hears of it too
  const abort = (): void => void inside.connection.stream.destroy();
  signal.throwIfAborted();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await client.connect();
  } catch (error) {
    inside.connection.stream.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
  signal.throwIfAborted();
  return {
    socket: inside.connection.stream,
    settings,
    cancel: (until) => cancel(pg.Connection, client, options, ssl, until),
  };
}

/** A second connection says to the server which one is to stop; it is encrypted as the first. */
async function cancel(
  Connection: typeof import("pg").Connection,
  client: Client,
  { host, port }: ConnectionOptions,
  ssl: NonNullable<ClientConfig["ssl"]>,
  signal: AbortSignal,
): Promise<void> {
  const { processID, secretKey } = client as unknown as Inside;
  const connection = new Connection({ ssl }) as unknown as Canceller;
  const { promise, resolve } = Promise.withResolvers<void>();
  const tell = (): void => connection.cancel(processID, secretKey);
  connection.on("connect", () => (ssl === false ? tell() : connection.requestSsl()));
  connection.on("sslconnect", tell);
  // The server closes it without an answer; whether the statement has stopped is seen on the first connection.
  connection.on("error", () => resolve());
  connection.on("end", () => resolve());
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (host.startsWith("/")) (connection as unknown as { connect(path: string): void }).connect(socketPath(host, port));
  else connection.connect(port, host);
  await promise;
  connection.stream.destroy();
}

function socketPath(folder: string, port: number): string {
  return `${folder}/.s.PGSQL.${port}`;
}
