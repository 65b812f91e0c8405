import { DataType, type Table } from "apache-arrow";
import { afterAll, expect, test } from "vitest";
import { runQuery } from "../../../magics/sql/run.ts";
import { notebookDatabase } from "../../../magics/sql/databases.ts";
import { sql } from "../../../magics/sql/handle.ts";

afterAll(() => sql.close());

const query = async (text: string): Promise<Table> =>
  (await runQuery(
    notebookDatabase(),
    { strings: [text], values: [] },
    { signal: new AbortController().signal, startLine: 1 },
  ))!;

function column(table: Table, index = 0): unknown[] {
  const vector = table.getChildAt(index)!;
  return Array.from({ length: table.numRows }, (_, row) => vector.get(row) as unknown);
}

const sample = await query("from test_all_types()");
const names = sample.schema.fields.map(({ name }) => name);
const exact = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
/** Types that DuckDB has and Arrow has not: they come as text, and go back by a cast. */
const asText = new Set(["uhugeint", "bignum", "uuid", "bit", "time_tz"]);

test("the sample has every type, with least and greatest values and NULL", () => {
  expect(names.length).toBeGreaterThanOrEqual(56);
  expect(sample.numRows).toBe(3);
});

test.each(names)("%s comes out and goes back unchanged", async (name) => {
  const table = await query(`select "${name}" v from test_all_types()`);
  const type = (await query(`select typeof("${name}") t from test_all_types() limit 1`))
    .getChild("t")!
    .get(0) as string;
  // HUGEINT has a digit more than Arrow's decimals; GEOMETRY travels as its well-known binary.
  const back = name === "geometry" ? "v" : `v::${type}`;
  const there = name === "geometry" ? "st_aswkb(geometry)" : `"${name}"`;
  const returned = await sql`select ${sql.raw(back)}::varchar t from ${table}`;
  const original = await query(`select ${there}::varchar t from test_all_types()`);
  expect(column(returned)).toEqual(column(original));
});

test.each([...asText])("%s reads as DuckDB writes it", async (name) => {
  const table = await query(`select "${name}" v, "${name}"::varchar t from test_all_types()`);
  expect(column(table, 0)).toEqual(column(table, 1));
});

test.each([
  ["(-1)::bignum", "-1"],
  ["0::bignum", "0"],
  ["'-123456789012345678901234567890'::bignum", "-123456789012345678901234567890"],
  ["'12:30:00.5-03:30'::timetz", "12:30:00.5-03:30"],
  ["'00:00:00+00'::timetz", "00:00:00+00"],
  ["'0f8fad5b-d9cb-469f-a165-70867728950e'::uuid", "0f8fad5b-d9cb-469f-a165-70867728950e"],
  ["'101'::bit", "101"],
])("%s is %s", async (expression, text) => {
  expect(column(await query(`select ${expression} v`))).toEqual([text]);
});

test("integers, fractions and texts keep their least and greatest values", async () => {
  const table = await query(
    `select tinyint, bigint, ubigint, "double", "varchar", bool from test_all_types() where tinyint is not null`,
  );
  expect(table.toArray().map((row: { toArray(): unknown[] }) => row.toArray())).toEqual([
    [-128, -(2n ** 63n), 0n, -Number.MAX_VALUE, "🦆🦆🦆🦆🦆🦆", false],
    [127, 2n ** 63n - 1n, 2n ** 64n - 1n, Number.MAX_VALUE, "goo\0se", true],
  ]);
});

test("decimals keep all digits, whatever DuckDB stores them in", async () => {
  const table = await query(
    "select -9.9::decimal(2,1) a, -1.5::decimal(9,2) b, -2::decimal(18,0) c, -3::decimal(38,5) d",
  );
  const words = (row: number): bigint =>
    BigInt.asIntN(
      128,
      [...(table.getChildAt(row)!.get(0) as Uint32Array)].reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n),
    );
  expect([0, 1, 2, 3].map(words)).toEqual([-99n, -150n, -2n, -300_000n]);
});

test("an interval too long for nanoseconds is refused, not wrapped", async () => {
  await expect(query("select to_microseconds(9223372036854775807)")).rejects.toThrow("cast it in the query");
});

