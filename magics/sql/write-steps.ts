import { MagicError } from "../magic.ts";
import type { Batch, Column } from "../columnar/columnar.ts";
import type { SqlDatabase } from "./database.ts";
import type { SqlSession } from "./engine.ts";
import { execute, executeQuietly } from "./execute.ts";
import { isFailure } from "./failure.ts";
import { lastStep } from "./last-step.ts";
import { definitions, temporaryName } from "./new-table.ts";
import { splitStatements } from "./statement.ts";
import { quotePath } from "./write-check.ts";
import { swapIn } from "./write-swap.ts";
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
    await lastStep(signal, (until) => execute(session, "commit", until));
  } catch (error) {
    if (signal.aborted)
      await tell(
        `the writing of ${name} was interrupted while its rows were being committed: look whether they are there`,
      );
    if (!isFailure(error) || !error.isDisconnect) throw error;
    const message = `the connection was lost while the rows of ${name} were being committed. Look whether they are there before you write them again`;
    throw new MagicError("sql", message, { name: error.name, cause: error });
  }
}

async function tell(text: string): Promise<void> {
  const { currentOutput } = await import("../../display/output.ts");
  currentOutput().stream("stderr", `typhoon: ${text}.\n`);
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

async function fill({ session, columns, batches, signal }: Job, table: string): Promise<void> {
  await session.insert(table, columns, batches, signal);
}

async function upsert(job: Job, table: string): Promise<void> {
  const { database, session, columns, key, signal, name } = job;
  const { dialect } = database.engine;
  const staging = dialect.quote(temporaryName());
  const names = columns.map((column) => dialect.quote(column.name)).join(", ");
  const sql = dialect.upsert(
    table,
    staging,
    columns.map((column) => dialect.quote(column.name)),
    key.map(dialect.quote),
  );
  const drop = `${dialect.dropTemporary ?? "drop table if exists"} ${staging}`;
  try {
    await execute(
      session,
      `${dialect.createTemporary} ${staging} as select ${names} from ${table} where 1 = 0`,
      signal,
    );
    await fill(job, staging);
    for (const statement of splitStatements(sql, dialect.syntax)) await execute(session, statement, signal);
    await execute(session, drop, signal);
  } catch (error) {
    // A rollback does not take it away in every system, and the session is used again.
    await executeQuietly(session, drop);
    if (!isFailure(error) || !/conflict|unique/i.test(error.message)) throw error;
    const hint = `The table ${name} needs a primary key or unique index on (${key.join(", ")}), and the rows each key once`;
    throw new MagicError("sql", `${error.message}\n\nHint: ${hint}`, { name: error.name, cause: error });
  }
}
