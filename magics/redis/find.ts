import { listTargets, openConnection } from "../connections/registry.ts";
import { titleOf } from "../connections/kinds.ts";
import { unavailableSystem } from "../connections/unavailable.ts";
import { usualTarget } from "../connections/usual.ts";
import { MagicError } from "../magic.ts";
import type { RedisConnection } from "./connection.ts";

const howTo = "`%up redis` starts a server; `%connect redis://HOST:6379 --as cache` names one that runs";

/** Finds the connection of that name, or the usual one to Redis. */
export async function findRedis(name: string | undefined): Promise<RedisConnection> {
  const targets = await listTargets();
  const all = targets.filter(({ target }) => target.kind === "redis");
  const ours = all.map(({ target }) => target.name);
  const found = name ?? usualTarget(all)?.name;
  if (found === undefined) {
    if (ours.length === 0)
      throw unavailableSystem("redis") ?? new MagicError("redis", `there is no connection to Redis. ${howTo}`);
    throw new MagicError("redis", `there are several connections to Redis. Choose one: --on ${ours.join(", --on ")}`);
  }
  const known = targets.find(({ target }) => target.name === found)?.target;
  if (known && known.kind !== "redis")
    throw new MagicError("redis", `the connection "${found}" is to ${titleOf(known.kind)}, not to Redis. ${howTo}`);
  const connection = await openConnection(found);
  if (connection.target.kind !== "redis")
    throw new MagicError(
      "redis",
      `the connection "${found}" is to ${titleOf(connection.target.kind)}, not to Redis. ${howTo}`,
    );
  return connection as RedisConnection;
}
