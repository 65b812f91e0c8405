import { MagicError, type Names, type Template } from "../magic.ts";
import { toBindable } from "./bindable.ts";
import type { SqlDatabase, StreamOptions } from "./database.ts";
import { forgetCatalog, notebookDatabase } from "./databases.ts";
import type { Bindable, SqlSession } from "./engine.ts";
import { bringHere } from "./foreign.ts";
import { type Statement, parseQuery } from "./query-text.ts";
import { relationsFor } from "./session-relations.ts";
import { changesTables } from "./statement-effects.ts";

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
  const { syntax } = database.engine.dialect;
  if (database === notebookDatabase() || statements.some(({ sql }) => changesTables(sql, syntax)))
    forgetCatalog(database);
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
