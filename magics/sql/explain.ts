import { MagicError, type Template } from "../magic.ts";
import type { SqlDatabase } from "./database.ts";
import type { SqlSession } from "./engine.ts";
import { isFailure, toMagicError } from "./failure.ts";
import { type Plan, createPlan } from "./plan.ts";
import { toTable } from "./results.ts";
import { type QueryOptions, type ReadyStatement, dropAll, prepare } from "./prepare.ts";
import { shown } from "./run.ts";
import { onlyReads } from "./statement-effects.ts";
import { execute } from "./execute.ts";

/** How a query is explained. */
export interface ExplainOptions extends QueryOptions {
  /** Runs it and measures; what it changes is rolled back. */
  readonly analyze: boolean;
}

/** Asks the database how it runs a query. */
export async function explainQuery(database: SqlDatabase, template: Template, options: ExplainOptions): Promise<Plan> {
  return shown(() =>
    database.exclusive(options.signal, async (session) => {
      const statements = await prepare(database, session, template, options);
      try {
        const [statement, ...others] = statements;
        if (others.length > 0)
          throw new MagicError("sql", "one statement at a time is explained. Run the others in a cell before");
        return await explainStatement(database, session, statement!, options);
      } finally {
        await dropAll(statements);
      }
    }),
  );
}

/** Explains a statement in a session. What it changes is undone, but where a transaction is open, which is the user's. */
export async function explainStatement(
  { engine }: SqlDatabase,
  session: SqlSession,
  statement: ReadyStatement,
  { analyze, signal, startLine }: ExplainOptions,
): Promise<Plan> {
  const { dialect } = engine;
  const sql = dialect.explain(statement.sql, analyze);
  // A statement that only reads needs no rollback.
  const isUndone = analyze && !session.inTransaction && !onlyReads(statement.sql, dialect.syntax);
  if (isUndone) for (const begin of dialect.begin?.() ?? ["begin"]) await execute(session, begin, signal);
  try {
    const table = await toTable(await session.start({ sql, values: statement.values }, signal), Infinity);
    const rows = (table?.toArray() ?? []).map((row) => (row as { toJSON(): Record<string, unknown> }).toJSON());
    return createPlan({ root: dialect.readPlan(rows), sql: statement.sql, isMeasured: analyze });
  } catch (error) {
    if (signal.aborted || !isFailure(error)) throw error;
    const shift = Math.max(0, sql.indexOf(statement.sql));
    const place: ReadyStatement["place"] = (offset) => statement.place(Math.max(0, offset - shift));
    throw toMagicError(error, { ...statement, place }, startLine);
  } finally {
    if (isUndone && session.isOpen && session.inTransaction)
      await execute(session, "rollback", new AbortController().signal);
  }
}
