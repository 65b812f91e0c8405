import type { RecordBatchFileWriter } from "apache-arrow";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDecoder } from "./arrow.ts";
import { notebookDatabase } from "./databases.ts";
import type { Source } from "./source.ts";
import { definitions, execute, temporaryName } from "./write-steps.ts";

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
  const head = "copy (";
  // A comment at the query's end must not take the parenthesis with it.
  return { sql: `${head}${sql}\n) to '${path.replaceAll("'", "''")}' (${options})`, shift: head.length };
}

/** Writes rows that come from anywhere to a file. */
export async function copyRows(source: Source, to: Destination): Promise<void> {
  return to.copy === undefined ? writeArrow(source, to) : copyByDisk(source, to, to.copy);
}

/** DuckDB reads the rows into a database on the disk, since it cannot take them while it writes. */
async function copyByDisk(
  { columns, batches }: Source,
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
        const rows = `select * from ${table}${limit === undefined ? "" : ` limit ${limit}`}`;
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
  { columns, batches }: Source,
  { path, limit = Infinity, signal }: Destination,
): Promise<void> {
  const arrow = await import("apache-arrow");
  const decoder = createDecoder(arrow, columns);
  const writer: RecordBatchFileWriter = new arrow.RecordBatchFileWriter();
  writer.reset(undefined, decoder.schema);
  const file = await open(path, "w");
  let waiting = 0;
  let drained = Promise.withResolvers<void>();
  let failure: unknown;
  const toDisk = async (): Promise<void> => {
    for await (const chunk of writer as AsyncIterable<Uint8Array>) {
      await file.write(chunk);
      waiting -= chunk.byteLength;
      if (waiting <= mostWaiting) drained.resolve();
    }
  };
  try {
    const written = toDisk().catch((error: unknown) => {
      failure = error ?? new Error("the file could not be written");
      drained.resolve();
    });
    let left = limit;
    try {
      for await (const batch of batches) {
        signal.throwIfAborted();
        const decoded = decoder.decode(batch);
        const part = batch.length > left ? decoded.slice(0, left) : decoded;
        waiting += part.data.byteLength;
        writer.write(part);
        left -= part.numRows;
        if (waiting > mostWaiting) {
          drained = Promise.withResolvers();
          await drained.promise;
        }
        if (left <= 0 || failure !== undefined) break;
      }
    } finally {
      writer.finish();
      await written;
    }
    if (failure !== undefined) throw failure;
  } finally {
    await file.close();
  }
}
