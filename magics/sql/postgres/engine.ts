import { readOptions } from "../../connections/options.ts";
import type { Target } from "../../connections/target.ts";
import type { SqlEngine, SqlServer } from "../engine.ts";
import { createCatalog } from "./catalog.ts";
import { connect } from "./connect.ts";
import { dialect } from "./dialect.ts";
import { PostgresSession } from "./session.ts";

/** PostgreSQL, and what speaks its protocol and has its catalog. */
export const postgres: SqlEngine = { title: "PostgreSQL", dialect, open };

function open(target: Target): SqlServer {
  const options = readOptions(target);
  const catalog = createCatalog();
  return {
    async connect(signal) {
      const session = new PostgresSession(await connect(options, signal), catalog);
      // Instants are shown in UTC, and a Date that meets a timestamp without zone is taken so.
      await session.command("set timezone = 'UTC'", signal);
      return session;
    },
    async close() {},
  };
}
