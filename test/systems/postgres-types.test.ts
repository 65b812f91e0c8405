import { beforeAll, expect, test } from "vitest";
import { from, never, withDatabase } from "./postgres-session.ts";

const { run, session, another } = withDatabase();

/** A value as it is written in SQL, and as it comes back where that differs. */
type Value = string | readonly [written: string, read: string];

/** For each type: the kind of its column, and values with the extremes. */
const types: Readonly<Record<string, readonly [kind: string, ...values: Value[]]>> = {
  bool: ["bool", ["true", "t"], ["false", "f"]],
  smallint: ["int16", "-32768", "-1", "0", "32767"],
  integer: ["int32", "-2147483648", "-1", "0", "2147483647"],
  bigint: ["int64", "-9223372036854775808", "-1", "4294967296", "9223372036854775807"],
  real: ["float32", "-0", "1.5", ["NaN", "NaN"], "Infinity", "-Infinity", ["3.4028235e38", "3.4028234663852886e+38"]],
  "double precision": [
    "float64",
    "-0",
    "0.1",
    "NaN",
    "Infinity",
    "-Infinity",
    ["1.7976931348623157e308", "1.7976931348623157e+308"],
    "5e-324",
  ],
  "numeric(38, 10)": [
    "decimal(38,10)",
    "1.5000000000",
    "-0.0000000001",
    "9999999999999999999999999999.9999999999",
    "-9999999999999999999999999999.9999999999",
    "0.0000000000",
  ],
  "numeric(15, 0)": ["decimal(15,0)", "999999999999999", "-999999999999999", "10000", "0"],
  "numeric(16, 2)": ["decimal(16,2)", "90071992547409.93", "-90071992547409.93", "99999999999999.99", "0.01"],
  "numeric(9, 9)": ["decimal(9,9)", "0.123456789", "-0.000000001"],
  "numeric(50, 2)": ["utf8", "999999999999999999999999999999999999999999999999.99", "0.01", "NaN"],
  numeric: [
    "utf8",
    "0",
    "1.50",
    "-0.00001",
    "10000",
    "100000000",
    "1000000.0001",
    "12345678901234567890123456789012345678901234567890.00000000000000000001",
    "NaN",
    "Infinity",
    "-Infinity",
  ],
  money: ["decimal(19,2)", ["-92233720368547758.08", "-92233720368547758.08"], "92233720368547758.07", "0.01"],
  text: ["utf8", "", "héllo 😀", "a\tb\nc\\d'e\"", "\\N"],
  "varchar(10)": ["utf8", "", "abc"],
  "char(5)": ["utf8", ["ab", "ab   "]],
  '"char"': ["utf8", "x"],
  name: ["utf8", "some_name"],
  bytea: ["binary", "\\x", "\\x00ff5c27"],
  date: [
    "date",
    "4713-01-01 BC",
    "0001-12-31 BC",
    "0001-01-01",
    "1969-12-31",
    "2000-02-29",
    "9999-12-31",
    "5874897-12-31",
    "infinity",
    "-infinity",
  ],
  time: ["time", ["00:00:00", "00:00:00.000000"], "23:59:59.999999", ["24:00:00", "24:00:00.000000"]],
  timetz: ["utf8", "00:00:00+00", "23:59:59.999999-15:59:59", "12:30:00.5+05:30"],
  timestamp: [
    "timestamp",
    ["4713-01-01 00:00:00 BC", "4713-01-01 00:00:00.000000 BC"],
    "1969-12-31 23:59:59.999999",
    ["2000-01-01 00:00:00", "2000-01-01 00:00:00.000000"],
    ["294246-12-31 23:59:59.999999", "294246-12-31 23:59:59.999999"],
    "infinity",
    "-infinity",
  ],
  timestamptz: [
    "timestamp UTC",
    ["4713-01-01 00:00:00+00 BC", "4713-01-01 00:00:00.000000Z BC"],
    ["2024-03-31 02:30:00.000001+02", "2024-03-31 00:30:00.000001Z"],
    "infinity",
    "-infinity",
  ],
  interval: [
    "interval",
    ["1 year 2 mons 3 days 04:05:06.789", "14 mons 3 days 14706789000.000 microseconds"],
    ["-178000000 years", "-2136000000 mons 0 days 0.000 microseconds"],
    ["2562047:47:16.854775", "0 mons 0 days 9223372036854775.000 microseconds"],
    ["-1 microseconds", "0 mons 0 days -1.000 microseconds"],
  ],
  uuid: [
    "utf8",
    "00000000-0000-0000-0000-000000000000",
    "0123abcd-ef01-2345-6789-abcdefabcdef",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
  ],
  json: ["utf8", '{"b": 1,  "a": [1, null, "x"]}', "null", '"é"'],
  jsonb: ["utf8", ['{"b":1,"a":[1.0,null]}', '{"a": [1.0, null], "b": 1}'], "null"],
  xml: ["utf8", "<a>é</a>"],
  inet: ["utf8", "192.168.0.1", "10.0.0.0/8", "::1", "2001:db8::ff00:42:8329", "::ffff:1.2.3.4", "::", "fe80::1/64"],
  cidr: ["utf8", "192.168.0.0/24", "::/0", "10.1.2.3/32", "2001:db8::/32"],
  macaddr: ["utf8", "08:00:2b:01:02:03"],
  macaddr8: ["utf8", "08:00:2b:01:02:03:04:05"],
  "bit(5)": ["utf8", "00000", "10101"],
  varbit: ["utf8", "", "1", "101010101", "11111111"],
  oid: ["uint32", "0", "4294967295"],
  xid8: ["uint64", "0", "18446744073709551615"],
  mood: ["enum", "sad", "so so", "happy 😀"],
  positive: ["int32", "1", "2147483647"],
  amount: ["decimal(6,2)", "1234.50", "0.00"],
  point: ["struct", ["(1.5,-2)", '{"x":1.5,"y":-2}']],
  pair: [
    "struct",
    ['(1,"a b",,)', '{"n":1,"t":"a b","m":null,"p":null}'],
    ["(,,sad,3.50)", '{"n":null,"t":null,"m":"sad","p":3.50}'],
  ],
  "integer[]": ["list", "{1,NULL,-2147483648}", "{}"],
  "text[]": ["list", ['{a,"b c",NULL,"NULL","q\\"\\\\"}', '{"a","b c",NULL,"NULL","q\\"\\\\"}'], "{}"],
  "numeric(6, 2)[]": ["list", ["{1.50,NULL}", '{"1.50",NULL}']],
  "date[]": ["list", ["{2024-01-01}", '{"2024-01-01"}']],
  "mood[]": ["list", ["{sad,NULL}", '{"sad",NULL}']],
  "inet[]": ["list", ["{::1,10.0.0.0/8}", '{"::1","10.0.0.0/8"}']],
  int4range: [
    "struct",
    ["[1,5)", '{"lower":1,"upper":5,"lower_inc":true,"upper_inc":false,"isempty":false}'],
    ["empty", '{"lower":null,"upper":null,"lower_inc":false,"upper_inc":false,"isempty":true}'],
    ["(,5)", '{"lower":null,"upper":5,"lower_inc":false,"upper_inc":false,"isempty":false}'],
  ],
  tstzrange: [
    "struct",
    [
      "[2024-01-01 00:00:00+00,)",
      '{"lower":"2024-01-01 00:00:00.000000Z","upper":null,"lower_inc":true,"upper_inc":false,"isempty":false}',
    ],
  ],
  int8multirange: [
    "list",
    [
      "{[1,2),[5,7)}",
      '{"{\\"lower\\":1,\\"upper\\":2,\\"lower_inc\\":true,\\"upper_inc\\":false,\\"isempty\\":false}","{\\"lower\\":5,\\"upper\\":7,\\"lower_inc\\":true,\\"upper_inc\\":false,\\"isempty\\":false}"}',
    ],
    "{}",
  ],
  tsvector: ["utf8", "'a':1 'cat':2"],
  tsquery: ["utf8", "'a' & 'b'"],
  box: ["utf8", "(2,2),(0,0)"],
  circle: ["utf8", "<(1,2),3>"],
  path: ["utf8", "((0,0),(1,1))"],
  pg_lsn: ["utf8", "16/B374D848"],
  regclass: ["utf8", "pg_class"],
  jsonpath: ["utf8", '$."a"'],
};

