import type { RecordBatch, Table } from "apache-arrow";
import { createDecoder } from "../columnar/arrow.ts";
import type { ColumnWriter } from "../columnar/column-writer.ts";
import { createWriter } from "../columnar/column-writers.ts";
import { findElement } from "./bson.ts";
import type { Driver } from "./driver.ts";
import { inferFields } from "./infer.ts";
import { type Field, Misfit, createMembers, ejson } from "./readers.ts";
import { readSchema } from "./schema.ts";
import { addDocument, createShape } from "./shape.ts";

/** Documents as the server sends them, in portions. */
export type RawDocuments = AsyncIterable<readonly Uint8Array[]> | Iterable<readonly Uint8Array[]>;

/** How documents become columns. */
export interface ArrowOptions {
  readonly driver: Driver;
  /** A declared schema; without one it is inferred from the documents. */
  readonly schema?: unknown;
}

const rowsOfBatch = 10_000;
const mostColumns = 5_000;
/** How many documents a stream looks at before it says what columns there are. */
const streamSample = 1_000;

/** Makes a table of documents; without a declared schema, of the columns and types that all of them have together. */
export async function toTable(documents: RawDocuments, { driver, schema }: ArrowOptions): Promise<Table> {
  const arrow = await import("apache-arrow");
  const declared = schema === undefined ? undefined : readSchema(driver, schema);
  const all: Buffer[] = [];
  for await (const portion of documents) for (const document of portion) all.push(toBuffer(document));
  const fields = declared ?? inferAll(driver, all, "drop");
  const write = createBatches(arrow, driver, fields, declared ? "declared" : "inferred");
  const batches: RecordBatch[] = [];
  for (let at = 0; at < all.length; at += rowsOfBatch) batches.push(write.batch(all.slice(at, at + rowsOfBatch)));
  return new arrow.Table(write.schema, batches);
}

/** Gives documents as record batches as they come; without a declared schema the first 1,000 say what columns there are. */
export async function* toBatches(
  documents: RawDocuments,
  { driver, schema }: ArrowOptions,
): AsyncGenerator<RecordBatch, void> {
  const arrow = await import("apache-arrow");
  const declared = schema === undefined ? undefined : readSchema(driver, schema);
  let write = declared && createBatches(arrow, driver, declared, "declared");
  let pending: Buffer[] = [];
  const flush = (): RecordBatch => {
    write ??= createBatches(arrow, driver, inferAll(driver, pending, "refuse"), "sampled");
    const batch = write.batch(pending);
    pending = [];
    return batch;
  };
  for await (const portion of documents) {
    for (const document of portion) {
      pending.push(toBuffer(document));
      if (pending.length >= (write ? rowsOfBatch : streamSample)) yield flush();
    }
  }
  if (pending.length > 0) yield flush();
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function inferAll(driver: Driver, documents: readonly Buffer[], others: "drop" | "refuse"): Field[] {
  const shape = createShape();
  for (const document of documents) addDocument(shape, document);
  if (shape.fields.size > mostColumns)
    throw new TypeError(
      `the documents have ${shape.fields.size.toLocaleString("en")} different fields, which is too many for columns. Project those that you need, declare them by --schema, or write --documents`,
    );
  return inferFields(driver, shape, others);
}

type Origin = "declared" | "inferred" | "sampled";

function createBatches(
  arrow: typeof import("apache-arrow"),
  driver: Driver,
  fields: readonly Field[],
  origin: Origin,
): { readonly schema: Table["schema"]; batch(documents: readonly Buffer[]): RecordBatch } {
  const columns = fields.map(({ name, type }) => ({ name, type }));
  const decoder = createDecoder(arrow, columns);
  const members = createMembers(fields, origin === "sampled" ? "refuse" : "drop");
  const writers: readonly ColumnWriter[] = columns.map(({ type }) => createWriter(type));
  return {
    schema: decoder.schema,
    batch(documents) {
      for (const document of documents) {
        const values = readRow(driver, members, document, origin);
        for (const [i, writer] of writers.entries()) writer.push(values[i]);
      }
      return decoder.decode({ length: documents.length, columns: writers.map((writer) => writer.finish()) });
    },
  };
}

function readRow(
  driver: Driver,
  members: (bytes: Buffer, at: number) => unknown[],
  document: Buffer,
  origin: Origin,
): unknown[] {
  try {
    return members(document, 0);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    const id = findElement(document, "_id");
    const which = id ? `the document with _id ${ejson(driver, id, true)}` : "a document without _id";
    const hint =
      origin === "declared"
        ? 'Declare a type that holds it ("json" holds anything), or leave such documents out by a filter'
        : "A stream's columns are those of its first 1,000 documents: declare them by --schema, or leave --stream out";
    throw new TypeError(`${error.path.toReversed().join(".")} of ${which} ${error.message}. ${hint}`, { cause: error });
  }
}
