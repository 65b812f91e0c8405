import type { Cluster, Redis } from "ioredis";
import type { MongoDatabase } from "../mongo/handle.ts";
import type { RedisHandle } from "../redis/handle.ts";
import type { SqlHandle } from "../sql/handle.ts";
import type { Established } from "./establish.ts";
import { isSqlMissing } from "./unavailable.ts";

/** What code has of a connection. */
type Handle = SqlHandle | MongoDatabase | RedisHandle<Redis | Cluster>;

/** Options of `connect`. */
export interface ConnectOptions {
  /** Its name; by default the database's, or else the system's. */
  readonly as?: string;
  /** The password, so that the URL can be shown. */
  readonly password?: string;
}

/**
 * Connects to a database by its URL, or by the name of a connection, and gives its handle: `await connect("shop")`. The
 * server is asked at once. By name, only SQL databases: `mongo(name)` and `redis(name)` give the others' handles. `"duckdb"` is the
 * notebook's own database.
 */
export function connect(url: `mongodb${string}:${string}`, options?: ConnectOptions): Promise<MongoDatabase>;
export function connect(
  url: `redis${"" | "s"}+cluster:${string}`,
  options?: ConnectOptions,
): Promise<RedisHandle<Cluster>>;
export function connect(url: `redis${string}:${string}`, options?: ConnectOptions): Promise<RedisHandle>;
export function connect(urlOrName: string, options?: ConnectOptions): Promise<SqlHandle>;
export async function connect(urlOrName: string, { as: name, password }: ConnectOptions = {}): Promise<Handle> {
  if (urlOrName === "duckdb") return (await import("../sql/handle.ts")).createHandle(); // the notebook's own
  // Whoever uses it is skipped, so that a cell may keep it for others.
  if (isSqlMissing(urlOrName)) return (await import("../sql/handle.ts")).createHandle(urlOrName);
  if (urlOrName.includes(":")) return handleOf(await connectUrl(urlOrName, name, password));
  // Only who connects needs these.
  const [{ check }, { currentContext }] = await Promise.all([import("./establish.ts"), import("../plain-context.ts")]);
  return refuseOthers(await check(urlOrName, currentContext().signal));
}

async function connectUrl(text: string, name?: string, password?: string): Promise<Established> {
  const [{ establish }, { asMagicError }, { changeUrl }, { warnOfPassword }, { currentContext }] = await Promise.all([
    import("./establish.ts"),
    import("./lookup.ts"),
    import("./target.ts"),
    import("./typed-password.ts"),
    import("../plain-context.ts"),
  ]);
  const context = currentContext();
  const url = asMagicError(() => changeUrl(text, password === undefined ? {} : { password }));
  const established = await establish(name, url, context.signal);
  warnOfPassword(established.target, context.source ?? "", context);
  return established;
}

/** Connects to the URL of a kind, where that was not done yet, and gives the name of its connection; a name stays as it is. */
export async function nameOfUrl(kind: "mongo" | "redis", urlOrName: string): Promise<string> {
  if (!urlOrName.includes("://")) return urlOrName;
  const [{ usualName }, { asMagicError }, { findTarget }, { kindOfUrl }, { titleOf }, { MagicError }] =
    await Promise.all([
      import("./establish.ts"),
      import("./lookup.ts"),
      import("./registry.ts"),
      import("./target.ts"),
      import("./kinds.ts"),
      import("../magic.ts"),
    ]);
  const found = asMagicError(() => kindOfUrl(urlOrName));
  if (found !== kind)
    throw new MagicError(kind, `this is a URL of ${titleOf(found)}, not of ${titleOf(kind)}: write \`connect(URL)\``);
  const name = asMagicError(() => usualName(urlOrName));
  const known = await findTarget(name);
  return known?.url() === urlOrName ? name : (await connectUrl(urlOrName)).target.name;
}

/** Gives the handle of a connection. */
export async function handleOf({ target: { name, kind } }: Established): Promise<Handle> {
  if (kind === "mongo") return (await import("../mongo/api.ts")).mongo(name);
  if (kind === "redis") return (await import("../redis/handle.ts")).redis(name);
  return (await import("../sql/handle.ts")).createHandle(name);
}

/** By a name, the type of the handle is not known: another function says it. */
async function refuseOthers(established: Established): Promise<Handle> {
  const { name, kind } = established.target;
  if (kind !== "mongo" && kind !== "redis") return handleOf(established);
  const [{ MagicError }, { titleOf }] = await Promise.all([import("../magic.ts"), import("./kinds.ts")]);
  throw new MagicError(
    "connect",
    `the connection "${name}" is to ${titleOf(kind)}: \`await ${kind}("${name}")\` gives its handle`,
  );
}
