import type { Table } from "apache-arrow";
import type { Db } from "mongodb";
import { withProgress } from "../query-progress.ts";
import type { Driver } from "./driver.ts";
import { tableDocuments } from "./from-arrow.ts";
import { endWork } from "./interrupts.ts";

/** How a table is inserted. */
export interface InsertOptions {
  readonly signal: AbortSignal;
  /** What becomes of nulls: a null in the document (by default), or no field. */
  readonly nulls?: "keep" | "omit";
  /** False goes on behind documents that the server refuses. */
  readonly ordered?: boolean;
}

/** How many documents were inserted. */
export interface Inserted {
  readonly acknowledged: boolean;
  readonly insertedCount: number;
}

/** Inserts the rows of an Arrow table as documents. */
export async function insertTable(
  driver: Driver,
  database: Db,
  name: string,
  table: Table,
  { signal, nulls = "keep", ordered = true }: InsertOptions,
): Promise<Inserted> {
  const { client } = database;
  const collection = database.collection(name);
  const session = client.startSession();
  const stop = (): void => void endWork(client, session, undefined);
  signal.addEventListener("abort", stop, { once: true });
  let rows = 0;
  const progress = (): { rows: number; total: number } => ({ rows, total: table.numRows });
  try {
    return await withProgress(`mongo ${name}`, progress, async () => {
      let acknowledged = true;
      for await (const documents of tableDocuments(driver, table, nulls)) {
        signal.throwIfAborted();
        const result = await collection.insertMany(documents, { ordered, session });
        acknowledged &&= result.acknowledged;
        rows += result.insertedCount;
      }
      return { acknowledged, insertedCount: rows };
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await session.endSession();
  }
}
