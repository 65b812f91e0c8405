import { onShutdown } from "../../display/shutdown.ts";
import type { Connection } from "../connections/kinds.ts";
import { openConnection } from "../connections/registry.ts";
import type { Target } from "../connections/target.ts";
import { MagicError } from "../magic.ts";
import { type Catalog, setCatalogReader } from "./catalog.ts";
import { SqlDatabase } from "./database.ts";
import { duckdb } from "./duckdb/server.ts";

/** The notebook's own database, in memory: what `%sql` asks where no connection is named. */
const notebookTarget: Target = {
  name: "duckdb",
  kind: "duckdb",
  where: "duckdb::memory:",
  folder: ".",
  url: () => "duckdb::memory:",
};

let notebook: SqlDatabase | undefined;
let forgetShutdown: (() => void) | undefined;
/** What the notebook's database has, until the next query, which may change it. */
let known: Promise<Catalog> | undefined;

/** Returns the notebook's own DuckDB, opened at its first use. */
export function notebookDatabase(): SqlDatabase {
  if (notebook) return notebook;
  const database = new SqlDatabase(duckdb, notebookTarget, { most: Number.POSITIVE_INFINITY });
  notebook = database;
  setCatalogReader(() => (known ??= readCatalog(database)));
  forgetShutdown = onShutdown("the notebook's DuckDB", closeNotebook);
  return database;
}

/** Closes the notebook's database; the next query opens a new, empty one. */
export async function closeNotebook(): Promise<void> {
  const closing = notebook;
  notebook = undefined;
  known = undefined;
  setCatalogReader(undefined);
  forgetShutdown?.();
  await closing?.close();
}

/** Forgets what is known of a database's tables: a query may change them. */
export function forgetCatalog(database: SqlDatabase): void {
  if (database === notebook) known = undefined;
  else catalogs.delete(database);
}

/** What is known of the databases of connections, and since when. Others may change them too, so it grows old. */
const catalogs = new WeakMap<SqlDatabase, { readonly catalog: Promise<Catalog>; readonly readAt: number }>();
const freshMs = 20_000;

/** Lets completion ask for what the database of a connection has. */
function keepCatalog(name: string, database: SqlDatabase): void {
  setCatalogReader(async () => {
    const found = catalogs.get(database);
    if (found && performance.now() - found.readAt < freshMs) return found.catalog;
    const catalog = import("./catalog-query.ts").then((m) => m.queryCatalogBeside(database));
    catalogs.set(database, { catalog, readAt: performance.now() });
    catalog.catch(() => {}); // told to whoever asks
    return catalog;
  }, name);
}

/** Finds a database by the name of its connection; without a name, the notebook's own. */
export async function findDatabase(name?: string): Promise<SqlDatabase> {
  if (name === undefined || name === notebookTarget.name) return notebookDatabase();
  const connection: Connection = await openConnection(name);
  if (connection instanceof SqlDatabase) {
    keepCatalog(name, connection);
    return connection;
  }
  const { kind } = connection.target;
  throw new MagicError("sql", `the connection ${name} is no SQL database. Use %${kind}`);
}

async function readCatalog(database: SqlDatabase): Promise<Catalog> {
  return (await import("./catalog-query.ts")).queryCatalog(database);
}
