import type { Table } from "apache-arrow";
import type { Collection, Db, Document } from "mongodb";
import { toTable } from "./arrow.ts";
import type { Driver } from "./driver.ts";

/** Lists the collections of a database: name, kind, estimated number of documents. */
export async function listCollections(database: Db, driver: Driver): Promise<Table> {
  const found = await database.listCollections({}, { nameOnly: true }).toArray();
  const shown = found.filter(({ name }) => !name.startsWith("system."));
  shown.sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows: Document[] = [];
  for (const { name, type = "collection" } of shown) {
    const documents = type === "view" ? null : await database.collection(name).estimatedDocumentCount();
    rows.push({ name, kind: type, documents });
  }
  return table(rows, driver, { name: "utf8", kind: "utf8", documents: "int64" });
}

/** Lists the databases of a server that the user may see: name and size in bytes. */
export async function listDatabases(database: Db, driver: Driver): Promise<Table> {
  const { databases } = await database.admin().listDatabases();
  const rows = databases.map(({ name, sizeOnDisk = null }) => ({ name, bytes: sizeOnDisk }));
  return table(rows, driver, { name: "utf8", bytes: "int64" });
}

/** Lists the indexes of a collection: name, keys, whether it is unique, and its other options. */
export async function listIndexes(collection: Collection, driver: Driver): Promise<Table> {
  const found = (await collection.listIndexes().toArray()) as Document[];
  const rows = found.map(({ name, key, unique = false, v: _, ns: __, ...options }) => ({
    name: String(name),
    keys: JSON.stringify(key),
    unique: unique === true,
    options: Object.keys(options).length > 0 ? JSON.stringify(options) : null,
  }));
  return table(rows, driver, { name: "utf8", keys: "utf8", unique: "bool", options: "utf8" });
}

function table(rows: readonly Document[], driver: Driver, schema: object): Promise<Table> {
  return toTable([rows.map((row) => driver.BSON.serialize(row))], { driver, schema });
}
