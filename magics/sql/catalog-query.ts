import type { Catalog, CatalogTable } from "./catalog.ts";
import type { SqlDatabase } from "./database.ts";
import type { CatalogRow } from "./dialect.ts";
import { readRows } from "./results.ts";

/** Reads what a database has, once the queries before are done. */
export async function queryCatalog(database: SqlDatabase): Promise<Catalog> {
  const { signal } = new AbortController();
  const { columns, functions } = database.engine.dialect;
  return database.exclusive(signal, async (session) => {
    const tables = toTables(await readRows<CatalogRow>(session, columns, signal));
    const names = functions === undefined ? [] : await readRows<{ name: string }>(session, functions, signal);
    return { tables, functions: names.map(({ name }) => name) };
  });
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
