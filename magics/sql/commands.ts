import type { RecordBatch, Table } from "apache-arrow";
import type { MagicContext, Template } from "../magic.ts";
import { type SqlCall, shortcutOf } from "./call.ts";
import type { SqlDatabase } from "./database.ts";
import { findDatabase } from "./databases.ts";
import { dryRun } from "./dry-run.ts";
import { type QueryOptions, runQuery, shown, streamQuery } from "./run.ts";

/** Does what a use of `%sql` asks for. */
export async function runCall(
  { connection, options, query }: SqlCall,
  startLine: number,
  { signal, names, output }: MagicContext,
): Promise<Table | AsyncGenerator<RecordBatch, void> | undefined> {
  const database = await shown(() => findDatabase(connection));
  const { limit } = options;
  const run: QueryOptions = { signal, names, startLine, ...(limit !== undefined && { limit }) };
  const template = fromShortcut(database, query) ?? query;
  if (options.stream) return streamQuery(database, template, run);
  if (options["dry-run"]) return dryRun(database, template, run, output);
  return runQuery(database, template, run);
}

/** The query that `tables` and `columns` stand for. */
function fromShortcut({ engine }: SqlDatabase, query: Template): Template | undefined {
  const shortcut = shortcutOf(query);
  if (!shortcut) return undefined;
  const { dialect } = engine;
  if (shortcut.of === "tables") return { strings: [dialect.tables], values: [] };
  if (shortcut.table === undefined) return { strings: [dialect.columns], values: [] };
  return { strings: [dialect.describe(shortcut.table.split(".").map(dialect.quote).join("."))], values: [] };
}
