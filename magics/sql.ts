import { type MagicContext, type Magic, type MagicCall } from "./magic.ts";
import { type SqlCall, checkOptions, readCall } from "./sql/call.ts";

export { sql } from "./sql/handle.ts";

/** `%sql` and `%%sql` run SQL on the notebook's DuckDB, or on the database of a connection. */
export const sqlMagic: Magic = {
  name: "sql",
  summary:
    "%sql [CONNECTION] [OPTIONS] SQL  run SQL (%%sql the cell) on DuckDB or a connection; the result is an Arrow table",
  line: "template",
  cell: "template",
  arrow: true,
  takes: {
    options: {
      "--limit": [],
      "--stream": "flag",
      "--timeout": [],
      "--dry-run": "flag",
      "--explain": "flag",
      "--analyze": "flag",
      "--bench": [],
      "--into": "file",
      "--persist": [],
      "--mode": ["create", "append", "replace", "upsert"],
      "--key": [],
    },
    language: "sql",
  },
  help: `Runs SQL on the notebook's own in-memory DuckDB, or on the database of a connection (\`%connect\`). The result is an Arrow \`Table\`, of the last statement that has one.

\`\`\`
%%sql cars <<
select origin, count(*) n from 'data/cars.csv' group by origin
\`\`\`
\`\`\`ts
%sql select * from cars where origin = :origin       // a notebook variable, bound
%sql select * from cars where n > \${limit * 2}        // an expression, bound
const top = %sql --limit 5 from cars order by n desc
%sql shop select * from orders                       // on the connection "shop"
%sql tables                                          // %sql columns, %sql schema cars: columns
%sql shop --persist cars as cars_2026                // the rows of a variable, into a table
%sql attach shop                                     // then: %sql select * from shop.orders join cars …
\`\`\`

- \`:name\` and \`\${…}\` are bound, never pasted. An array after \`in (…)\` becomes its items.
- A table in a variable (Arrow, an array of row objects, a danfo.js frame) can be queried by its name.
- DuckDB's dates and times without end show as \`infinity\` and \`-infinity\`; the Arrow value is the type's largest integer or its negative.
- CSV, JSON and Parquet files are read by path from the working directory: \`from 'data/cars.csv'\`.
- A connection has one session for the notebook: settings, temporary tables and transactions last from cell to cell.

| option | does |
| --- | --- |
| \`--limit N\` | fetches the first N rows only |
| \`--stream\` | gives an async iterable of record batches, in a session of its own, which does not see temporary tables |
| \`--timeout 30s\` | cancels the query after so long |
| \`--dry-run\` | shows what would run, with its values, and lets the database check it |
| \`--into FILE\` | writes the rows to a file as they come: .parquet, .csv, .json, .ndjson, .arrow |
| \`--explain\` | shows the plan as a tree |
| \`--analyze\` | runs it and shows the plan with measured rows and times; what it changes is undone |
| \`--bench N\` | runs it N times and gives the least, median and 95th percentile of its times; what it changes is undone |
| \`--persist NAME [as TABLE]\` | writes the rows of a variable to a table, all or none |
| \`--mode M\` | of that: create (the default), append, replace or upsert |
| \`--key A,B\` | of that: the primary key of a new table, and what upsert looks for |

The same in code, with \`sql.id(name)\` to quote a name and \`sql.cast(value, type)\` to say a value's type:

\`\`\`ts
const some = await sql\`select * from \${cars} where n in (\${[1, 2]})\`
const db = await connect("shop")
await db.transaction(async (tx) => { await tx.sql\`update …\` })
await db.write(cars, "cars", { mode: "upsert", key: "id" })    // a table, rows, a stream, another connection's query
comparePlans(await db.explain(query), await db.explain(query)) // db.bench, db.pages, db.into, shards
\`\`\``,
  async run(call, context) {
    const read = await readCall(sqlMagic, call);
    checkOptions(read);
    const { timeoutMs } = read.options;
    if (timeoutMs === undefined) return runCall(read, call, context);
    const { withTimeout } = await import("./sql/timeout.ts");
    return withTimeout(context.signal, timeoutMs, (signal) => runCall(read, call, { ...context, signal }));
  },
};

async function runCall(read: SqlCall, { startLine }: MagicCall, context: MagicContext): Promise<unknown> {
  const { runCall: run } = await import("./sql/commands.ts");
  return run(read, startLine, context);
}
