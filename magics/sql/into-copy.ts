import type { RecordBatchFileWriter } from "apache-arrow";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { untilAborted } from "../abort.ts";
import { createDecoder } from "../columnar/arrow.ts";
import { notebookDatabase } from "./databases.ts";
import { execute } from "./execute.ts";
import { isJson, jsonColumns } from "./json-columns.ts";
import type { RowStream } from "./open-rows.ts";
import { asSubquery } from "./subquery.ts";
import { definitions, temporaryName } from "./new-table.ts";

/** Where rows are written, and how. */
interface Destination {
  readonly path: string;
  /** Options of DuckDB's COPY; undefined for an Arrow file. */
  readonly copy: string | undefined;
  readonly limit: number | undefined;
  readonly signal: AbortSignal;
}

/** The statement by which DuckDB writes a query's rows, and how far the query is into it. */
export function copyStatement(
  sql: string,
  path: string,
  options: string,
): { readonly sql: string; readonly shift: number } {
  const copy = `copy ${asSubquery(sql)} to '${path.replaceAll("'", "''")}' (${options})`;
  return { sql: copy, shift: copy.indexOf(sql) };
}

/** Writes rows that come from anywhere to a file. */
export async function copyRows(source: RowStream, to: Destination): Promise<void> {
  return to.copy === undefined ? writeArrow(source, to) : copyByDisk(source, to, to.copy);
}

/** DuckDB reads the rows into a database on the disk, since it cannot take them while it writes. */
async function copyByDisk(
  { columns, batches }: RowStream,
  { path, limit, signal }: Destination,
  options: string,
): Promise<void> {
  const database = notebookDatabase();
  const { dialect } = database.engine;
  const folder = await mkdtemp(join(tmpdir(), "typhoon-into-"));
  const catalog = temporaryName();
  const never = new AbortController().signal;
  try {
    await database.separate(signal, async (session) => {
      await execute(session, `attach '${join(folder, "rows.duckdb").replaceAll("'", "''")}' as ${catalog}`, signal);
      try {
        const table = `${catalog}.main.rows_`;
        await execute(session, `create table ${table} (${definitions(dialect, columns, [])})`, signal);
        await session.insert(table, columns, batches, signal);
        const list = isJson(options) ? jsonColumns(columns) : undefined;
        const rows = `select ${list ?? "*"} from ${table}${limit === undefined ? "" : ` limit ${limit}`}`;
        await execute(session, copyStatement(rows, path, options).sql, signal);
      } finally {
        await execute(session, `detach ${catalog}`, never);
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many bytes may wait for the disk. */
const mostWaiting = 64 * 1024 * 1024;

async function writeArrow(
  { columns, batches }: RowStream,
  { path, limit = Infinity, signal }: Destination,
): Promise<void> {
  const arrow = await import("apache-arrow");
  const decoder = createDecoder(arrow, columns);
  const writer: RecordBatchFileWriter = new arrow.RecordBatchFileWriter();
  writer.reset(undefined, decoder.schema);
  const file = await open(path, "w");
  let waiting = 0;
  let drained = Promise.withResolvers<void>();
  let failure: { readonly error: unknown } | undefined;
  /** True where nobody wants the file any more. */
  let isLost = false;
  const toDisk = async (): Promise<void> => {
    for await (const chunk of writer as AsyncIterable<Uint8Array>) {
      if (isLost) return;
      try {
        await file.writeFile(chunk);
      } catch (error) {
        // Known before the loop ends, which closes the writer.
        failure = { error };
        return drained.resolve();
      }
      waiting -= chunk.byteLength;
      if (waiting <= mostWaiting) drained.resolve();
    }
  };
  const written = toDisk();
  try {
    let left = limit;
    for await (const batch of batches) {
      signal.throwIfAborted();
      if (failure) break;
      const decoded = decoder.decode(batch);
      const part = batch.length > left ? decoded.slice(0, left) : decoded;
      waiting += part.data.byteLength;
      writer.write(part);
      left -= part.numRows;
      if (waiting > mostWaiting) {
        drained = Promise.withResolvers();
        await untilAborted(signal, drained.promise);
      }
      if (left <= 0) break;
    }
  } catch (error) {
    isLost = true;
    throw error;
  } finally {
    if (!failure) writer.finish();
    await written;
    await file.close();
  }
  if (failure) throw failure.error;
}
