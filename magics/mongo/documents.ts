import type { RecordBatch, Table } from "apache-arrow";
import type { AbstractCursor } from "mongodb";
import { toBatches, toTable } from "./arrow.ts";
import type { Driver } from "./driver.ts";

/** Gives what a cursor has, in the portions in which the server sends it, and closes it. */
export async function* portions<T>(cursor: AbstractCursor<T>): AsyncGenerator<T[], void> {
  try {
    while (await cursor.hasNext()) yield cursor.readBufferedDocuments();
  } finally {
    await cursor.close();
  }
}

/** How documents are wanted. */
export interface Wanted {
  readonly driver: Driver;
  readonly schema: unknown;
  /** Told how many documents have come. */
  count(documents: number): void;
}

async function* counting<T>(all: AsyncIterable<T[]>, count: Wanted["count"]): AsyncGenerator<T[], void> {
  let rows = 0;
  for await (const some of all) {
    count((rows += some.length));
    yield some;
  }
}

/** Reads all documents of a cursor over raw ones as a table. */
export function readTable(cursor: AbstractCursor<Uint8Array>, { driver, schema, count }: Wanted): Promise<Table> {
  return toTable(counting(portions(cursor), count), { driver, schema });
}

/** Reads documents of a cursor over raw ones as record batches, as they come. */
export function readBatches(
  cursor: AbstractCursor<Uint8Array>,
  { driver, schema, count }: Wanted,
): AsyncGenerator<RecordBatch, void> {
  return toBatches(counting(portions(cursor), count), { driver, schema });
}

/** Reads all documents of a cursor as JavaScript objects. */
export async function readDocuments<T>(cursor: AbstractCursor<T>, count: Wanted["count"]): Promise<T[]> {
  const all: T[] = [];
  for await (const some of counting(portions(cursor), count)) for (const document of some) all.push(document);
  return all;
}
