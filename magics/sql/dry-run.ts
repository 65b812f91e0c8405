import type { Output } from "../../display/output.ts";
import { inspect } from "node:util";
import type { Template } from "../magic.ts";
import type { SqlDatabase } from "./database.ts";
import { isFailure, toMagicError } from "./failure.ts";
import { type QueryOptions, type ReadyStatement, dropAll, prepare } from "./prepare.ts";
import { shown } from "./run.ts";
import { firstWord } from "./statement-effects.ts";

/** Statements that can be explained: the database checks them without running them. */
const explainable = new Set(["select", "with", "insert", "update", "delete", "replace", "values", "from"]);

/** Shows what would run, with its values, and lets the database check what it can. */
export async function dryRun(
  database: SqlDatabase,
  template: Template,
  options: QueryOptions,
  output: Output,
): Promise<undefined> {
  const { engine, target } = database;
  await shown(() =>
    database.exclusive(options.signal, async (session) => {
      const statements = await prepare(database, session, template, options, { rows: false });
      try {
        for (const statement of statements) {
          const verdict = await check(statement);
          const values = statement.values.map(
            (value, i) => `  ${engine.dialect.placeholder(i + 1)} = ${inspect(value)}`,
          );
          output.stream("stdout", `${[statement.sql.trim(), ...values, `-- ${verdict}`].join("\n")}\n`);
        }
      } finally {
        await dropAll(statements);
      }

      async function check(statement: ReadyStatement): Promise<string> {
        if (!explainable.has(firstWord(statement.sql, engine.dialect.syntax)))
          return `not run; ${engine.title} cannot check such a statement without running it`;
        const sql = engine.dialect.explain(statement.sql, false);
        const shift = sql.indexOf(statement.sql);
        const place: ReadyStatement["place"] = (offset) => statement.place(Math.max(0, offset - Math.max(0, shift)));
        try {
          const { batches } = await session.start({ sql, values: statement.values }, options.signal);
          for await (const _ of batches);
        } catch (error) {
          if (options.signal.aborted || !isFailure(error)) throw error;
          throw toMagicError(error, { ...statement, place }, options.startLine);
        }
        return `not run; ${session.version} on ${target.name} takes it`;
      }
    }),
  );
  return undefined;
}
