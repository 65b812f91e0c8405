import type { System } from "./system.ts";

/** What differs between the SQL systems. */
interface Sql {
  readonly title: string;
  readonly recipe?: string;
  fileUrl?(folder: string): string;
  readonly hasTls?: boolean;
  readonly types: { readonly text: string; readonly bytes: string };
  /** Expressions of each type's extremes, and what is to come of each: the Arrow type and the value. */
  readonly extremes: Readonly<Record<string, string>>;
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
function sqlSystem({ title, types, extremes, numbers, endless, sessions, kill, badPassword, ...rest }: Sql): System {
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
    types: {
      cell: `
const text = (value: unknown): string =>
  ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex") : String(value);
const shown = (table: import("apache-arrow").Table) =>
  \`\${table.schema.fields[0]!.type} \${text(valueOf(table.getChildAt(0)!))}\`;
// apache-arrow rounds times and timestamps to milliseconds.
const valueOf = (vector: import("apache-arrow").Vector): unknown => {
  const raw = vector.data[0]!.values as unknown;
  return raw instanceof BigInt64Array && vector.isValid(0) ? raw[0] : vector.get(0);
};
const found: string[] = [];
for (const [i, expression] of ${JSON.stringify(Object.keys(extremes))}.entries()) {
  const made = await db.sql\`select \${db.sql.raw(expression)} as v\`;
  await db.write(made, \`typed_\${i}\`);
  const back = await db.sql\`select v from \${db.sql.id(\`typed_\${i}\`)}\`;
  found.push(\`\${expression}: \${shown(made)}\${shown(back) === shown(made) ? "" : \` became \${shown(back)}\`}\`);
}
return found.join("\\n");`,
      result: Object.entries(extremes)
        .map(([expression, shown]) => `${expression}: ${shown}`)
        .join("\n"),
    },
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
    extremes: {
      "9223372036854775807::bigint": "Int64 9223372036854775807",
      "'-170141183460469231731687303715884105728'::hugeint": "Decimal[38e0] 00000000000000000000000000000080",
      "18446744073709551615::ubigint": "Uint64 18446744073709551615",
      "'-99999999999999999999999999999999999.999'::decimal(38,3)": "Decimal[38e+3] 01000000c0dd75f6853b79a557b3c4b4",
      "'1.7976931348623157e308'::double": "Float64 1.7976931348623157e+308",
      "'NaN'::double": "Float64 NaN",
      true: "Bool true",
      "null::integer": "Int32 null",
      "'a😀'": "Utf8 a😀",
      "'\\x00\\xFF'::blob": "Binary 00ff",
      "date '5877642-06-25 (BC)'": "Date32<DAY> -185542587014400000",
      "timestamp '294247-01-10 04:00:54.775806'": "Timestamp<MICROSECOND> 9223372036854775806",
      "timestamptz '2024-03-31 01:30:00+02'": "Timestamp<MICROSECOND, UTC> 1711841400000000",
      "time '23:59:59.999999'": "Time64<MICROSECOND> 86399999999",
      "interval '1 month 2 days 3 microseconds'": "Interval<MONTH_DAY_NANO> 0100000002000000b80b000000000000",
      "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid": "Utf8 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      "[1, null, 3]": "List<Int32> [1,,3]",
      "{'a': 1, 'b': 'x'}": 'Struct<{a:Int32, b:Utf8}> {"a": 1, "b": "x"}',
    },
    numbers: "select range as i from range(200000)",
    endless: "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range % 7 = 3",
    badPassword: /never/,
  }),
  sqlSystem({
    title: "SQLite",
    fileUrl: (folder) => `sqlite:${folder}/contract.sqlite`,
    types: { text: "text", bytes: "blob" },
    extremes: {
      "9223372036854775807": "Int64 9223372036854775807",
      "-9223372036854775808": "Int64 -9223372036854775808",
      "1.7976931348623157e308": "Float64 1.7976931348623157e+308",
      "'a😀'": "Utf8 a😀",
      "x'00ff'": "Binary 00ff",
    },
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
    extremes: {
      "9223372036854775807::int8": "Int64 9223372036854775807",
      "(-32768)::int2": "Int16 -32768",
      "'-99999999999999999999999999999999999.999'::numeric(38,3)": "Decimal[38e+3] 01000000c0dd75f6853b79a557b3c4b4",
      "'NaN'::numeric": "Utf8 NaN",
      "'1.7976931348623157e308'::float8": "Float64 1.7976931348623157e+308",
      "'-Infinity'::float4": "Float32 -Infinity",
      true: "Bool true",
      "null::int4": "Int32 null",
      "'a😀'::text": "Utf8 a😀",
      "'\\x00ff'::bytea": "Binary 00ff",
      "date '5874897-12-31'": "Date32<DAY> 185331706992000000",
      "date '4713-01-01 BC'": "Date32<DAY> -210863520000000",
      "timestamp '294247-01-10 04:00:54.775806'": "Timestamp<MICROSECOND> 9223372036854775806",
      "timestamptz '2024-03-31 01:30:00+02'": "Timestamp<MICROSECOND, UTC> 1711841400000000",
      "time '23:59:59.999999'": "Time64<MICROSECOND> 86399999999",
      "interval '1 month 2 days 3 microseconds'": "Interval<MONTH_DAY_NANO> 0100000002000000b80b000000000000",
      "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid": "Utf8 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      "'{\"a\": 12345678901234567890}'::jsonb": 'Utf8 {"a": 12345678901234567890}',
      "array[1, null, 3]": "List<Int32> [1,,3]",
    },
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
    extremes: {
      "9223372036854775807": "Int64 9223372036854775807",
      "18446744073709551615": "Uint64 18446744073709551615",
      "cast('-99999999999999999999999999999999999.999' as decimal(38,3))":
        "Decimal[38e+3] 01000000c0dd75f6853b79a557b3c4b4",
      "1.7976931348623157e308": "Float64 1.7976931348623157e+308",
      "'a😀'": "Utf8 a😀",
      "x'00ff'": "Binary 00ff",
      "date '9999-12-31'": "Date32<DAY> 253402214400000",
      "timestamp '9999-12-31 23:59:59.999999'": "Timestamp<MICROSECOND> 253402300799999999",
      "time '23:59:59.999999'": "Time64<MICROSECOND> 86399999999",
      "json_object('a', 1)": 'Utf8 {"a": 1}',
    },
    numbers: "select seq as i from seq_0_to_199999",
    endless: "select sleep(120)",
    sessions:
      "select id from information_schema.processlist where info like '%sleep(120)%' and command <> 'Sleep' and id <> connection_id()",
    kill: (id) => `kill \${sql.raw(String(${id.slice(2, -1)}))}`,
    badPassword: /password/i,
  }),
];
