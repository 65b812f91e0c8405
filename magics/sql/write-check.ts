import { MagicError } from "../magic.ts";
import { findNearest } from "../nearest.ts";
import type { Column } from "../columnar/columnar.ts";
import type { SqlDatabase } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import type { SqlSession } from "./engine.ts";
import { isFailure } from "./failure.ts";
import { guardNames } from "./savepoint.ts";
import type { WriteMode } from "./write.ts";

/** Writes a path of names as SQL. */
export function quotePath(path: readonly string[], { quote }: Pick<Dialect, "quote">): string {
  return path.map(quote).join(".");
}

/** Reads the columns of a table, whose name is SQL; undefined where there is none. */
export async function findTable(
  { engine }: SqlDatabase,
  session: SqlSession,
  table: string,
  signal: AbortSignal,
): Promise<readonly Column[] | undefined> {
  const savepoint = await guardNames(engine.dialect, session, signal);
  let columns: readonly Column[];
  try {
    columns = await columnsOf(session, table, signal);
  } catch (error) {
    if (signal.aborted || !isFailure(error) || error.missingTable === undefined) throw error;
    await savepoint?.undo(signal);
    return undefined;
  }
  await savepoint?.release(signal);
  return columns;
}

async function columnsOf(session: SqlSession, table: string, signal: AbortSignal): Promise<readonly Column[]> {
  const { columns, batches } = await session.start({ sql: `select * from ${table} where 1 = 0`, values: [] }, signal);
  for await (const _ of batches);
  return columns;
}

/** What is to be written, and where. */
interface Match {
  readonly name: string;
  readonly mode: WriteMode;
  /** The columns of the rows. */
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly existing: readonly Column[] | undefined;
}

/** Checks columns against the table and gives them the table's names; errors name the column and the nearest one. */
export function matchColumns({ name, mode, columns, key, existing }: Match): readonly Column[] {
  if (columns.length === 0) throw fault("the rows have no columns. Give a table with at least one");
  const names = columns.map((column) => column.name);
  const twice = names.find((own, i) => names.findIndex((other) => same(own, other)) < i);
  if (twice !== undefined) throw fault(`two columns are named "${twice}". Rename one: names know no case in SQL`);
  for (const own of key)
    if (!names.some((other) => same(own, other))) throw fault(missing("the rows", own, names, "key"));
  if (mode === "upsert" && key.length === 0)
    throw fault('upsert looks rows up by a key. Say which columns are the key, as in { mode: "upsert", key: "id" }');
  if (mode === "append" && !existing)
    throw fault(`there is no table ${name} to append to. Leave the mode out to create it`);
  if (mode === "create" && existing)
    throw fault(`the table ${name} is there already. Give the mode append, replace or upsert, or another name`);
  if (mode === "create" || mode === "replace" || !existing) return columns;
  const theirs = existing.map((column) => column.name);
  return columns.map(({ name: own, type }) => {
    const found = theirs.find((other) => other === own) ?? theirs.find((other) => same(other, own));
    if (found === undefined) throw fault(missing(`the table ${name}`, own, theirs, "column"));
    return { name: found, type };
  });
}

/** Refuses names that the system would cut. */
export function checkNames({ engine }: SqlDatabase, names: readonly string[]): void {
  const most = engine.dialect.nameBytes ?? Infinity;
  for (const name of names) {
    const bytes = Buffer.byteLength(name);
    if (bytes > most)
      throw fault(`the name "${name}" has ${bytes} bytes, and ${engine.title} keeps ${most}. Give it a shorter one`);
  }
}

function missing(where: string, own: string, names: readonly string[], what: string): string {
  const nearest = findNearest(own, names);
  const hint = nearest === undefined ? `It has ${names.join(", ")}` : `Did you mean ${nearest}?`;
  return `${where} ${where === "the rows" ? "have" : "has"} no column "${own}"${what === "key" ? ", which is to be the key" : ""}. ${hint}`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function fault(message: string): MagicError {
  return new MagicError("sql", message);
}
