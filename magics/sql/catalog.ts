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
}

let read: (() => Promise<Catalog>) | undefined;

/** Says how the catalog is read while there is a database. */
export function setCatalogReader(reader: (() => Promise<Catalog>) | undefined): void {
  read = reader;
}

/** Reads the catalog of the notebook's database; undefined while no query has opened one. */
export async function readCatalog(): Promise<Catalog | undefined> {
  return read?.();
}
