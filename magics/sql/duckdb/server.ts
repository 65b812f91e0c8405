import type { Table } from "apache-arrow";
import { readOptions } from "../../connections/options.ts";
import type { Target } from "../../connections/target.ts";
import type { Arrow } from "../../columnar/arrow.ts";
import { type SqlEngine, SqlFailure, type SqlServer, type SqlSession } from "../engine.ts";
import { dialect } from "./dialect.ts";
import { parseException } from "./exception.ts";
import { DuckdbSession } from "./session.ts";
import { QueryThread } from "./thread.ts";

/** Catalog of the notebook's own tables; names that the database itself does not have are looked up here. */
const notebookCatalog = "notebook.main";

const setup = [
  // DuckDB's threads work ahead of ours by so much; with its default of 1 MB they often wait.
  "set streaming_buffer_size = '16MB'",
  "set TimeZone = 'UTC'",
  "set errors_as_json = true",
  "set enable_progress_bar = true",
  "set enable_progress_bar_print = false",
  "attach if not exists ':memory:' as notebook",
];

/** DuckDB, in a thread of this process. */
export const duckdb: SqlEngine = { title: "DuckDB", dialect, open: openServer };

/** A database in memory, or the file of a URL as `duckdb:data/shop.duckdb`. */
function openServer(target: Target): SqlServer {
  const thread = new QueryThread();
  const arrow: Promise<Arrow> = import("apache-arrow");
  const opened = openFile(thread, target);
  let admin: Promise<DuckdbSession> | undefined;
  opened.catch(() => {}); // told to whoever asks first

  async function connect(last: string): Promise<DuckdbSession> {
    const version = await opened;
    const connection = await thread.connect([...setup, last]);
    return new DuckdbSession(thread, connection, version, arrow);
  }

  const atNotebook = (): Promise<DuckdbSession> => (admin ??= connect(`use ${notebookCatalog}`));

  return {
    async connect(): Promise<SqlSession> {
      const session = await connect("select 1");
      const own = await session.readText("select current_database()");
      await session.readText(`set search_path = '${quoteText(`${dialect.quote(own)}.main,${notebookCatalog}`)}'`);
      return session;
    },
    close: () => thread[Symbol.asyncDispose](),
    relations: {
      catalog: notebookCatalog,
      load: async (name, table: Table) => (await atNotebook()).load(name, table, true),
      async alter(sql) {
        await (await atNotebook()).readText(sql);
      },
      /** `use` changes the search path of a connection: puts the notebook's tables behind it again. */
      async show(session) {
        const connection = session as DuckdbSession;
        const path = await connection.readText("select current_setting('search_path')");
        if (path.includes(notebookCatalog)) return;
        const all = [path, notebookCatalog].filter((part) => part !== "").join(",");
        await connection.readText(`set search_path = '${quoteText(all)}'`);
      },
    },
  };
}

async function openFile(thread: QueryThread, target: Target): Promise<string> {
  const path = readOptions(target).database;
  try {
    return await thread.call("open", { path: path === ":memory:" ? undefined : path });
  } catch (error) {
    const { exception_message: message } = parseException((error as Error).message);
    const hint = hints.find(([pattern]) => pattern.test(message))?.[1] ?? "Look at the path.";
    throw new SqlFailure("IOException", message, { hint, cause: error });
  }
}

/** What to do where a file cannot be opened, by what DuckDB says. */
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /not a valid DuckDB database/,
    "Files of rows are read by their names, as in `%sql from 'cars.csv'`; `%connect sqlite:FILE` opens SQLite's.",
  ],
  [/set lock/, "A file that another process has open for writing can be opened by nobody else. Close it there."],
  [/is a directory/i, "Give the path of a file in it."],
  [/no such file/i, "Make the folder first, or look at the path in the URL."],
  [/permission denied|not permitted/i, "Look at the permissions of the file and its folder."],
];

function quoteText(text: string): string {
  return text.replaceAll("'", "''");
}
