import type { RecordBatch, Table } from "apache-arrow";
import { currentOutput } from "../../display/output.ts";
import { MagicError, type Names, type Template } from "../magic.ts";
import { toBindable } from "./bindable.ts";
import type { Batch } from "./columnar.ts";
import { SqlDatabase, type StreamOptions } from "./database.ts";
import { forgetCatalog, notebookDatabase } from "./databases.ts";
import type { Bindable, SqlResult, SqlSession } from "./engine.ts";
import { isFailure, toMagicError } from "./failure.ts";
import { bringHere, renameTable } from "./foreign.ts";
import { withProgress } from "./query-progress.ts";
import { type Statement, parseQuery } from "./query-text.ts";
import { decoderOf, firstRows, toTable } from "./results.ts";
import { findName } from "./relations.ts";
import { relationsFor } from "./session-relations.ts";
import { findTables } from "./sources.ts";
import { execute } from "./execute.ts";

/** How a query is run. */
export interface QueryOptions extends StreamOptions {
  readonly signal: AbortSignal;
  /** Line of the cell on which the query begins. */
  readonly startLine: number;
  /** The notebook's variables, for `:name` and for tables by name. */
  readonly names?: Names;
  /** Most rows to fetch. */
  readonly limit?: number;
}

/** A statement whose values can be bound. */
export interface ReadyStatement extends Statement {
  readonly values: readonly Bindable[];
  /** Drops what was copied for it. */
  drop(): Promise<void>;
}

/** Runs all statements of a query in the notebook's session and returns the result of the last one that has one. */
export async function runQuery(
  database: SqlDatabase,
  template: Template,
  options: QueryOptions,
): Promise<Table | undefined> {
  return shown(() =>
    database.exclusive(options.signal, (session) => runInSession(database, session, template, options)),
  );
}

/** As `runQuery`, in a session that the caller holds. */
export async function runInSession(
  database: SqlDatabase,
  session: SqlSession,
  template: Template,
  options: QueryOptions,
): Promise<Table | undefined> {
  const { signal, limit = Infinity } = options;
  const statements = await prepare(database, session, template, options);
  const progress = session.progress?.bind(session);
  let rows = 0;
  const read = progress ?? (() => ({ rows, total: undefined }));
  const before = session.inTransaction;
  const table = await withProgress(labelOf(database), read, async (showFirst) => {
    let last: Table | undefined;
    try {
      for (const statement of statements) {
        const result = await startStatement(database, session, statement, options);
        const own = await toTable(result, limit, (batch) => {
          if (result.returns === "rows") showFirst(() => firstRows(result, batch));
          rows += batch.length;
        });
        last = own ?? last;
      }
    } catch (error) {
      // A transaction that this query began and nobody ends would keep its locks, and on some systems refuse what follows.
      if (!signal.aborted && !before && session.isOpen && session.inTransaction) {
        await rollBack(session);
        currentOutput().stream("stderr", "typhoon: the transaction that this query began was rolled back.\n");
      }
      throw error;
    } finally {
      await dropAll(statements);
    }
    return last;
  });
  // Read after the query: the template keeps its tables alive until here, and with them their relations.
  return template.strings.length > 0 ? table : undefined;
}

/** Runs all statements of a query, in a session of its own, and gives the last one's rows as they come. */
export async function* streamQuery(
  database: SqlDatabase,
  template: Template,
  options: QueryOptions,
): AsyncGenerator<RecordBatch, void> {
  const { signal, beyond } = options;
  try {
    yield* database.stream(signal, read, { ...(beyond !== undefined && { beyond }) });
  } catch (error) {
    throw isFailure(error) ? toMagicError(error) : error;
  }
  async function* read(session: SqlSession): AsyncGenerator<RecordBatch, void> {
    const statements = await prepare(database, session, template, options);
    let left = options.limit ?? Infinity;
    try {
      for (const [i, statement] of statements.entries()) {
        const result = await startStatement(database, session, statement, options);
        const decoder = await decoderOf(result);
        for await (const batch of result.batches) {
          if (i < statements.length - 1) continue;
          const decoded = decoder.decode(batch);
          yield batch.length > left ? decoded.slice(0, left) : decoded;
          left -= batch.length;
          if (left <= 0) return;
        }
      }
    } finally {
      await dropAll(statements);
    }
  }
}

/** Starts a statement; a table that it misses is asked of the notebook by name, then it is started again. */
export async function startStatement(
  database: SqlDatabase,
  session: SqlSession,
  statement: ReadyStatement,
  { signal, startLine, names }: QueryOptions,
): Promise<SqlResult> {
  const asked = new Set<string>();
  // A table that is missing ends a transaction in some systems.
  const isGuarded = names !== undefined && session.inTransaction && namesVariable(database, statement, names);
  for (;;) {
    try {
      if (isGuarded) await execute(session, "savepoint typhoon_names", signal);
      const result = await session.start(statement, signal);
      return atPlace(result, statement, startLine);
    } catch (error) {
      if (signal.aborted || !isFailure(error)) throw error;
      const name = error.missingTable;
      const relations = names && name !== undefined && !asked.has(name) && relationsFor(database, session);
      if (isGuarded) await execute(session, "rollback to savepoint typhoon_names", signal);
      const found = relations ? await relations.provide(names, name, signal) : false;
      if (found === false) throw withHint(toMagicError(error, statement, startLine), statement);
      if (found !== true) statement = renameTable(database, statement, name!, found.relation);
      asked.add(name!);
      await database.showRelations(session);
    }
  }
}

