import type { Names } from "../magic.ts";
import type { Batch } from "../columnar/columnar.ts";
import type { SqlDatabase } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import type { SqlResult, SqlSession } from "./engine.ts";
import { isFailure, toMagicError } from "./failure.ts";
import { renameTable } from "./foreign.ts";
import type { QueryOptions, ReadyStatement } from "./prepare.ts";
import type { Statement } from "./query-text.ts";
import { findVariable } from "./relations.ts";
import { guardNames } from "./savepoint.ts";
import { relationsFor } from "./session-relations.ts";
import { findTables } from "./find-tables.ts";
import { leaveResult, wrapping } from "./wrapping.ts";

/** Starts a statement; a table that it misses is asked of the notebook by name, then it is started again. */
export async function startStatement(
  database: SqlDatabase,
  session: SqlSession,
  statement: ReadyStatement,
  { signal, startLine, names }: QueryOptions,
): Promise<SqlResult> {
  const { dialect } = database.engine;
  const asked = new Set<string>();
  const mayMiss = names !== undefined && session.inTransaction && namesVariable(dialect, statement, names);
  for (;;) {
    const savepoint = mayMiss ? await guardNames(dialect, session, signal) : undefined;
    try {
      const left = new AbortController();
      const result = await session.start(statement, AbortSignal.any([signal, left.signal]));
      const release = async (): Promise<void> => {
        if (session.isOpen && session.inTransaction && !signal.aborted) await savepoint?.release(signal);
      };
      return placed(result, { statement, startLine, end: release, leave: () => leaveResult(result, left) });
    } catch (error) {
      if (signal.aborted || !isFailure(error)) throw error;
      const name = error.missingTable;
      const relations = names && name !== undefined && !asked.has(name) && relationsFor(database, session);
      if (session.isOpen) await savepoint?.undo(signal);
      const found = relations ? await relations.provide(names, name, signal) : false;
      if (found === false) throw toMagicError(error, statement, startLine);
      if (found !== true) statement = renameTable(database, statement, name!, found.relation);
      asked.add(name!);
      await database.showRelations(session);
    }
  }
}

/** What becomes of a result that is being read. */
interface Reading {
  readonly statement: Statement;
  readonly startLine: number;
  /** Called when it has been read without a failure. */
  end(): Promise<void>;
  /** Called where nobody reads it. */
  leave(): Promise<void>;
}

/** Gives a result's later failures their place, and tells when it has ended. */
function placed(result: SqlResult, { statement, startLine, end, leave: leaveUnread }: Reading): SqlResult {
  const placeOf = (error: unknown): unknown => (isFailure(error) ? toMagicError(error, statement, startLine) : error);
  async function* batches(): AsyncGenerator<Batch, void> {
    let hasFailed = false;
    try {
      yield* result.batches;
    } catch (error) {
      hasFailed = true;
      throw placeOf(error);
    } finally {
      if (!hasFailed) await end();
    }
  }
  const { read } = result;
  return {
    columns: result.columns,
    returns: result.returns,
    changes: () => result.changes(),
    notices: () => result.notices?.() ?? [],
    batches: wrapping(batches(), leaveUnread),
    ...(read && {
      async read(limit, seen) {
        try {
          const all = await read.call(result, limit, seen);
          await end();
          return all;
        } catch (error) {
          throw placeOf(error);
        }
      },
    }),
  };
}

/** Tells whether a statement reads what may be a variable of the notebook. */
function namesVariable({ syntax }: Dialect, { sql }: Statement, names: Names): boolean {
  return findTables(sql, syntax).some(({ path }) => path?.length === 1 && findVariable(names, path[0]!));
}
