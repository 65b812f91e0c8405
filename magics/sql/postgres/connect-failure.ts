import type { ConnectionOptions } from "../../connections/options.ts";
import { SqlFailure } from "../engine.ts";
import { nameOfState } from "./sqlstates.ts";

/** What can go wrong while connecting: how it is told by, and what to do. The first that fits counts. */
interface Case {
  readonly test: (error: NodeJS.ErrnoException) => boolean;
  readonly name: string;
  readonly message: (error: Error, options: ConnectionOptions) => string;
  readonly hint: (options: ConnectionOptions, error: Error) => string;
}

const code =
  (...codes: readonly string[]) =>
  (error: NodeJS.ErrnoException): boolean =>
    codes.includes(error.code ?? "");
const says =
  (pattern: RegExp) =>
  (error: NodeJS.ErrnoException): boolean =>
    pattern.test(error.message);
const place = ({ host, port }: ConnectionOptions): string => (host.startsWith("/") ? host : `${host}:${port}`);
const own = (error: Error): string => error.message;

const cases: readonly Case[] = [
  {
    test: code("ENOTFOUND", "EAI_AGAIN"),
    name: "UnknownHost",
    message: (_, { host }) => `there is no host ${host}`,
    hint: () => "Check the host's name in the URL, and whether this machine's network reaches it (a VPN?).",
  },
  {
    test: code("ECONNREFUSED", "ENOENT"),
    name: "ConnectionRefused",
    message: (_, options) => `nothing listens at ${place(options)}`,
    hint: () => "Start the server (%up postgres starts one here), or check host and port in the URL.",
  },
  {
    test: (error) => error.code === "ETIMEDOUT" || /timeout expired/.test(error.message),
    name: "ConnectionTimeout",
    message: (_, options) => `${place(options)} did not answer within ${options.connectTimeoutMs / 1000} s`,
    hint: () => "Check host, port and firewall, or wait longer with ?connect_timeout=30s in the URL.",
  },
  {
    test: code("EHOSTUNREACH", "ENETUNREACH"),
    name: "UnreachableHost",
    message: (_, { host }) => `the network has no way to ${host}`,
    hint: () => "Check the host in the URL, and the network (a VPN?).",
  },
  {
    test: says(/password must be a (?:non-empty )?string|client password/i),
    name: "PasswordMissing",
    message: (_, { user }) =>
      `the server asks for a password${user === undefined ? "" : ` of ${user}`}, and none is given`,
    hint: () => "Write %connect URL --ask, or put the password into connections.toml.",
  },
  {
    test: code("28P01"),
    name: "InvalidPassword",
    message: own,
    hint: () => "Check user and password; in a URL, / ? # @ : % of a password are written as %2F %3F %23 %40 %3A %25.",
  },
  {
    test: (error) => error.code === "28000" && /no encryption|SSL off/.test(error.message),
    name: "TlsRequired",
    message: own,
    hint: () => "The server may want encryption: write ?tls=require (or tls=verify) behind the URL.",
  },
  {
    test: code("28000"),
    name: "InvalidAuthorizationSpecification",
    message: own,
    hint: () => "Check the user's name; the server's pg_hba.conf says who may connect from where.",
  },
  {
    test: code("3D000"),
    name: "InvalidCatalogName",
    message: own,
    hint: ({ database }) =>
      database === undefined
        ? "The URL names no database, so the user's name was taken: write it behind the host, as in …/postgres."
        : "Check the name behind the host; the database postgres is always there: \\l is `select datname from pg_database`.",
  },
  {
    test: says(/does not support SSL/),
    name: "TlsRefused",
    message: (_, options) => `the server at ${place(options)} does not encrypt`,
    hint: () => "Turn ssl on at the server, or write ?tls=off where the network is safe.",
  },
  {
    test: (error) =>
      /SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS_CERT/.test(error.code ?? "") || /certificate/i.test(error.message),
    name: "TlsUnverified",
    message: (error, options) => `the certificate of ${place(options)} cannot be trusted: ${error.message}`,
    hint: () =>
      "Name the authority that signed it, ?tls_ca=PATH, and its name with tls_server_name where the host differs; tls=require encrypts without this check.",
  },
  {
    test: (error) => /EPROTO|ERR_SSL/.test(error.code ?? "") || /error establishing an SSL/.test(error.message),
    name: "TlsFailed",
    message: (error, options) => `no encrypted connection to ${place(options)}: ${error.message}`,
    hint: () => "Is this PostgreSQL's port? ?tls=off connects without encryption.",
  },
  {
    test: (error) => /terminated unexpectedly/.test(error.message) || error.code === "ECONNRESET",
    name: "ConnectionClosed",
    message: (_, options) => `${place(options)} closed the connection without a word`,
    hint: () => "Is this PostgreSQL's port? A server that just starts, or a proxy, does this too: try again.",
  },
  {
    test: code("53300"),
    name: "TooManyConnections",
    message: own,
    hint: () => "Close connections that are not needed (%disconnect), or raise the server's max_connections.",
  },
  {
    test: code("57P03"),
    name: "CannotConnectNow",
    message: own,
    hint: () => "The server starts or stops; try again in a moment.",
  },
];

/** Turns what went wrong while connecting into a failure that says what to do; no secret is in it. */
export function connectFailure(error: Error, options: ConnectionOptions): SqlFailure {
  const given = (error as NodeJS.ErrnoException).code;
  // Where a name has several addresses, Node joins what each said.
  const [first = error] = (error as { errors?: readonly Error[] }).errors ?? [];
  const found = cases.find(({ test }) => test(error) || test(first));
  const more = { ...(given !== undefined && { code: given }), isDisconnect: true, cause: first };
  if (!found)
    return new SqlFailure(given === undefined ? "ConnectionFailure" : nameOfState(given), first.message, more);
  return new SqlFailure(found.name, found.message(first, options), { ...more, hint: found.hint(options, first) });
}
