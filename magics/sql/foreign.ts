import { MagicError } from "../magic.ts";
import { attachedAs } from "./attach.ts";
import type { SqlDatabase } from "./database.ts";
import { findDatabase, notebookDatabase } from "./databases.ts";
import type { SqlSession } from "./engine.ts";
import { openStatement } from "./open-statement.ts";
import type { Statement } from "./query-text.ts";
import type { RowStream } from "./open-rows.ts";
import {
  type Replacement,
  type TableUse,
  findQualifiers,
  findTables,
  namesUsed,
  replacePieces,
} from "./find-tables.ts";
import { dropTemporary, loadTemporary } from "./temporary-table.ts";
import { findTable } from "./write-check.ts";

/** A statement of which no table is elsewhere any more, and what drops the copies after it. */
export interface Local<S> {
  readonly statement: S;
  drop(): Promise<void>;
}

/** Files that the notebook's DuckDB reads for databases that cannot. */
const filePattern = /\.(?:parquet|csv|tsv|json|jsonl|ndjson)(?:\.(?:gz|zst))?$/i;

/** A table or file that another database reads. */
interface Foreign {
  readonly use: TableUse;
  readonly database: SqlDatabase;
  /** Its name for people. */
  readonly label: string;
  /** Its name as SQL, for that database. */
  readonly table: string;
  /** Its name in the statement. */
  readonly alias: string;
}

/**
 * Copies the tables of other connections and the files that a statement reads into temporary tables of its session, and
 * makes it read those. `rows` false copies none of their rows: enough to check the statement.
 */
export async function bringHere<S extends Statement>(
  database: SqlDatabase,
  session: SqlSession,
  statement: S,
  { signal, rows = true }: { readonly signal: AbortSignal; readonly rows?: boolean },
): Promise<Local<S>> {
  const found = await findForeign(database, statement.sql);
  if (found.length === 0) return { statement, drop: async () => {} };
  const { dialect } = database.engine;
  const loaded = new Map<string, string>();
  const drop = async (): Promise<void> => {
    for (const table of loaded.values()) await dropTemporary(database.engine, session, table);
  };
  const replacements: Replacement[] = [];
  try {
    for (const foreign of found) {
      const { use, label, alias } = foreign;
      const used = namesUsed(statement.sql, dialect.syntax, [alias]);
      const key = `${foreign.database.target.name} ${foreign.table}`;
      const table =
        loaded.get(key) ??
        (await loadTemporary(database, session, await openForeign(foreign, used, { signal, rows }), { label, signal }));
      loaded.set(key, table);
      const named = use.alias === undefined ? ` as ${dialect.quote(alias)}` : "";
      replacements.push({ start: use.start, end: use.end, text: `${table}${named}` });
      if (use.path)
        for (const place of findQualifiers(statement.sql, dialect.syntax, use.path))
          replacements.push({ ...place, text: dialect.quote(alias) });
    }
  } catch (error) {
    await drop();
    throw error;
  }
  return { statement: replaceIn(statement, replacements), drop };
}

/** Makes a statement read another relation in the place of a table's name. */
export function renameTable<S extends Statement>(
  database: SqlDatabase,
  statement: S,
  name: string,
  relation: string,
): S {
  const { syntax, quote } = database.engine.dialect;
  const uses = findTables(statement.sql, syntax).filter(
    ({ use, path }) => use === "reads" && path?.length === 1 && path[0]!.toLowerCase() === name.toLowerCase(),
  );
  return replaceIn(
    statement,
    uses.map(({ start, end, alias }) => ({
      start,
      end,
      text: alias === undefined ? `${relation} as ${quote(name)}` : relation,
    })),
  );
}

function replaceIn<S extends Statement>(statement: S, replacements: readonly Replacement[]): S {
  const unique = [...new Map(replacements.map((each) => [each.start, each])).values()];
  const { sql, before } = replacePieces(statement.sql, unique);
  return { ...statement, sql, place: (offset: number) => statement.place(before(offset)) };
}

async function findForeign(database: SqlDatabase, sql: string): Promise<Foreign[]> {
  const { dialect, title } = database.engine;
  const found: Foreign[] = [];
  for (const use of findTables(sql, dialect.syntax)) {
    const [first, ...rest] = use.path ?? [];
    const connection = first === undefined || rest.length === 0 ? undefined : attachedAs(first);
    if (connection !== undefined && connection !== database.target.name) {
      const label = use.path!.join(".");
      if (use.use === "changes")
        throw new MagicError(
          "sql",
          `${label} is of the attached connection ${connection}, which can only be read here. Run the statement there, as with %sql ${connection}, or write rows by (await connect("${connection}")).write(rows, "${rest.at(-1)}")`,
        );
      if (/^\s*create\s(?:.*\s)?(?:view|macro)\s/is.test(sql.slice(0, use.start)))
        throw new MagicError(
          "sql",
          `a view cannot read ${label}, which is read anew by each query. Make a table of it: create table … as select …`,
        );
      const other = await findDatabase(connection);
      const table = rest.map(other.engine.dialect.quote).join(".");
      found.push({ use, database: other, label, table, alias: use.alias ?? rest.at(-1)! });
    } else if (use.file !== undefined && use.use === "reads" && title !== "DuckDB" && filePattern.test(use.file)) {
      const name = use.file.split(/[/\\]/).at(-1)!.replace(filePattern, "");
      const table = `'${use.file.replaceAll("'", "''")}'`;
      found.push({ use, database: notebookDatabase(), label: use.file, table, alias: use.alias ?? name });
    }
  }
  return found;
}

async function openForeign(
  foreign: Foreign,
  used: ReadonlySet<string> | undefined,
  { signal, rows }: { readonly signal: AbortSignal; readonly rows: boolean },
): Promise<RowStream> {
  const columns = await columnsOf(foreign, used, signal);
  const sql = `select ${columns} from ${foreign.table}${rows ? "" : " where 1 = 0"}`;
  return openStatement(foreign.database, { sql, values: [] }, signal);
}

/** The columns that a statement needs of a table, as SQL. */
async function columnsOf(
  { database, table, label }: Foreign,
  used: ReadonlySet<string> | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { quote } = database.engine.dialect;
  return database.separate(signal, async (session) => {
    const columns = await findTable(database, session, table, signal);
    if (!columns)
      throw new MagicError("sql", `there is no table ${label}. \`%sql ${database.target.name} tables\` lists them`);
    if (!used) return "*";
    const needed = columns.filter(({ name }) => used.has(name.toLowerCase()));
    // Counting rows needs one column.
    return (needed.length > 0 ? needed : columns.slice(0, 1)).map(({ name }) => quote(name)).join(", ");
  });
}