beforeAll(async () => {
  await run("create type mood as enum ('sad', 'so so', 'happy 😀')");
  await run("create domain positive as integer check (value > 0)");
  await run("create domain amount as numeric(6, 2)");
  await run("create type pair as (n integer, t text, m mood, p numeric(4, 2))");
});

function kindOf(type: Awaited<ReturnType<typeof run>>["columns"][number]["type"]): string {
  if (type.kind === "int") return `${type.signed ? "" : "u"}int${type.bits}`;
  if (type.kind === "float") return `float${type.bits}`;
  if (type.kind === "decimal") return `decimal(${type.precision},${type.scale})`;
  return type.kind === "timestamp" && type.timezone !== undefined ? `timestamp ${type.timezone}` : type.kind;
}

// What a struct came from, and columns that have no text of their own, are not written back.
const isReadOnly = /^(?:point|pair|.*range)$/;

test.for(Object.entries(types))("%s is read, and written, exactly", async ([type, [kind, ...values]]) => {
  const written = values.map((value) => (typeof value === "string" ? value : value[0]));
  const expected = [null, ...values.map((value) => (typeof value === "string" ? value : value[1])), null];
  const select = `select (v::text)::${type} as v from unnest($1::text[]) with ordinality u(v, i) order by i`;
  const found = await run(select, [[null, ...written, null]]);
  expect(found.columns.map((column) => kindOf(column.type))).toEqual([kind]);
  expect(found.rows.map(([value]) => value)).toEqual(expected);
  if (isReadOnly.test(type)) return;
  await run("drop table if exists written");
  await run(`create table written (v ${type})`);
  const count = await session().insert("written", found.columns, from(found.batches), never);
  expect(count).toBe(expected.length);
  const back = await run("select v from written");
  expect(back.rows.map(([value]) => value)).toEqual(expected);
});

