import { randomBytes } from "node:crypto";
import { MagicError } from "../magic.ts";
import type { Batch, Column, ColumnType } from "./columnar.ts";
import type { SqlDatabase } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import type { SqlSession } from "./engine.ts";
import { execute } from "./execute.ts";
import { isFailure } from "./failure.ts";
import { splitStatements } from "./statement.ts";
import { quotePath } from "./write-check.ts";
import type { WriteMode } from "./write.ts";

/** Rows that are to be written, checked against their table. */
export interface Job {
  readonly database: SqlDatabase;
  readonly session: SqlSession;
  /** The table as the user wrote it. */
  readonly name: string;
  readonly path: readonly string[];
  readonly mode: WriteMode;
  /** Columns of the table, where it is there. */
  readonly existing: readonly Column[] | undefined;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly batches: AsyncIterable<Batch>;
  readonly signal: AbortSignal;
}

/** Writes in a transaction of its own. Where creating a table would end that, the table gets its name when it is full. */
export async function beginWrite(job: Job): Promise<void> {
  const { database, session, signal, name } = job;
  const { dialect } = database.engine;
  const isNew = makesTable(job);
  if (isNew && !dialect.hasTransactionalDdl) return swapIn(job);
  for (const sql of dialect.begin?.() ?? ["begin"]) await execute(session, sql, signal);
  await writeSteps(job);
  try {
    await execute(session, "commit", signal);
  } catch (error) {
    if (!isFailure(error) || !error.isDisconnect) throw error;
    const message = `the connection was lost while the rows of ${name} were being committed. Look whether they are there before you write them again`;
    throw new MagicError("sql", message, { name: error.name, cause: error });
  }
}

/** Writes in a transaction that is open. */
export async function joinWrite(job: Job): Promise<void> {
  const { engine } = job.database;
  if (makesTable(job) && !engine.dialect.hasTransactionalDdl)
    throw new MagicError(
      "sql",
      `in ${engine.title} creating a table ends the transaction. Create ${job.name} before it, then append`,
    );
  await writeSteps(job);
}

function makesTable({ mode, existing }: Job): boolean {
  return mode === "create" || mode === "replace" || !existing;
}

async function writeSteps(job: Job): Promise<void> {
  const { database, session, path, mode, existing, signal } = job;
  const table = quotePath(path, database.engine.dialect);
  if (mode === "upsert" && existing) return upsert(job, table);
  if (mode === "append") return fill(job, table);
  if (existing) await execute(session, `drop table ${table}`, signal);
  await createTable(job, table);
  await fill(job, table);
}

async function createTable({ database, session, columns, key, signal }: Job, table: string): Promise<void> {
  await execute(session, `create table ${table} (${definitions(database.engine.dialect, columns, key)})`, signal);
}

/** Writes columns as `create table` wants them. */
export function definitions(dialect: Dialect, columns: readonly Column[], key: readonly string[]): string {
  const all = columns.map(({ name, type }) => {
    const isKey = key.includes(name);
    return `${dialect.quote(name)} ${typeOf(dialect, name, type, isKey)}${isKey ? " not null" : ""}`;
  });
  if (key.length > 0) all.push(`primary key (${key.map(dialect.quote).join(", ")})`);
  return all.join(", ");
}

function typeOf(dialect: Dialect, name: string, type: ColumnType, isKey: boolean): string {
  try {
    return (isKey && dialect.keyTypeName?.(type)) || dialect.typeName(type);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new MagicError("sql", `the column "${name}" cannot be written: ${error.message}`, { cause: error });
  }
}

async function fill({ session, columns, batches, signal }: Job, table: string): Promise<void> {
  await session.insert(table, columns, batches, signal);
}

async function upsert(job: Job, table: string): Promise<void> {
  const { database, session, columns, key, signal, name } = job;
  const { dialect } = database.engine;
  const staging = dialect.quote(temporaryName());
  const names = columns.map((column) => dialect.quote(column.name)).join(", ");
  await execute(session, `${dialect.createTemporary} ${staging} as select ${names} from ${table} where 1 = 0`, signal);
  await fill(job, staging);
  const sql = dialect.upsert(
    table,
    staging,
    columns.map((column) => dialect.quote(column.name)),
    key.map(dialect.quote),
  );
  for (const statement of splitStatements(sql, dialect.syntax)) {
    try {
      await execute(session, statement, signal);
    } catch (error) {
      if (!isFailure(error) || !/conflict|unique/i.test(error.message)) throw error;
      const hint = `The table ${name} needs a primary key or unique index on (${key.join(", ")}), and the rows each key once`;
      throw new MagicError("sql", `${error.message}\n\nHint: ${hint}`, { name: error.name, cause: error });
    }
  }
  await execute(session, `${dialect.dropTemporary ?? "drop table if exists"} ${staging}`, signal);
}

/** Fills a table under another name, which then takes the name; what is left of one that failed is dropped. */
async function swapIn(job: Job): Promise<void> {
  const { database, session, path, existing, signal, name } = job;
  const { dialect } = database.engine;
  const beside = (own: string): string => quotePath([...path.slice(0, -1), own], dialect);
  const staging = beside(temporaryName());
  const table = quotePath(path, dialect);
  try {
    await createTable(job, staging);
    for (const sql of dialect.begin?.() ?? ["begin"]) await execute(session, sql, signal);
    await fill(job, staging);
    await execute(session, "commit", signal);
    const old = beside(temporaryName());
    await execute(
      session,
      existing ? `rename table ${table} to ${old}, ${staging} to ${table}` : `rename table ${staging} to ${table}`,
      signal,
    );
    if (existing) await execute(session, `drop table ${old}`, signal);
  } catch (error) {
    await dropRest(job, staging, name);
    throw error;
  }
}

async function dropRest({ database, session }: Job, staging: string, name: string): Promise<void> {
  const { signal } = new AbortController();
  const drop = async (other: SqlSession): Promise<void> => {
    if (other.inTransaction) await execute(other, "rollback", signal);
    await execute(other, `drop table if exists ${staging}`, signal);
  };
  try {
    if (session.isOpen) await drop(session);
    else await database.separate(AbortSignal.timeout(cleanUpMs), drop);
  } catch (error) {
    const { currentOutput } = await import("../../display/output.ts");
    const text = `typhoon: the table ${staging} may be left of writing ${name}; drop it when the server is back.\n`;
    currentOutput().stream("stderr", text);
    if (!isFailure(error) && (error as Error).name !== "TimeoutError") throw error;
  }
}

/** Longest wait for a server that was lost, to drop what is left. */
const cleanUpMs = 5_000;

/** A name that nobody else has. */
export function temporaryName(): string {
  return `typhoon_${randomBytes(6).toString("hex")}`;
}
