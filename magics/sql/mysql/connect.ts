import { connect as netConnect, isIP } from "node:net";
import { type TLSSocket, checkServerIdentity } from "node:tls";
import type { ConnectionOptions as DriverOptions } from "mysql2";
import type { ConnectionOptions } from "../../connections/options.ts";
import type { Tls } from "../../connections/tls.ts";
import { SqlFailure } from "../engine.ts";
import { type ServerError, type WireConnection, beginConnection } from "./wire.ts";

/** Connects. Rejects with an `SqlFailure` that says what to do. */
export async function connect(options: ConnectionOptions, signal: AbortSignal): Promise<WireConnection> {
  signal.throwIfAborted();
  const { tls } = options;
  try {
    return await connectOnce(options, tls, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    // The server was asked whether it can, and it cannot.
    if (tls?.mode === "prefer" && (error as NodeJS.ErrnoException).code === "HANDSHAKE_NO_SSL_SUPPORT")
      return connect(without(options), signal);
    throw toConnectFailure(error as ServerError & NodeJS.ErrnoException, options);
  }
}

/** The same options without encryption; the password is not enumerable, so it is named. */
function without(options: ConnectionOptions): ConnectionOptions {
  const { password } = options;
  return Object.defineProperty({ ...options, password, tls: undefined }, "password", {
    value: password,
    enumerable: false,
  });
}

async function connectOnce(
  options: ConnectionOptions,
  tls: Tls | undefined,
  signal: AbortSignal,
): Promise<WireConnection> {
  const connection = await beginConnection(driverOptions(options, tls));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  connection.once("connect", resolve);
  // It stays: an error without a listener would end the process.
  connection.on("error", reject);
  try {
    await promise;
    checkAddress(connection, options.host, tls);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A certificate is checked for its name by mysql2; for an address it would take one of `localhost`. */
function checkAddress({ stream }: WireConnection, host: string, tls: Tls | undefined): void {
  if (tls?.mode !== "verify" || tls.servername !== undefined || isIP(host) === 0) return;
  const error = checkServerIdentity(host, (stream as unknown as TLSSocket).getPeerCertificate());
  if (error) throw error;
}

function driverOptions(options: ConnectionOptions, tls: Tls | undefined): DriverOptions {
  const { host, port, user, password, database, connectTimeoutMs } = options;
  const isSocket = host.startsWith("/");
  return {
    ...(isSocket ? { socketPath: host } : { host: tls?.servername ?? host, port }),
    // The name that the certificate is to have need not be the host's.
    ...(tls?.servername !== undefined && { stream: () => netConnect({ host, port, noDelay: true, keepAlive: true }) }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ...(tls && { ssl: tlsOptions(tls) }),
    connectTimeout: connectTimeoutMs,
    charset: "utf8mb4_general_ci",
    // Its log would show what is sent.
    trace: false,
    connectAttributes: { program_name: "typhoon" },
    // Without attributes of queries, which change how messages are written, and without files that the server may ask for.
    flags: ["-CLIENT_QUERY_ATTRIBUTES", "-LOCAL_FILES", "-FOUND_ROWS", "-IGNORE_SPACE", "-ODBC", "PS_MULTI_RESULTS"],
  };
}

function tlsOptions({ mode, ca, cert, key }: Tls): NonNullable<Exclude<DriverOptions["ssl"], string>> {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: mode === "verify",
    verifyIdentity: mode === "verify",
  };
}

/** Makes the failure of a connection that could not be made. */
function toConnectFailure(error: ServerError & NodeJS.ErrnoException, options: ConnectionOptions): SqlFailure {
  const { host, port, user = "", database = "", connectTimeoutMs } = options;
  const place = host.startsWith("/") ? host : `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const { code = "", message, errno } = error;
  const fail = (name: string, text: string, hint: string): SqlFailure =>
    new SqlFailure(name, text, { code: code || String(errno), hint, cause: error, isDisconnect: true });
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return fail("UnknownHost", `there is no host ${host}`, "Look at the host in the URL, or at the network");
  if (code === "ECONNREFUSED" || code === "ENOENT")
    return fail(
      "ConnectionRefused",
      `nothing listens at ${place}`,
      "Start the server, or look at host and port in the URL",
    );
  if (code === "ETIMEDOUT")
    return fail(
      "ConnectionTimeout",
      `${place} did not answer within ${connectTimeoutMs / 1000} s`,
      "Look at the host and at firewalls, or wait longer with ?connect_timeout=30s in the URL",
    );
  if (code === "HANDSHAKE_NO_SSL_SUPPORT")
    return fail(
      "TlsUnavailable",
      `the server at ${place} does not encrypt`,
      "Write ?tls=off in the URL if that may be",
    );
  if (
    /CERT|SIGNED|UNABLE_TO|ALTNAME|SSL|TLS/.test(code) ||
    /certificate|handshake failure|wrong version number/i.test(message)
  )
    return fail(
      "TlsRefused",
      `the encrypted connection to ${place} failed: ${message}`,
      "Give the authority's certificate with ?tls_ca=PATH, the certificate's name with ?tls_server_name=NAME, or ?tls=require to trust whoever answers",
    );
  if (errno === 1045 || errno === 1698)
    return fail(
      "AccessDenied",
      `the server at ${place} does not let the user "${user}" in`,
      options.password === undefined
        ? "The URL has no password: write mysql://user:password@host/database, or connect with --ask"
        : "Look at the user and the password, and from which hosts the user may come",
    );
  if (errno === 1049)
    return fail(
      "NoSuchDatabase",
      `the server has no database "${database}"`,
      "Look at the name in the URL, or create it: connect without a database and run `create database`",
    );
  if (errno === 1044)
    return fail(
      "AccessDenied",
      `the user "${user}" may not use the database "${database}"`,
      "Ask for the right: `grant all on database.* to user`",
    );
  if (errno === 1040 || errno === 1203 || errno === 1226)
    return fail(
      "TooManyConnections",
      `the server at ${place} takes no more connections`,
      "Close others, or lower ?pool_max in the URL",
    );
  if (errno === 1129 || errno === 1130)
    return fail("HostRefused", `the server at ${place} takes no connections from this host`, "Ask its administrator");
  return fail(
    "ConnectionFailed",
    `the connection to ${place} failed: ${message}`,
    "Look whether a MySQL or MariaDB server listens there",
  );
}
