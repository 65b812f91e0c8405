import type { Table } from "apache-arrow";
import { MagicError, type Template } from "../magic.ts";
import type { SqlDatabase } from "./database.ts";
import type { PlanNode } from "./dialect.ts";
import type { SqlSession } from "./engine.ts";
import { explainStatement } from "./explain.ts";
import { execute } from "./execute.ts";
import { isFailure } from "./failure.ts";
import { withProgress } from "../query-progress.ts";
import { type QueryOptions, type ReadyStatement, dropAll, prepare } from "./prepare.ts";
import { shown } from "./run.ts";
import { startStatement } from "./start-statement.ts";
import { changesTables, onlyReads } from "./statement-effects.ts";

/** How a query is measured. */
export interface BenchOptions extends QueryOptions {
  /** How often it runs, after once to warm up. */
  readonly runs: number;
}

const mostRuns = 10_000;

/**
 * Runs a query again and again and measures it: a table of one row, with least, median and 95th percentile in ms, the rows
 * of a run, and whether the plan was the same before and after. What a run changes is rolled back.
 */
export async function benchQuery(database: SqlDatabase, template: Template, options: BenchOptions): Promise<Table> {
  const { runs, signal } = options;
  if (!Number.isSafeInteger(runs) || runs < 1 || runs > mostRuns)
    throw new MagicError("sql", `a query is measured 1 to ${mostRuns} times, not ${runs}`);
  return shown(() =>
    database.exclusive(signal, async (session) => {
      const statements = await prepare(database, session, template, options);
      try {
        const [statement, ...others] = statements;
        if (others.length > 0)
          throw new MagicError("sql", "one statement at a time is measured. Run the others in a cell before");
        return await measure(database, session, statement!, options);
      } finally {
        await dropAll(statements);
      }
    }),
  );
}

async function measure(
  database: SqlDatabase,
  session: SqlSession,
  statement: ReadyStatement,
  options: BenchOptions,
): Promise<Table> {
  const { runs } = options;
  checkUndone(database, session, statement);
  const before = await planOf(database, session, statement, options);
  let done = 0;
  const times: number[] = [];
  const rows = await withProgress(
    `measuring ${database.target.name}`,
    () => ({ rows: done, total: runs }),
    async () => {
      let last = 0;
      // Once to warm up.
      for (let run = -1; run < runs; run++, done = run) {
        const once = await runUndone(database, session, statement, options);
        last = once.rows;
        if (run >= 0) times.push(once.ms);
      }
      return last;
    },
  );
  const after = await planOf(database, session, statement, options);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]!;
  const half = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(0.5) : (sorted[half - 1]! + sorted[half]!) / 2;
  const { Table: ArrowTable, vectorFromArray, Float64, Int32, Utf8 } = await import("apache-arrow");
  const number = (ms: number) => vectorFromArray([Math.round(ms * 1000) / 1000], new Float64());
  return new ArrowTable({
    runs: vectorFromArray([runs], new Int32()),
    min_ms: number(sorted[0]!),
    median_ms: number(median),
    p95_ms: number(at(0.95)),
    max_ms: number(sorted.at(-1)!),
    rows: vectorFromArray([rows], new Float64()),
    plan: vectorFromArray([before === undefined ? null : before === after ? "same" : "changed"], new Utf8()),
  }) as Table;
}

/** A statement that changes rows is undone after each run. */
function checkUndone({ engine }: SqlDatabase, session: SqlSession, { sql }: ReadyStatement): void {
  const { dialect, title } = engine;
  if (onlyReads(sql, dialect.syntax)) return;
  if (session.inTransaction)
    throw new MagicError("sql", "the statement would change rows in the open transaction at each run. End it first");
  if (!dialect.hasTransactionalDdl && changesTables(sql, dialect.syntax))
    throw new MagicError(
      "sql",
      `${title} cannot undo this statement, which each run would do again. Measure queries and changes of rows`,
    );
}

async function runUndone(
  database: SqlDatabase,
  session: SqlSession,
  statement: ReadyStatement,
  options: QueryOptions,
): Promise<{ readonly rows: number; readonly ms: number }> {
  const { dialect } = database.engine;
  const isUndone = !onlyReads(statement.sql, dialect.syntax);
  if (isUndone) for (const begin of dialect.begin?.() ?? ["begin"]) await execute(session, begin, options.signal);
  try {
    const begun = performance.now();
    const rows = await runOnce(database, session, statement, options);
    return { rows, ms: performance.now() - begun };
  } finally {
    if (isUndone && session.isOpen && session.inTransaction)
      await execute(session, "rollback", new AbortController().signal);
  }
}

async function runOnce(
  database: SqlDatabase,
  session: SqlSession,
  statement: ReadyStatement,
  options: QueryOptions,
): Promise<number> {
  const result = await startStatement(database, session, statement, options);
  let rows = 0;
  for await (const batch of result.batches) rows += batch.length;
  return result.returns === "changes" ? (result.changes() ?? rows) : rows;
}

/** The steps of the plan without their figures; undefined where the statement has none. */
async function planOf(
  database: SqlDatabase,
  session: SqlSession,
  statement: ReadyStatement,
  options: QueryOptions,
): Promise<string | undefined> {
  if (session.inTransaction) return undefined; // a failure would end it
  const steps = ({ label, children }: PlanNode): unknown => [label, children.map(steps)];
  try {
    const { root } = await explainStatement(database, session, statement, { ...options, analyze: false });
    return JSON.stringify(steps(root));
  } catch (error) {
    if (options.signal.aborted || !(isFailure(error) || error instanceof MagicError)) throw error;
    return undefined;
  }
}
