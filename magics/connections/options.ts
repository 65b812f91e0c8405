import { readDuration } from "../duration.ts";
import { resolvePath } from "../paths.ts";
import { type KindName, canPreferTls, isFileKind, usualPort, usualTls } from "./kinds.ts";
import { type Target, splitTarget } from "./target.ts";
import { type TakeParameter, type Tls, readTls } from "./tls.ts";
import { type Host, joinUrl } from "./url.ts";

/** What a driver needs to know of a connection. */
export interface ConnectionOptions {
  /** The first host's name or address, or the path of its socket; `localhost` where the URL says none. Empty for files. */
  readonly host: string;
  /** The first host's port, or the kind's usual one; 0 for files. */
  readonly port: number;
  /** All hosts, for clusters and replica sets. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string | undefined;
  /** Not enumerable, so that no inspection shows it; read it by name, as a spread loses it. */
  readonly password: string | undefined;
  /** The database's name (Redis: its number); of a file, its absolute path or `:memory:`. */
  readonly database: string | undefined;
  /** Undefined where nothing is to be encrypted. */
  readonly tls: Tls | undefined;
  readonly connectTimeoutMs: number;
  /** Most sessions at a time. */
  readonly poolMax: number;
  /** How long a session is kept that nobody uses. */
  readonly idleMs: number;
  /** What else the URL says: the driver's own parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads the options of a target's URL. Throws a TypeError that says how a wrong one is written. */
export function readOptions(target: Target): ConnectionOptions {
  const { kind, folder } = target;
  const parts = splitTarget(target);
  const left = new Map(parts.parameters);
  const take: TakeParameter = (...names) => {
    const values = names.map((name) => left.get(name));
    for (const name of names) left.delete(name);
    return values.find((value) => value !== undefined && value !== "");
  };
  const connectTimeoutMs = duration("connect_timeout", take("connect_timeout"), 10_000);
  const poolMax = whole("pool_max", take("pool_max"), 10);
  const idleMs = duration("pool_idle", take("pool_idle"), 60_000);
  if (isFileKind(kind)) {
    const database = toFile(parts.path, folder);
    return { ...noServer, database, connectTimeoutMs, poolMax, idleMs, parameters: Object.fromEntries(left) };
  }
  const hosts = readHosts(parts.hosts, take, usualPort(kind));
  const { host, port } = hosts[0]!;
  const asked = { user: take("user"), password: take("password"), database: take("dbname", "database") };
  const options = {
    host,
    port,
    hosts,
    user: parts.user ?? asked.user,
    database: parts.path === "" ? asked.database : parts.path,
    tls: readTls(take, folder, usualTls(kind, parts.scheme, host)),
    connectTimeoutMs,
    poolMax,
    idleMs,
  };
  refusePrefer(kind, options.tls);
  const password = parts.password ?? asked.password;
  const secret = { value: password, enumerable: false };
  return Object.defineProperty({ ...options, password, parameters: Object.fromEntries(left) }, "password", secret);
}

/** The URL with hosts and without the parameters that are ours (`tls…`, `connect_timeout`, `pool_…`), for drivers that read URLs themselves. */
export function driverUrl(target: Target): string {
  const parts = splitTarget(target);
  const { parameters, hosts } = readOptions(target);
  const kept = parts.parameters.filter(([name]) => Object.hasOwn(parameters, name));
  // An SRV record's host has no port.
  const places = parts.scheme.endsWith("+srv") ? parts.hosts : hosts;
  return joinUrl({ ...parts, hosts: places, parameters: kept });
}

const noServer = { host: "", port: 0, hosts: [], user: undefined, password: undefined, tls: undefined } as const;

function toFile(path: string, folder: string): string {
  if (path === "" || path === ":memory:") return ":memory:";
  return resolvePath(path, folder);
}

function readHosts(hosts: readonly Host[], take: TakeParameter, usual: number): { host: string; port: number }[] {
  const [first] = hosts;
  const port = take("port");
  // An empty host is given by a parameter: the folder of PostgreSQL's socket, the path of MySQL's.
  const named = first?.host ? undefined : take("host", "socket", "socketPath", "unix_socket");
  if (named !== undefined || !first?.host)
    return [{ host: named ?? "localhost", port: first?.port ?? (port === undefined ? usual : whole("port", port, 0)) }];
  return hosts.map(({ host, port: own }) => ({ host, port: own ?? usual }));
}

function refusePrefer(kind: KindName, tls: Tls | undefined): void {
  if (tls?.mode !== "prefer" || canPreferTls(kind)) return;
  throw new TypeError("with tls=prefer the server is asked, which these cannot be: write tls=off, require or verify");
}

function duration(name: string, text: string | undefined, initial: number): number {
  if (text === undefined) return initial;
  const ms = readDuration(text);
  if (ms) return ms;
  throw new TypeError(`${name} is a time such as 10s or 500ms, not "${text}"`);
}

function whole(name: string, text: string | undefined, initial: number): number {
  if (text === undefined) return initial;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new TypeError(`${name} is a whole number from 1 on, not "${text}"`);
}
