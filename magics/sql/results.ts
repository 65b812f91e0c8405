import type { RecordBatch, Table } from "apache-arrow";
import { toMimeBundle } from "../../display/bundle.ts";
import type { MimeBundle } from "../../display/mimebundle.ts";
import { currentOutput } from "../../display/output.ts";
import { type BatchDecoder, createDecoder } from "../columnar/arrow.ts";
import type { Batch } from "../columnar/columnar.ts";
import type { SqlResult, SqlSession } from "./engine.ts";

/** What a running query shows of its first rows. */
const previewRows = 20;

/** Reads a result as an Arrow table; undefined where the statement gives none, as `create`. `seen` gets each batch as it comes. */
export async function toTable(
  result: SqlResult,
  limit: number,
  seen: (batch: Batch) => void = () => {},
): Promise<Table | undefined> {
  const batches = result.read ? await result.read(limit, seen) : await readBatches(result, limit, seen);
  const rows = batches.reduce((sum, { length }) => sum + length, 0);
  for (const notice of result.notices?.() ?? []) currentOutput().stream("stderr", `${notice}\n`);
  if (result.returns === "nothing") return undefined;
  if (result.columns.length === 0) return result.returns === "changes" ? countTable(result.changes()) : undefined;
  // Changing rows gives their count.
  if (result.returns === "changes" && rows === 0) return undefined;
  const [decoder, { Table: ArrowTable }] = await Promise.all([decoderOf(result), import("apache-arrow")]);
  const table = new ArrowTable(
    decoder.schema,
    batches.map((batch) => decoder.decode(batch)),
  );
  return rows > limit ? table.slice(0, limit) : table;
}

async function readBatches({ batches }: SqlResult, limit: number, seen: (batch: Batch) => void): Promise<Batch[]> {
  const read: Batch[] = [];
  let rows = 0;
  for await (const batch of batches) {
    read.push(batch);
    rows += batch.length;
    seen(batch);
    if (rows >= limit) break;
  }
  return read;
}

/** The table that tells how many rows a statement changed, the same for every system. */
async function countTable(changes: number | undefined): Promise<Table | undefined> {
  if (changes === undefined) return undefined;
  const { Table: ArrowTable, vectorFromArray, Int64 } = await import("apache-arrow");
  return new ArrowTable({ Count: vectorFromArray([BigInt(changes)], new Int64()) });
}

/** Shows the first rows of a result that is still being read. */
export async function firstRows(result: SqlResult, batch: Batch): Promise<MimeBundle> {
  const { Table: ArrowTable } = await import("apache-arrow");
  const first: RecordBatch = (await decoderOf(result)).decode(batch).slice(0, previewRows);
  return toMimeBundle(new ArrowTable([first]));
}

/** Makes the decoder for a result's batches. */
export async function decoderOf({ columns }: SqlResult): Promise<BatchDecoder> {
  return createDecoder(await import("apache-arrow"), columns);
}

/** Runs a statement of our own and returns its rows as plain objects. */
export async function readRows<T>(session: SqlSession, sql: string, signal: AbortSignal): Promise<T[]> {
  const table = await toTable(await session.start({ sql, values: [] }, signal), Number.POSITIVE_INFINITY);
  return (table?.toArray() ?? []).map((row) => (row as { toJSON(): T }).toJSON());
}
