import { findNearest } from "../nearest.ts";
import type { SqlEngine } from "../sql/engine.ts";
import type { Target } from "./target.ts";

/** An open connection of any kind. Nothing is connected before it is used. */
export interface Connection {
  readonly target: Target;
  /** Asks the server whether it is there, and returns its name and version: `PostgreSQL 18.4`. */
  ping(signal: AbortSignal): Promise<string>;
  /** `idle`: not connected yet; `open`; `lost`: it reconnects at the next use. */
  readonly state: "idle" | "open" | "lost";
  /** Ends everything that it has open. */
  close(): Promise<void>;
}

/** A kind of connection. */
interface Kind {
  /** As people write it. */
  readonly title: string;
  /** The usual port of its servers; undefined where its URLs name files. */
  readonly port?: number;
  /**
   * Schemes of its URLs, and what holds where a URL says nothing of TLS. `prefer` is for a protocol in which the server is asked
   * whether it can, and for servers on other machines.
   */
  readonly schemes: Readonly<Record<string, UsualTls>>;
  open(target: Target): Promise<Connection>;
}

type UsualTls = "off" | "prefer" | "verify";

/** The kinds of systems that connections go to, as `Target.kind` has them; redis and mongo have a magic of that name. */
export type KindName = "duckdb" | "postgres" | "mysql" | "sqlite" | "mongo" | "redis";

// To add a kind: a line here; its client library loads with the first connection.
const kinds: Readonly<Record<KindName, Kind>> = {
  duckdb: {
    title: "DuckDB",
    schemes: { duckdb: "off" },
    open: (target) => openSql(target, async () => (await import("../sql/duckdb/server.ts")).duckdb),
  },
  postgres: {
    title: "PostgreSQL",
    port: 5432,
    schemes: { postgresql: "prefer", postgres: "prefer" },
    open: (target) => openSql(target, async () => (await import("../sql/postgres/engine.ts")).postgres),
  },
  mysql: {
    title: "MySQL",
    port: 3306,
    schemes: { mysql: "prefer", mariadb: "prefer" },
    open: (target) => openSql(target, async () => (await import("../sql/mysql/engine.ts")).mysql),
  },
  sqlite: {
    title: "SQLite",
    schemes: { sqlite: "off", file: "off" },
    open: (target) => openSql(target, async () => (await import("../sql/sqlite/engine.ts")).sqlite),
  },
  mongo: {
    title: "MongoDB",
    port: 27_017,
    schemes: { mongodb: "off", "mongodb+srv": "verify" },
    open: async (target) => (await import("../mongo/connection.ts")).openMongo(target),
  },
  redis: {
    title: "Redis",
    port: 6379,
    schemes: { redis: "off", rediss: "verify", "redis+cluster": "off", "rediss+cluster": "verify" },
    open: async (target) => (await import("../redis/connection.ts")).openRedis(target),
  },
};

/** Opens a database of an SQL system. */
async function openSql(target: Target, load: () => Promise<SqlEngine>): Promise<Connection> {
  const [{ SqlDatabase }, { readOptions }, engine] = await Promise.all([
    import("../sql/database.ts"),
    import("./options.ts"),
    load(),
  ]);
  const { poolMax, idleMs } = readOptions(target);
  return new SqlDatabase(engine, target, { most: poolMax, idleMs });
}

/** Opens a connection of the target's kind. */
export function openTarget(target: Target): Promise<Connection> {
  return kinds[target.kind].open(target);
}

/** True for the kinds whose URL names a file. */
export function isFileKind(kind: KindName): boolean {
  return kinds[kind].port === undefined;
}

/** The port where a URL names none; 0 for files. */
export function usualPort(kind: KindName): number {
  return kinds[kind].port ?? 0;
}

/** What holds where a URL says nothing of TLS: outside of this machine, what can be encrypted is. */
export function usualTls(kind: KindName, scheme: string, host: string): UsualTls {
  const usual = kinds[kind].schemes[scheme] ?? "off";
  const isHere = host.startsWith("/") || /^(?:localhost|127\.[\d.]+|::1)$/.test(host);
  return usual === "prefer" && isHere ? "off" : usual;
}

/** True where a server can be asked whether it encrypts. */
export function canPreferTls(kind: KindName): boolean {
  return Object.values(kinds[kind].schemes).includes("prefer");
}

/** The kind's name for people. */
export function titleOf(kind: KindName): string {
  return kinds[kind].title;
}

/** Finds the kind of a URL's scheme. */
export function kindOfScheme(scheme: string): KindName {
  const names = Object.keys(kinds) as KindName[];
  const found = names.find((name) => Object.hasOwn(kinds[name].schemes, scheme));
  if (found) return found;
  const all = names.flatMap((name) => Object.keys(kinds[name].schemes));
  const nearest = findNearest(scheme, all);
  throw new TypeError(
    `nothing connects to ${scheme}: URLs. ${nearest ? `Did you mean ${nearest}:?` : `Write one of ${all.join(", ")}.`}`,
  );
}