/** Gives a result's later failures their place. */
function atPlace(result: SqlResult, statement: Statement, startLine: number): SqlResult {
  const placed = (error: unknown): unknown => (isFailure(error) ? toMagicError(error, statement, startLine) : error);
  async function* batches(): AsyncGenerator<Batch, void> {
    try {
      yield* result.batches;
    } catch (error) {
      throw placed(error);
    }
  }
  return {
    columns: result.columns,
    returns: result.returns,
    changes: () => result.changes(),
    notices: () => result.notices?.() ?? [],
    batches: batches(),
    ...(result.read && {
      read: (limit, seen) =>
        result.read!(limit, seen).catch((error: unknown) => {
          throw placed(error);
        }),
    }),
  };
}

/** Splits a query, binds its values, and sees to it that the tables it names by `${…}` are there. */
export async function prepare(
  database: SqlDatabase,
  session: SqlSession,
  template: Template,
  { names, signal }: Pick<QueryOptions, "names" | "signal">,
  { rows = true }: { readonly rows?: boolean } = {},
): Promise<readonly ReadyStatement[]> {
  const relations = relationsFor(database, session);
  await relations.refresh(names);
  const binding = {
    relation: relations.relation,
    ...(names && { variable: (name: string) => readVariable(names, name) }),
  };
  const statements = reportBad(() =>
    parseQuery(template, binding, database.engine.dialect).map((statement) => ({
      ...statement,
      values: statement.values.map((value, i) => bindable(value, statement.origins[i] ?? "")),
    })),
  );
  if (database === notebookDatabase() || statements.some(({ sql }) => changesTables.test(sql))) forgetCatalog(database);
  if (statements.length === 0)
    throw new MagicError("sql", "there is no SQL to run. Write a statement, as in `%sql select 42`");
  await relations.ready(signal);
  const ready: ReadyStatement[] = [];
  try {
    for (const each of statements) {
      const { statement, drop } = await bringHere(database, session, each, { signal, rows });
      ready.push({ ...statement, drop });
    }
  } catch (error) {
    await dropAll(ready);
    throw error;
  }
  return ready;
}

/** Drops what was copied for statements, which have been run. */
export async function dropAll(statements: readonly ReadyStatement[]): Promise<void> {
  for (const { drop } of statements) await drop();
}

/** Tells whether a statement reads what may be a variable of the notebook. */
function namesVariable({ engine }: SqlDatabase, { sql }: Statement, names: Names): boolean {
  if (engine.dialect.nameErrorsEndTransactions !== true) return false;
  return findTables(sql, engine.dialect.syntax).some(({ path }) => path?.length === 1 && findName(names, path[0]!));
}

/** A statement after which a database may have other tables. */
const changesTables = /\b(?:create|drop|alter|rename|use|set)\b/i;

/** Makes a value bindable; the error for one that cannot be says where it stands. */
function bindable(value: unknown, origin: string): Bindable {
  try {
    return toBindable(value);
  } catch (error) {
    throw new TypeError(`${(error as Error).message} It is ${origin}`, { cause: error });
  }
}

function readVariable(names: Names, name: string): unknown {
  if (names.has(name)) return names.get(name);
  throw new TypeError(
    `:${name} stands for a variable of the notebook, and there is none of that name. Run the cell that declares it first`,
  );
}

/** What is wrong with a value is the reader's to mend. */
function reportBad<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { name, message } = error as Error;
    throw new MagicError("sql", message, { name, cause: error });
  }
}

/** Where a text stands for a table, the error says how to write it. */
function withHint(error: MagicError, statement: Statement): MagicError {
  const [, number] = (error.name === "ParserException" && /at or near "\$(\d+)"/.exec(error.message)) || [];
  const value = statement.values[Number(number) - 1];
  if (typeof value !== "string") return error;
  const hint =
    "A bound value cannot name a table or file. Write the path in quotes in the SQL, as in `from 'data/cars.csv'`, " +
    "use `read_csv(${path})` and its like, or `sql.id(name)` for a table's name";
  return new MagicError("sql", `${error.message.replace(/^%sql: /, "")}\n\n${hint}`, {
    name: error.name,
    cause: error,
  });
}

function rollBack(session: SqlSession): Promise<void> {
  return execute(session, "rollback", new AbortController().signal);
}

/** Turns failures of connecting and the like into errors to show. */
export async function shown<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFailure(error) ? toMagicError(error) : error;
  }
}

function labelOf({ engine, target }: SqlDatabase): string {
  return target.name === "duckdb" ? engine.title : target.name;
}