test("arrays of several dimensions are lists in lists; a change of their number is told", async () => {
  const { columns, rows } = await run("select * from (values (null::int[]), ('{}'), ('{{1,2},{3,NULL}}')) t(a)");
  expect(columns[0]!.type).toMatchObject({
    kind: "list",
    child: { type: { kind: "list", child: { type: { kind: "int" } } } },
  });
  expect(rows.map(([value]) => value)).toEqual([null, "{}", "{{1,2},{3,NULL}}"]);
  await expect(run("select * from (values ('{1}'::int[]), ('{{1}}')) t(a)")).rejects.toThrow(
    /column a: an array has 2 dimensions and one before it 1; cast the column/,
  );
});

test("records have the columns of the first one", async () => {
  const { rows, columns } = await run("select row(1, 'a'::text, null::date) r");
  expect(columns[0]!.type).toMatchObject({
    kind: "struct",
    children: [{ name: "f1" }, { name: "f2" }, { name: "f3" }],
  });
  expect(rows).toEqual([['{"f1":1,"f2":"a","f3":null}']]);
});

test("what Arrow cannot hold is told with a cast that helps, and the session goes on", async () => {
  await expect(run("select 'NaN'::numeric(5, 2) as n")).rejects.toMatchObject({
    name: "DataException",
    message: expect.stringMatching(/^column n: a numeric is NaN.*x::text/),
  });
  await expect(run("select '294276-12-31'::timestamp as late")).rejects.toThrow(/column late: .*294247/);
  await expect(run("select interval '2562047788 hours' as i")).rejects.toThrow(/column i: .*292 years/);
  expect((await run("select 1")).rows).toEqual([["1"]]);
});

test("a label that an enum got after it was looked up is told, and known from then on", async () => {
  const other = await another();
  await run("create type size as enum ('s')");
  await run("select 's'::size", [], other);
  await run("alter type size add value 'm'");
  await expect(run("select 'm'::size", [], other)).rejects.toThrow(/new label.*again/);
  expect((await run("select 'm'::size", [], other)).rows).toEqual([["m"]]);
});

test("void is null, and a result without columns has rows", async () => {
  expect((await run("select pg_sleep(0) as v")).columns).toEqual([{ name: "v", type: { kind: "null" } }]);
  expect((await run("select from generate_series(1, 3)")).batches.map(({ length }) => length)).toEqual([3]);
});
