import type { MongoDatabase } from "./handle.ts";

/**
 * Opens a MongoDB database by the name of its connection (`shop`, or `shop.archive` for another database there); without a
 * name, that of the only connection.
 */
export async function mongo(name?: string): Promise<MongoDatabase> {
  const { openDatabase } = await import("./handle.ts");
  return openDatabase(name);
}
