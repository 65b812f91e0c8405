import type { Catalog, CatalogTable } from "./catalog.ts";
import type { SqlDatabase } from "./database.ts";
import type { CatalogRow } from "./dialect.ts";
import type { SqlSession } from "./engine.ts";
import { readRows } from "./results.ts";

/** Reads what a database has, once the queries before are done. */
export async function queryCatalog(database: SqlDatabase): Promise<Catalog> {
  const { signal } = new AbortController();
  return database.exclusive(signal, (session) => readSession(database, session, signal));
}

/** Longest wait for what a server has; completion does without it. */
const mostMs = 30_000;

/** As `queryCatalog`, beside the queries that run: in a session of its own, which sees no temporary tables. */
export async function queryCatalogBeside(database: SqlDatabase): Promise<Catalog> {
  const signal = AbortSignal.timeout(mostMs);
  return database.separate(signal, (session) => readSession(database, session, signal));
}

async function readSession(
  { engine, target }: SqlDatabase,
  session: SqlSession,
  signal: AbortSignal,
): Promise<Catalog> {
  const { columns, functions } = engine.dialect;
  const tables = toTables(await readRows<CatalogRow>(session, columns, signal));
  const names = functions === undefined ? [] : await readRows<{ name: string }>(session, functions, signal);
  return { tables, functions: names.map(({ name }) => name), kind: target.kind };
}

function toTables(rows: readonly CatalogRow[]): CatalogTable[] {
  const tables = new Map<string, CatalogTable & { readonly columns: { name: string; type: string }[] }>();
  for (const { schema: path, name, col, type } of rows) {
    const schema = path === "" ? "main" : path;
    const key = `${schema} ${name}`;
    const table = tables.get(key) ?? { schema, name, columns: [] };
    table.columns.push({ name: col, type });
    tables.set(key, table);
  }
  return [...tables.values()];
}
