import type { MongoDatabase } from "./handle.ts";

/**
 * Opens a MongoDB database by the name of its connection (`shop`, or `shop.archive` for another database there), or by a URL;
 * without either, that of the only connection.
 */
export async function mongo(nameOrUrl?: string): Promise<MongoDatabase> {
  const [{ openDatabase }, { nameOfUrl }] = await Promise.all([
    import("./handle.ts"),
    import("../connections/connect.ts"),
  ]);
  return openDatabase(nameOrUrl === undefined ? undefined : await nameOfUrl("mongo", nameOrUrl));
}
