import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { MagicError, type Template } from "../magic.ts";
import type { Column } from "../columnar/columnar.ts";
import type { SqlDatabase } from "./database.ts";
import { notebookDatabase } from "./databases.ts";
import { isFailure, toMagicError } from "./failure.ts";
import { copyRows, copyStatement } from "./into-copy.ts";
import { isJson, jsonColumns } from "./json-columns.ts";
import { withProgress } from "../query-progress.ts";
import { type QueryOptions, type ReadyStatement, dropAll, prepare } from "./prepare.ts";
import { shown } from "./run.ts";
import type { RowStream } from "./open-rows.ts";
import { startStatement } from "./start-statement.ts";
import { asSubquery } from "./subquery.ts";
import { type Written, createWritten } from "./written.ts";
import { wrapping } from "./wrapping.ts";

/** Options of DuckDB's COPY for each kind of file; Arrow's are written here. */
const formats: Readonly<Record<string, string | undefined>> = {
  ".parquet": "format parquet, compression zstd",
  ".csv": "format csv, header true",
  ".tsv": "format csv, header true, delimiter '\t'",
  ".json": "format json, array true",
  ".ndjson": "format json",
  ".jsonl": "format json",
  ".arrow": undefined,
};

/**
 * Writes the rows of a query to a file as they come, so that a result of any size needs little memory. The file gets its name
 * when it is whole: an error or an interrupt leaves what was there before.
 */
export async function writeInto(
  database: SqlDatabase,
  template: Template,
  path: string,
  options: QueryOptions,
): Promise<Written> {
  const format = formatOf(path);
  const target = resolve(path);
  if (!existsSync(dirname(target)))
    throw new MagicError(
      "sql",
      `there is no folder ${dirname(path)} for ${basename(path)}. Make it first, as with %sh mkdir -p ${dirname(path)}`,
    );
  const partial = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString("hex")}.tmp`);
  const begun = performance.now();
  try {
    const rows = await shown(() =>
      database.exclusive(options.signal, async (session) => {
        const statements = await prepare(database, session, template, options);
        try {
          for (const statement of statements.slice(0, -1)) {
            const { batches } = await startStatement(database, session, statement, options);
            for await (const _ of batches);
          }
          const last = statements.at(-1)!;
          const limited = limit(last, options.limit);
          if (database.engine === notebookDatabase().engine && format.copy !== undefined)
            return await copyHere(database, session, limited, { partial, format: format.copy, options });
          return await stream(database, session, last, { partial, format, options });
        } finally {
          await dropAll(statements);
        }
      }),
    );
    const { size } = await stat(partial);
    options.signal.throwIfAborted();
    await rename(partial, target);
    return createWritten({ table: path, rows, bytes: size, ms: performance.now() - begun });
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

interface Format {
  /** Undefined for Arrow. */
  readonly copy: string | undefined;
}

function formatOf(path: string): Format {
  const packed = /\.(gz|zst)$/i.exec(path)?.[1]?.toLowerCase();
  const name = packed === undefined ? path : path.slice(0, -packed.length - 1);
  const extension = extname(name).toLowerCase();
  const isPackable = /csv|tsv|json|ndjson|jsonl/.test(extension);
  if (!Object.hasOwn(formats, extension) || (packed !== undefined && !isPackable))
    throw new MagicError(
      "sql",
      `the name of the file says its format: ${Object.keys(formats).join(", ")}; those of text also with .gz or .zst. "${path}" says none of these`,
    );
  const copy = formats[extension];
  if (copy === undefined || packed === undefined) return { copy };
  return { copy: `${copy}, compression ${packed === "gz" ? "gzip" : "zstd"}` };
}

function limit(statement: ReadyStatement, rows: number | undefined): ReadyStatement {
  return rows === undefined ? statement : around(statement, "*", rows);
}

/** A query of the columns, and of the first rows, of another. */
function around(statement: ReadyStatement, columns: string, rows?: number): ReadyStatement {
  const { place } = statement;
  const end = rows === undefined ? "" : ` limit ${rows}`;
  const sql = `select ${columns} from ${asSubquery(statement.sql)} as written${end}`;
  const shift = `select ${columns} from (`.length;
  return { ...statement, sql, place: (offset) => place(Math.max(0, offset - shift)) };
}

/** A query for a file of JSON, whose columns are asked for before. */
async function forJson(
  database: SqlDatabase,
  session: Parameters<typeof startStatement>[1],
  statement: ReadyStatement,
  options: QueryOptions,
): Promise<ReadyStatement> {
  const { columns, batches } = await startStatement(database, session, around(statement, "*", 0), options);
  for await (const _ of batches);
  const list = jsonColumns(columns);
  return list === undefined ? statement : around(statement, list);
}

interface Output {
  readonly partial: string;
  readonly options: QueryOptions;
}

/** DuckDB writes the rows of its own queries itself. */
async function copyHere(
  database: SqlDatabase,
  session: Parameters<typeof startStatement>[1],
  statement: ReadyStatement,
  { partial, format, options }: Output & { readonly format: string },
): Promise<number> {
  const query = isJson(format) ? await forJson(database, session, statement, options) : statement;
  const { sql, shift } = copyStatement(query.sql, partial, format);
  const place: ReadyStatement["place"] = (offset) => query.place(Math.max(0, offset - shift));
  let written: number | undefined;
  const progress = (): { rows: number; total: number | undefined } =>
    written === undefined ? (session.progress?.() ?? { rows: 0, total: undefined }) : { rows: written, total: written };
  return withProgress(`writing ${basename(partial).slice(1, -13)}`, progress, async () => {
    const result = await startStatement(database, session, { ...statement, sql, place }, options);
    for await (const _ of result.batches);
    written = result.changes() ?? 0;
    return written;
  });
}

/** DuckDB, which writes the file, tells names apart without their case. */
function checkNames(columns: readonly Column[]): void {
  const names = columns.map(({ name }) => name.toLowerCase());
  const twice = names.findIndex((name, i) => names.indexOf(name) < i);
  if (twice >= 0)
    throw new MagicError(
      "sql",
      `two columns of the query are named "${columns[twice]!.name}". Rename one, as in \`select a as first, b as second\``,
    );
}

async function stream(
  database: SqlDatabase,
  session: Parameters<typeof startStatement>[1],
  statement: ReadyStatement,
  { partial, format, options }: Output & { readonly format: Format },
): Promise<number> {
  const result = await startStatement(database, session, statement, options);
  if (result.columns.length === 0) {
    for await (const _ of result.batches);
    throw new MagicError("sql", "the statement gives no rows to write. --into is for queries");
  }
  let rows = 0;
  async function* counted(): RowStream["batches"] {
    const most = options.limit ?? Infinity;
    for await (const batch of result.batches) {
      options.signal.throwIfAborted();
      rows += batch.length;
      yield batch;
      if (rows >= most) return;
    }
  }
  const source: RowStream = {
    columns: result.columns,
    batches: wrapping(counted(), () => result.batches.return()),
    rows: undefined,
  };
  await withProgress(
    `writing ${basename(partial).slice(1, -13)}`,
    () => ({ rows, total: undefined }),
    async () => {
      try {
        if (format.copy !== undefined) checkNames(result.columns);
        await copyRows(source, { path: partial, ...format, limit: options.limit, signal: options.signal });
      } catch (error) {
        throw isFailure(error) ? toMagicError(error, statement, options.startLine) : error;
      } finally {
        await source.batches.return();
      }
    },
  );
  return Math.min(rows, options.limit ?? Infinity);
}
