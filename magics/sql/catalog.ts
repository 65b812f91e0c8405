/** A table or view of the notebook's database. */
export interface CatalogTable {
  /** Schema, and database before it, where the name alone does not find it: `main` or `other.main`. */
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What the notebook's database has, for completion. */
export interface Catalog {
  readonly tables: readonly CatalogTable[];
  /** Functions that a query can call. */
  readonly functions: readonly string[];
  /** The kind of the database, for its keywords; DuckDB where absent. */
  readonly kind?: string;
}

/** How catalogs are read, by the name of the connection; the notebook's own has none. */
const readers = new Map<string | undefined, () => Promise<Catalog>>();

/** Says how the catalog of a database is read, while there is one; without a name, that of the notebook's own. */
export function setCatalogReader(reader: (() => Promise<Catalog>) | undefined, connection?: string): void {
  if (reader) readers.set(connection, reader);
  else readers.delete(connection);
}

/** Reads the catalog of a database; undefined while no query has opened it. */
export async function readCatalog(connection?: string): Promise<Catalog | undefined> {
  return readers.get(connection)?.();
}
