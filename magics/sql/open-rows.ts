import type { StreamOptions } from "./database.ts";
import type { RecordBatch, Schema, Table } from "apache-arrow";
import type { Batch, Column } from "../columnar/columnar.ts";
import { createEncoder } from "../columnar/from-arrow.ts";
import { nested } from "./query-text.ts";
import { isArrowTable, rowsOf, tableFromRows } from "../columnar/rows.ts";

/** Rows from somewhere: a table, a stream, another database. They are read once. */
export interface RowStream {
  readonly columns: readonly Column[];
  readonly batches: AsyncGenerator<Batch, void>;
  /** How many rows there are, where that is known before they are read. */
  readonly rows: number | undefined;
}

/** What can be written to a table: Arrow, rows as objects, a danfo.js frame, a query, or a stream of record batches or tables. */
export type Rows = Table | readonly object[] | AsyncIterable<RecordBatch | Table> | Iterable<RecordBatch> | object;

/** Reads the columns of what is to be written, and its rows as they are asked for. */
export async function openRows(rows: unknown): Promise<RowStream> {
  if (isArrowTable(rows)) return fromTable(rows);
  if (isBatch(rows)) return fromBatches([rows], rows.schema, [rows], rows.numRows);
  if (isObject(rows) && nested in rows && "stream" in rows)
    return fromStream((rows as { stream(options: StreamOptions): AsyncIterable<unknown> }).stream({ beyond: true }));
  const plain = rowsOf(rows);
  if (plain) return fromTable(await tableFromRows(plain));
  if (Array.isArray(rows)) {
    if (rows.length === 0) throw new TypeError("an empty array has no columns. Give an Arrow table, which has them");
    if (!rows.every((part) => isBatch(part) || isArrowTable(part)))
      throw new TypeError("an array of rows holds plain objects, as in [{ id: 1 }], or Arrow record batches");
    return fromStream(rows);
  }
  if (isObject(rows) && (Symbol.asyncIterator in rows || Symbol.iterator in rows))
    return fromStream(rows as AsyncIterable<unknown>);
  const given = rows === null || typeof rows !== "object" ? String(rows) : "this object";
  throw new TypeError(
    `${given} is no table. Give an Arrow table, an array of row objects, a danfo.js frame, a query, or a stream of record batches`,
  );
}

function fromTable({ schema, batches, numRows }: Table): Promise<RowStream> {
  return fromBatches(batches, schema, batches, numRows);
}

async function fromBatches(
  all: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  schema: Schema,
  sample: readonly RecordBatch[],
  rows: number | undefined,
): Promise<RowStream> {
  const encoder = createEncoder(await import("apache-arrow"), schema, sample);
  async function* batches(): AsyncGenerator<Batch, void> {
    for await (const batch of all) yield* encoder.encode(batch);
  }
  return { columns: encoder.columns, batches: batches(), rows };
}

/** A stream says what its columns are by its first batch. */
async function fromStream(stream: Iterable<unknown> | AsyncIterable<unknown>): Promise<RowStream> {
  const parts = recordBatches(stream);
  const first = await parts.next();
  if (first.done)
    throw new TypeError("the stream has ended without a batch, so its columns are not known. Give it as a table");
  const { schema } = first.value;
  const shape = String(schema);
  async function* all(): AsyncGenerator<RecordBatch, void> {
    yield first.value as RecordBatch;
    for await (const batch of parts) {
      if (String(batch.schema) !== shape)
        throw new TypeError(
          `a batch of the stream has other columns than the first: ${String(batch.schema)}, not ${shape}`,
        );
      yield batch;
    }
  }
  return fromBatches(all(), schema, [first.value], undefined);
}

async function* recordBatches(stream: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<RecordBatch, void> {
  for await (const part of stream) {
    if (isBatch(part)) yield part;
    else if (isArrowTable(part)) yield* part.batches;
    else {
      const rows = rowsOf(Array.isArray(part) ? part : [part]);
      if (!rows) throw new TypeError("a stream of rows gives record batches, tables or row objects");
      yield* (await tableFromRows(rows)).batches;
    }
  }
}

function isBatch(value: unknown): value is RecordBatch {
  const batch = value as Partial<RecordBatch> | null;
  return (
    isObject(batch) &&
    !Array.isArray(batch["batches" as never]) &&
    Array.isArray(batch.schema?.fields) &&
    isObject(batch.data)
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
