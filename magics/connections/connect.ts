import { MagicError } from "../magic.ts";
import { currentContext } from "../plain-context.ts";
import { type SqlHandle, createHandle } from "../sql/handle.ts";
import { check, establish } from "./establish.ts";
import { type KindName, titleOf } from "./kinds.ts";
import { type Target, changeUrl } from "./target.ts";
import { asMagicError } from "./lookup.ts";

/** Options of `connect`. */
export interface ConnectOptions {
  /** Its name; by default the database's, or else the kind's. */
  readonly as?: string;
  /** The password, so that the URL can be shown. */
  readonly password?: string;
}

/**
 * Connects to a database by its URL, or by the name of a connection, and gives its handle: `await connect("shop")`. The
 * server is asked at once. For MongoDB and Redis, `mongo(name)` and `redis(name)` give theirs.
 */
export async function connect(urlOrName: string, { as: name, password }: ConnectOptions = {}): Promise<SqlHandle> {
  const { signal } = currentContext();
  const isUrl = urlOrName.includes(":");
  if (!isUrl) return handleOf((await check(urlOrName, signal)).target);
  const url = asMagicError(() => changeUrl(urlOrName, password === undefined ? {} : { password }));
  return handleOf((await establish(name, url, signal)).target);
}

// Kinds that are no SQL databases, and the functions that give their handles.
const others: Partial<Record<KindName, string>> = { mongo: "mongo", redis: "redis" };

/** The handle of an SQL database; the error for another kind says what to call. */
export function handleOf({ name, kind }: Target): SqlHandle {
  const call = others[kind];
  if (call === undefined) return createHandle(name);
  throw new MagicError(
    "connect",
    `"${name}" is connected, and is ${titleOf(kind)}: \`await ${call}("${name}")\` gives its handle`,
  );
}
