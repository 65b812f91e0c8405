import { usageError, wholeNumber } from "./arguments.ts";
import { type Magic, type MagicCall, type Template } from "./magic.ts";
import { quoteName } from "./sql/relations.ts";

export { sql } from "./sql/tag.ts";

/** `%sql` and `%%sql` run SQL on the notebook's DuckDB. */
export const sqlMagic: Magic = {
  name: "sql",
  summary: "%sql [--limit N] [--stream] SQL  run SQL (%%sql the cell) on DuckDB; the result is an Arrow table",
  line: "template",
  cell: "template",
  arrow: true,
  takes: { options: { "--limit": [], "--stream": "flag" }, language: "sql" },
  help: `Runs SQL on the notebook's own in-memory DuckDB. The result is an Arrow \`Table\`, of the last statement that has one.

\`\`\`
%%sql cars <<
select origin, count(*) n from 'data/cars.csv' group by origin
\`\`\`
\`\`\`ts
%sql select * from cars where origin = :origin       // a notebook variable, bound
%sql select * from cars where n > \${limit * 2}        // an expression, bound
const top = %sql --limit 5 from cars order by n desc
%sql tables                                          // %sql schema cars: its columns
\`\`\`

- \`:name\` and \`\${…}\` are bound, never pasted. An array after \`in (…)\` becomes its items.
- A table in a variable (Arrow, an array of row objects, a danfo.js frame) can be queried by its name.
- DuckDB's dates and times without end show as \`infinity\` and \`-infinity\`; the Arrow value is the type's largest integer or its negative.
- CSV, JSON and Parquet files are read by path from the working directory: \`from 'data/cars.csv'\`.
- \`--limit N\` fetches the first N rows only. \`--stream\` gives an async iterable of record batches; it runs on a connection
  of its own, which does not see temporary tables.

The same in code, with \`sql.id(name)\` to quote a name:

\`\`\`ts
const some = await sql\`select * from \${cars} where n in (\${[1, 2]})\`
\`\`\``,
  async run(call, { signal, names }) {
    const { options, query } = readCall(call);
    const run = {
      signal,
      names,
      startLine: call.startLine,
      ...(options.limit !== undefined && { limit: options.limit }),
    };
    const { runQuery, streamQuery } = await import("./sql/session.ts");
    if (options.stream) return streamQuery(query, run);
    return runQuery(query, run);
  },
};

interface Options {
  readonly limit?: number;
  readonly stream: boolean;
}

function readCall({ form, line, body }: MagicCall): { options: Options; query: Template } {
  const { options, rest } = readOptions(line);
  if (form === "line") return { options, query: shortcut(rest) ?? rest };
  const [word] = rest.strings[0]!.trim().split(/\s/);
  if (word || rest.values.length > 0)
    throw usageError(sqlMagic, `nothing to do with "${word}"; the SQL begins on the next line`);
  return { options, query: body ?? rest };
}

const option = /^\s*--([a-z][\w-]*)(?:(?:=|\s+)(\d+))?(?=\s|$)/;

/** Reads the options before the SQL, which is left as it stands. */
function readOptions(line: Template): { options: Options; rest: Template } {
  let [text = "", ...more] = line.strings;
  let limit: number | undefined;
  let stream = false;
  for (let found = option.exec(text); found; found = option.exec(text)) {
    const [all, name, value] = found;
    if (name === "stream") {
      stream = true;
      text = text.slice(text.indexOf("--stream") + "--stream".length);
      continue;
    }
    if (name !== "limit") throw usageError(sqlMagic, `unknown option --${name}`);
    limit = wholeNumber(sqlMagic, "--limit", value ?? "");
    text = text.slice(all.length);
  }
  const options = { stream, ...(limit !== undefined && { limit }) };
  return { options, rest: { strings: [text, ...more], values: line.values } };
}

/** `tables` and `schema NAME` stand for the queries one would have to look up. */
function shortcut({ strings, values }: Template): Template | undefined {
  if (values.length > 0) return undefined;
  const [word = "", name, ...others] = strings[0]!.trim().split(/\s+/);
  if (others.length > 0) return undefined;
  if (word === "tables" && name === undefined) return { strings: [tables], values: [] };
  if ((word === "schema" || word === "columns") && name)
    return { strings: [`describe from ${name.split(".").map(quoteName).join(".")}`], values: [] };
  return undefined;
}

const tables = `select schema_name as schema, table_name as name, 'table' as kind, estimated_size as rows
from duckdb_tables() where database_name <> 'notebook' and not internal
union all select schema_name, view_name, 'view', null from duckdb_views() where database_name <> 'notebook' and not internal
order by 1, 2`;
