import { MagicError, type MagicContext, type Names, type Template } from "../magic.ts";
import { findNearest } from "../nearest.ts";
import { type SqlCall, attachOf, shortcutOf } from "./call.ts";
import type { SqlDatabase } from "./database.ts";
import { findDatabase } from "./databases.ts";
import type { QueryOptions } from "./prepare.ts";
import { runQuery, shown, streamQuery } from "./run.ts";
import type { WriteMode } from "./write.ts";

/** Does what a use of `%sql` asks for. */
export async function runCall(
  { connection, options, query }: SqlCall,
  startLine: number,
  { signal, names, output }: MagicContext,
): Promise<unknown> {
  const attaching = connection === undefined ? await attachCall(query) : undefined;
  if (attaching) return output.stream("stdout", `${attaching}\n`);
  const database = await shown(() => findDatabase(connection));
  const { limit } = options;
  const run: QueryOptions = { signal, names, startLine, ...(limit !== undefined && { limit }) };
  if (options.persist !== undefined) return persist(database, options.persist, query, options, { signal, names });
  const shortcut = shortcutOf(query);
  const template = shortcut ? fromShortcut(database, shortcut) : query;
  if (options.stream) return streamQuery(database, template, run);
  // What few queries need loads when one needs it.
  if (options["dry-run"]) return (await import("./dry-run.ts")).dryRun(database, template, run, output);
  if (options.into !== undefined) return (await import("./into.ts")).writeInto(database, template, options.into, run);
  if (options.bench !== undefined)
    return (await import("./bench.ts")).benchQuery(database, template, { ...run, runs: options.bench });
  if (options.explain || options.analyze)
    return (await import("./explain.ts")).explainQuery(database, template, {
      ...run,
      analyze: options.analyze ?? false,
    });
  const table = await runQuery(database, template, run);
  if (shortcut?.table === undefined || table?.numRows !== 0) return table;
  const list = connection === undefined ? "%sql tables" : `%sql ${connection} tables`;
  throw new MagicError("sql", `there is no table ${shortcut.table}. \`${list}\` lists them`);
}

/** Attaches or detaches, where the word is a connection's name; says what can be done now. */
async function attachCall(query: Template): Promise<string | undefined> {
  const call = attachOf(query);
  if (!call) return undefined;
  const { attach, detach } = await import("./attach.ts");
  const { name, as = name } = call;
  if (call.verb === "detach") return detach(name) ? `${name} is detached` : undefined;
  await attach(name, { as });
  return `tables of ${name} can be read as ${as}.TABLE or ${as}.SCHEMA.TABLE`;
}

/** `--persist NAME [[as] TABLE]`: writes the rows of a variable. */
async function persist(
  database: SqlDatabase,
  variable: string,
  { strings, values }: Template,
  { mode, key }: SqlCall["options"],
  { signal, names }: { readonly signal: AbortSignal; readonly names: Names },
): Promise<unknown> {
  const path = tableOf(strings[0]!, variable);
  if (values.length > 0 || !path)
    throw new MagicError(
      "sql",
      '--persist takes a variable and a table: `%sql --persist rows as orders`, or a name in quotes, as "my orders"',
    );
  if (!names.has(variable)) {
    const nearest = findNearest(
      variable,
      [...names.entries()].map(({ name }) => name),
    );
    const hint = nearest === undefined ? "Run the cell that declares it first" : `Did you mean ${nearest}?`;
    throw new MagicError("sql", `there is no variable ${variable}. ${hint}`);
  }
  const { writeTable } = await import("./write.ts");
  const options = {
    ...(mode !== undefined && { mode: mode as WriteMode }),
    ...(key && { key }),
    ...(path.length > 1 && { schema: path.slice(0, -1).join(".") }),
  };
  return writeTable(database, names.get(variable), path.at(-1)!, options, signal);
}

const named =
  /^\s*(?:(?:as|into)\s+)?((?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|[^\s"'`.;]+)(?:\.(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|[^\s"'`.;]+))*)\s*;?\s*$/i;

/** The parts of a table's name, which may be quoted; the variable's where there is none. Undefined where it is no name. */
function tableOf(text: string, variable: string): string[] | undefined {
  if (/^[\s;]*$/.test(text)) return [variable];
  const [, name] = named.exec(text) ?? [];
  return name
    ?.match(/"(?:[^"]|"")+"|`(?:[^`]|``)+`|[^.]+/g)
    ?.map((part) => (/^["`]/.test(part) ? part.slice(1, -1).replaceAll(part[0]!.repeat(2), part[0]!) : part));
}

/** The query that `tables` and `columns` stand for. */
function fromShortcut({ engine }: SqlDatabase, shortcut: NonNullable<ReturnType<typeof shortcutOf>>): Template {
  const { dialect } = engine;
  if (shortcut.of === "tables") return { strings: [dialect.tables], values: [] };
  if (shortcut.table === undefined) return { strings: [dialect.columns], values: [] };
  return { strings: [dialect.describe(shortcut.table.split(".").map(dialect.quote).join("."))], values: [] };
}
