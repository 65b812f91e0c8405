import type { System } from "./system.ts";

/** What differs between the SQL systems. */
interface Sql {
  readonly title: string;
  readonly recipe?: string;
  fileUrl?(folder: string): string;
  readonly hasTls?: boolean;
  readonly types: { readonly text: string; readonly bytes: string };
  /** A query for the numbers 0 to 199,999 as `i`. */
  readonly numbers: string;
  readonly endless: string;
  /** A query for the ids of the sessions in which that runs. */
  readonly sessions?: string;
  /** The statement that ends one of them. */
  readonly kill?: (id: string) => string;
  readonly refuses?: NonNullable<System["refuses"]>;
  readonly badPassword: RegExp;
}

/** Describes an SQL system in the contract's terms. */
function sqlSystem({ title, types, numbers, endless, sessions, kill, badPassword, ...rest }: Sql): System {
  return {
    title,
    ...rest,
    setup: `
import { connect } from "typhoon-kernel";
const db = await connect("main");
const other = await connect("other");
await db.sql\`create table echoes(id int, t ${types.text}, b ${types.bytes})\`;
await db.sql\`create table counted(n int)\`;
let last = 0;
async function echo(value: string | Uint8Array): Promise<unknown> {
  const id = ++last;
  const isText = typeof value === "string";
  await db.sql\`insert into echoes values (\${id}, \${isText ? value : null}, \${isText ? null : value})\`;
  const found = await db.sql\`select t, b from echoes where id = \${id}\`;
  return isText ? textIn(found.getChild("t")!.data[0]!) : found.getChild("b")!.get(0);
}
// apache-arrow's own getter leaves out a byte order mark at a text's beginning.
function textIn({ values, valueOffsets }: { values: Uint8Array; valueOffsets: Int32Array }): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(values.subarray(valueOffsets[0], valueOffsets[1]));
}
const first = (table: import("apache-arrow").Table) => Number(table.getChildAt(0)!.get(0));
const count = async () => first(await db.sql\`select count(*) from counted\`);
const add = (n: number) => db.sql\`insert into counted values (\${n})\`;`,
    stream: { rows: 200_000, batches: `db.sql\`${numbers}\`.stream()` },
    endless: `%%sql main\n${endless}`,
    running: sessions === undefined ? "0" : `(await other.sql\`${sessions}\`).numRows`,
    ...(sessions !== undefined &&
      kill && {
        kill: `for (const { id } of (await other.sql\`${sessions}\`).toArray()) await other.sql\`${kill("${id}")}\`;`,
      }),
    transaction: {
      begin: (work) => `await db.transaction(async (tx) => { ${work} })`,
      add: "await tx.sql`insert into counted values (1)`;",
      endless: `await tx.sql\`${endless}\`;`,
    },
    wrong: {
      cell: "%%sql main\nselect 1 as a;\nselect 2 from\n  nowhere_to_be_found",
      says: /^LINE 4: {3}nowhere_to_be_found\n {10}\^/m,
    },
    says: { badPassword },
    use: (connection) => `%sql ${connection} select 1`,
  };
}

/** The SQL systems. */
export const sqlSystems: readonly System[] = [
  sqlSystem({
    title: "DuckDB",
    fileUrl: (folder) => `duckdb:${folder}/contract.duckdb`,
    types: { text: "varchar", bytes: "blob" },
    numbers: "select range as i from range(200000)",
    endless: "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range % 7 = 3",
    badPassword: /never/,
  }),
  sqlSystem({
    title: "SQLite",
    fileUrl: (folder) => `sqlite:${folder}/contract.sqlite`,
    types: { text: "text", bytes: "blob" },
    numbers:
      "with recursive numbers(i) as (select 0 union all select i + 1 from numbers where i < 199999) select i from numbers",
    endless:
      "with recursive numbers(i) as (select 0 union all select i + 1 from numbers) select count(*) from numbers where i % 7 = 9",
    badPassword: /never/,
  }),
  sqlSystem({
    title: "PostgreSQL",
    recipe: "postgres",
    hasTls: true,
    types: { text: "text", bytes: "bytea" },
    numbers: "select i from generate_series(0, 199999) t(i)",
    endless: "select pg_sleep(120)",
    sessions:
      "select pid as id from pg_stat_activity where query like '%pg_sleep(120)%' and state = 'active' and pid <> pg_backend_pid()",
    kill: (id) => `select pg_terminate_backend(${id})`,
    refuses: { text: (value) => value.includes("\0"), says: "NUL" },
    badPassword: /password/i,
  }),
  sqlSystem({
    title: "MariaDB",
    recipe: "mysql",
    hasTls: true,
    types: { text: "longtext character set utf8mb4", bytes: "longblob" },
    numbers: "select seq as i from seq_0_to_199999",
    endless: "select sleep(120)",
    sessions:
      "select id from information_schema.processlist where info like '%sleep(120)%' and command <> 'Sleep' and id <> connection_id()",
    kill: (id) => `kill \${sql.raw(String(${id.slice(2, -1)}))}`,
    badPassword: /password/i,
  }),
];
