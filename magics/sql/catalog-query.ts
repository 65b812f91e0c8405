import type { Catalog, CatalogTable } from "./catalog.ts";
import type { Database } from "./duckdb/database.ts";

// Bounded: a person looks for a name, not through all of them.
const mostColumns = 20_000;

const columns = `select database_name as catalog, schema_name as schema, table_name as name, column_name as col, data_type as type,
current_database() as here, current_schema() as inside
from duckdb_columns() where not internal and database_name <> 'notebook'
order by database_name, schema_name, table_name, column_index limit ${mostColumns}`;

const functions = `select distinct function_name as name from duckdb_functions()
where regexp_matches(function_name, '^[a-z_][a-z0-9_]*$') and not starts_with(function_name, '__') order by 1`;

type Row = Readonly<Record<string, string>>;

/** Reads what a database has, once the queries before are done. */
export async function queryCatalog(database: Database): Promise<Catalog> {
  const { signal } = new AbortController();
  return database.exclusive(signal, async (connection) => {
    const read = async (sql: string): Promise<Row[]> => {
      const statement = { sql, values: [], origins: [], place: () => ({ line0: 0, column: 0, text: sql }) };
      const options = { signal, startLine: 1, provide: () => Promise.resolve(false) };
      const batches = await (await database.start(connection, statement, options)).read(Number.POSITIVE_INFINITY);
      return batches.flatMap((batch) => batch.toArray().map((row) => (row as { toJSON(): Row }).toJSON()));
    };
    return { tables: toTables(await read(columns)), functions: (await read(functions)).map(({ name }) => name!) };
  });
}

function toTables(rows: readonly Row[]): CatalogTable[] {
  const tables = new Map<string, CatalogTable & { readonly columns: { name: string; type: string }[] }>();
  for (const { catalog, schema, name, col, type, here, inside } of rows) {
    const isHere = catalog === here || catalog === "temp";
    const path = isHere ? (schema === inside || catalog === "temp" ? "main" : schema!) : `${catalog}.${schema}`;
    const key = `${path} ${name}`;
    const table = tables.get(key) ?? { schema: path, name: name!, columns: [] };
    table.columns.push({ name: col!, type: type! });
    tables.set(key, table);
  }
  return [...tables.values()];
}