test("types: what a column of DuckDB is in Arrow", async () => {
  const table = await query(
    "select 1::hugeint a, now() b, 'x'::enum('x') c, [1] d, [1, 2]::int[2] e, map {'k': 1} f, interval 1 day g, null h, union_value(n := 1) i",
  );
  expect(table.schema.fields.map(({ type }) => String(type))).toEqual([
    "Decimal[38e0]",
    "Timestamp<MICROSECOND, UTC>",
    "Dictionary<Uint8, Utf8>",
    "List<Int32>",
    "FixedSizeList[2]<Int32>",
    "Map<{key:Utf8, value:Int32}>",
    "Interval<MONTH_DAY_NANO>",
    expect.stringMatching(/Null|Int32/),
    "Union<Int32>",
  ]);
  expect(DataType.isDictionary(table.schema.fields[2]!.type)).toBe(true);
});

test("nulls, short and long texts mixed over many batches are the texts that were there", async () => {
  const table =
    await query(`select case when i % 7 = 0 then null else repeat(chr(97 + (i % 26)::int), (i * 31 % 40)::int) end s,
    case when i % 3 = 0 then null else i end n, i % 2 = 0 b, case when i % 5 = 0 then null else [i, null, i + 1] end l
    from range(300000) t(i) where i % 11 <> 0`);
  const check = await sql`select count(*)::int total, count_if(
      s is distinct from case when i % 7 = 0 then null else repeat(chr(97 + (i % 26)::int), (i * 31 % 40)::int) end
      or n is distinct from case when i % 3 = 0 then null else i end or b is distinct from (i % 2 = 0)
      or l is distinct from case when i % 5 = 0 then null else [i, null, i + 1] end)::int wrong
    from (select *, (row_number() over () - 1) r from ${table}) positional join
         (select i from range(300000) t(i) where i % 11 <> 0)`;
  expect(check.get(0)!.toJSON()).toEqual({ total: table.numRows, wrong: 0 });
  expect(table.batches.length).toBeGreaterThan(1);
});

test("texts anywhere in memory are found: sorted, repeated, huge", async () => {
  await query(`create or replace temp table scattered as
    select i, case i % 3 when 0 then repeat('x', 5000 + (i % 100)::int) when 1 then 'one of few texts ' || i % 10 else 'text number ' || i end s
    from range(20000) t(i) order by hash(i)`);
  const table = await query("select i, s, md5(s) m from scattered order by hash(i * 7)");
  const wrong = await sql`select count(*)::int n from ${table} where md5(s) <> m`;
  expect(column(wrong)).toEqual([0]);
});

test("members of a null struct or array are null, and constants are laid out in full", async () => {
  const table = await query(
    `select case when i % 2 = 0 then {'a': 'a long constant text', 'b': i} end s, a
    from range(4) t(i) left join (values (1, ['x1', 'a text that is long']::varchar[2])) u(j, a) on i = j order by i`,
  );
  expect(table.toArray().map((row: unknown) => JSON.stringify(row, exact))).toEqual([
    '{"s":{"a":"a long constant text","b":"0"},"a":null}',
    '{"s":null,"a":["x1","a text that is long"]}',
    '{"s":{"a":"a long constant text","b":"2"},"a":null}',
    '{"s":null,"a":null}',
  ]);
});

test("sliced, empty and dictionary columns of Arrow can be queried", async () => {
  const table = await query(
    "select i, i % 3 = 0 b, 't' || i s, case when i % 4 = 0 then null else [i] end l, ('e' || i % 2)::enum('e0', 'e1') e from range(50) t(i)",
  );
  const slice = table.slice(13, 29);
  const text = "string_agg(concat_ws('|', i, b, s, l, e), ';' order by i)";
  const wanted = await query(
    `select ${text} t from (select i, i % 3 = 0 b, 't' || i s, case when i % 4 = 0 then null else [i] end l, 'e' || i % 2 e from range(13, 29) t(i))`,
  );
  expect(column(await sql`select ${sql.raw(text)} t from ${slice}`)).toEqual(column(wanted));
  expect(column(await sql`select count(*)::int n from ${await query("from test_all_types() limit 0")}`)).toEqual([0]);
});
