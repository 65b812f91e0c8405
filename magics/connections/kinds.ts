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
  /** Schemes of its URLs. */
  readonly schemes: readonly string[];
  open(target: Target): Promise<Connection>;
}

export type KindName = "duckdb" | "postgres" | "mysql" | "sqlite" | "mongo" | "redis";

// To add a kind: a line here; its client library loads with the first connection.
const kinds: Readonly<Record<KindName, Kind>> = {
  duckdb: {
    title: "DuckDB",
    schemes: ["duckdb"],
    open: (target) =>
      openSql(
        target,
        import("../sql/duckdb/server.ts").then((m) => m.duckdb),
      ),
  },
  postgres: {
    title: "PostgreSQL",
    schemes: ["postgresql", "postgres"],
    open: (target) =>
      openSql(
        target,
        import("../sql/postgres/engine.ts").then((m) => m.postgres),
      ),
  },
  mysql: {
    title: "MySQL",
    schemes: ["mysql", "mariadb"],
    open: (target) =>
      openSql(
        target,
        import("../sql/mysql/engine.ts").then((m) => m.mysql),
      ),
  },
  sqlite: {
    title: "SQLite",
    schemes: ["sqlite", "file"],
    open: (target) =>
      openSql(
        target,
        import("../sql/sqlite/engine.ts").then((m) => m.sqlite),
      ),
  },
  mongo: {
    title: "MongoDB",
    schemes: ["mongodb", "mongodb+srv"],
    open: async (target) => (await import("../mongo/connection.ts")).openMongo(target),
  },
  redis: {
    title: "Redis",
    schemes: ["redis", "rediss", "redis+cluster", "rediss+cluster"],
    open: async (target) => (await import("../redis/connection.ts")).openRedis(target),
  },
};

/** Opens a database of an SQL system. */
async function openSql(target: Target, engine: Promise<SqlEngine>): Promise<Connection> {
  const [{ SqlDatabase }, { readOptions }] = await Promise.all([import("../sql/database.ts"), import("./options.ts")]);
  return new SqlDatabase(await engine, target, { most: readOptions(target).poolMax });
}

/** Opens a connection of the target's kind. */
export function openTarget(target: Target): Promise<Connection> {
  return kinds[target.kind].open(target);
}

/** True for the kinds whose URL names a file. */
export function isFileKind(kind: KindName): kind is "duckdb" | "sqlite" {
  return kind === "duckdb" || kind === "sqlite";
}

/** The kind's name for people. */
export function titleOf(kind: KindName): string {
  return kinds[kind].title;
}

/** Finds the kind of a URL's scheme. */
export function kindOfScheme(scheme: string): KindName {
  const names = Object.keys(kinds) as KindName[];
  const found = names.find((name) => kinds[name].schemes.includes(scheme));
  if (found) return found;
  const all = names.flatMap((name) => kinds[name].schemes);
  const nearest = findNearest(scheme, all);
  throw new TypeError(
    `nothing connects to ${scheme}: URLs. ${nearest ? `Did you mean ${nearest}:?` : `Write one of ${all.join(", ")}.`}`,
  );
}
