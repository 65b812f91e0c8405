import { expect, test } from "vitest";
import { createWriter } from "../../magics/columnar/column-writers.ts";
import type { Batch, Column, ColumnType } from "../../magics/columnar/columnar.ts";
import { mysql } from "../../magics/sql/mysql/engine.ts";
import { never, openSession, run } from "./mysql-session.ts";
import { withServer } from "./servers.ts";

const server = withServer("mysql");
const int = (bits: 8 | 16 | 32 | 64, signed = true): ColumnType => ({ kind: "int", bits, signed });
const decimal = (precision: number, scale: number): ColumnType => ({ kind: "decimal", precision, scale });
const text: ColumnType = { kind: "utf8" };
const bytes: ColumnType = { kind: "binary" };
const datetime = { kind: "timestamp", unit: "microsecond" } as const;
const item = (type: ColumnType): Column => ({ name: "item", type });
const day = 86_400_000_000n;

/** Every type of MySQL and MariaDB: its extremes as literals, and what they are in Arrow. */
const served: [declared: string, type: ColumnType, literals: string[], values: unknown[]][] = [
  ["tinyint", int(8), ["-128", "127"], [-128, 127]],
  ["tinyint unsigned", int(8, false), ["0", "255"], [0, 255]],
  ["boolean", int(8), ["true", "false"], [1, 0]],
  ["smallint", int(16), ["-32768", "32767"], [-32_768, 32_767]],
  ["smallint unsigned", int(16, false), ["65535"], [65_535]],
  ["mediumint", int(32), ["-8388608", "8388607"], [-8_388_608, 8_388_607]],
  ["mediumint unsigned", int(32, false), ["16777215"], [16_777_215]],
  ["int", int(32), ["-2147483648", "2147483647"], [-2_147_483_648, 2_147_483_647]],
  ["int unsigned", int(32, false), ["4294967295"], [4_294_967_295]],
  ["bigint", int(64), ["-9223372036854775808", "9223372036854775807"], [-(2n ** 63n), 2n ** 63n - 1n]],
  ["bigint unsigned", int(64, false), ["0", "18446744073709551615"], [0n, 2n ** 64n - 1n]],
  ["year", int(16, false), ["1901", "2155", "0000"], [1901, 2155, 0]],
  ["float", { kind: "float", bits: 32 }, ["0.1", "-3.4028234e38"], [Math.fround(0.1), Math.fround(-3.4028234e38)]],
  [
    "double",
    { kind: "float", bits: 64 },
    ["0.1", "-1.7976931348623157e308", "2.2250738585072014e-308"],
    [0.1, -Number.MAX_VALUE, 2.2250738585072014e-308],
  ],
  ["decimal(5,2)", decimal(5, 2), ["-999.99", "0.01", "0"], [-99_999n, 1n, 0n]],
  ["decimal(18,0) unsigned", decimal(18, 0), ["999999999999999999"], [999_999_999_999_999_999n]],
  [
    "decimal(38,30)",
    decimal(38, 30),
    [`-${"9".repeat(8)}.${"9".repeat(30)}`, `0.${"0".repeat(29)}1`],
    [-(10n ** 38n - 1n), 1n],
  ],
  ["decimal(65,30)", text, [`-${"9".repeat(35)}.${"9".repeat(30)}`], [`-${"9".repeat(35)}.${"9".repeat(30)}`]],
  ["bit(1)", { kind: "bool" }, ["1", "0"], [true, false]],
  ["bit(64)", int(64, false), ["18446744073709551615", "1"], [2n ** 64n - 1n, 1n]],
  [
    "date",
    { kind: "date" },
    ["'1000-01-01'", "'9999-12-31'", "'1970-01-01'", "'2024-02-29'"],
    [-354_285, 2_932_896, 0, 19_782],
  ],
  [
    "datetime",
    datetime,
    ["'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"],
    [-354_285n * day, 2_932_897n * day - 1_000_000n],
  ],
  [
    "datetime(6)",
    datetime,
    ["'1969-12-31 23:59:59.999999'", "'9999-12-31 23:59:59.999999'"],
    [-1n, 2_932_897n * day - 1n],
  ],
  [
    "timestamp(6) null",
    { ...datetime, timezone: "UTC" },
    ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'"],
    [1_000_000n, 2n ** 31n * 1_000_000n - 1n],
  ],
  ["time(6)", { kind: "time", unit: "microsecond" }, ["'00:00:00'", "'23:59:59.999999'"], [0n, day - 1n]],
  [
    "time(6)",
    text,
    ["'-838:59:59'", "'838:59:58.999999'", "'10:00:00'"],
    ["-838:59:59", "838:59:58.999999", "10:00:00"],
  ],
  ["char(3)", text, ["'abc'", "''"], ["abc", ""]],
  ["varchar(20) character set latin1", text, ["'é'"], ["é"]],
  ["longtext", text, ["concat('😀', repeat('x', 70000), char(0))"], [`😀${"x".repeat(70_000)}\0`]],
  ["binary(3)", bytes, ["x'00'"], [Uint8Array.of(0, 0, 0)]],
  ["varbinary(5)", bytes, ["x'00ff'", "''"], [Uint8Array.of(0, 255), Uint8Array.of()]],
  ["longblob", bytes, ["x'00ff00'"], [Uint8Array.of(0, 255, 0)]],
  ["enum('a', 'b''c', 'é')", { kind: "enum", bits: 8, values: ["a", "b'c", "é", ""] }, ["'é'", "'b''c'"], [2, 1]],
  ["set('a','b','c')", text, ["'a,c'", "''"], ["a,c", ""]],
  ["json", text, [`'{"a": [1, 2.50, "é"]}'`], ['{"a": [1, 2.50, "é"]}']],
  [
    "point",
    bytes,
    ["point(1, -2)"],
    [Uint8Array.from(Buffer.from("0101000000000000000000f03f00000000000000c0", "hex"))],
  ],
];

test.each(served)("reads %s", async (declared, type, literals, values) => {
  const session = await openSession(server.url);
  await run(session, `create temporary table t(v ${declared}, n int) character set utf8mb4`);
  const rows = [...literals, "null"].map((literal, i) => `(${literal}, ${i})`);
  await run(session, `insert into t values ${rows.join(", ")}`);
  const read = await run(session, "select v from t order by n");
  expect(read.columns).toEqual([{ name: "v", type }]);
  expect(read.values[0]).toEqual([...values, null]);
});

test("dates that no calendar has are nulls, and are counted", async () => {
  const session = await openSession(server.url);
  await run(session, "set sql_mode = ''");
  await run(session, "create temporary table t(d date, m datetime)");
  await run(session, "insert into t values ('0000-00-00', '0000-00-00'), ('2024-00-10', '2024-01-01 10:00:00')");
  const { values, notices } = await run(session, "select * from t");
  expect(values).toEqual([
    [null, null],
    [null, 1_704_103_200_000_000n],
  ]);
  expect(notices).toEqual([
    "2 zero dates of the column d became NULL; cast(d as char) shows them",
    "1 zero date of the column m became NULL; cast(m as char) shows them",
  ]);
});

test("a long time after thousands of short ones is an error that says what to write", async () => {
  const session = await openSession(server.url);
  const sql = "select sec_to_time(if(seq = 5000, 100000, seq)) as t from seq_1_to_6000";
  await expect(run(session, sql)).rejects.toMatchObject({
    name: "MixedColumn",
    hint: "Read it as text: cast(t as char)",
  });
  expect((await run(session, "select 1 as a")).rows).toEqual([{ a: 1 }]);
});

test("the values of enums are those of now, also in temporary tables and after the table has changed", async () => {
  const session = await openSession(server.url);
  await run(session, "create temporary table t(e enum('a', 'b'))");
  await run(session, "insert into t values ('b')");
  expect((await run(session, "select e from t")).rows).toEqual([{ e: "b" }]);
  await run(session, "alter table t modify e enum('c', 'b', 'a')");
  await run(session, "insert into t values ('c')");
  expect((await run(session, "select e from t order by e")).rows).toEqual([{ e: "c" }, { e: "b" }]);
});

/** Every Arrow type: what is written, and what it is read back as where MySQL has no such. */
const written: [type: ColumnType, values: unknown[], expected?: unknown[], readAs?: ColumnType][] = [
  [{ kind: "null" }, [null], [null], int(32)],
  [{ kind: "bool" }, [true, false]],
  [int(8), [-128, 127]],
  [int(16, false), [65_535]],
  [int(32), [-(2 ** 31), 2 ** 31 - 1]],
  [int(64), [-(2n ** 63n), 2n ** 63n - 1n]],
  [int(64, false), [2n ** 64n - 1n]],
  [{ kind: "float", bits: 32 }, [Math.fround(0.1), Math.fround(1e38)]],
  [{ kind: "float", bits: 64 }, [0.1, 5e-324, -Number.MAX_VALUE]],
  [decimal(38, 10), [-(10n ** 38n - 1n), 1n]],
  [decimal(38, 38), [1n], [`0.${"0".repeat(37)}1`], text],
  [text, ["", "a\0b", "'; drop table t; -- \\", "😀", "x".repeat(100_000)]],
  [bytes, [Uint8Array.of(), Uint8Array.of(0, 255)]],
  [{ kind: "date" }, [-354_285, 0, 2_932_896]],
  [{ kind: "time", unit: "microsecond" }, [0n, day - 1n]],
  [{ kind: "time", unit: "nanosecond" }, [1n], ["00:00:00.000000001"], text],
  [datetime, [-354_285n * day, 2_932_897n * day - 1n]],
  [{ kind: "timestamp", unit: "second", timezone: "UTC" }, [1n], [1_000_000n], datetime],
  [{ kind: "timestamp", unit: "nanosecond" }, [-1n], ["1969-12-31 23:59:59.999999999"], text],
  [
    { kind: "enum", bits: 8, values: ["a", "b\\'\n"] },
    [1, 0],
    [1, 0],
    { kind: "enum", bits: 8, values: ["a", "b\\'\n", ""] },
  ],
  [{ kind: "interval" }, [[1, -2, 3n]], ['{"months":1,"days":-2,"nanoseconds":3}'], text],
  [{ kind: "list", child: item(int(64)) }, [[2n ** 62n, null], []], ["[4611686018427387904,null]", "[]"], text],
  [{ kind: "struct", children: [{ name: 'b"', type: text }] }, [["x'\n"]], ['{"b\\"":"x\'\\n"}'], text],
  [{ kind: "map", key: item(text), value: item({ kind: "bool" }) }, [[["k", true]]], ['{"k":true}'], text],
];

function batchOf(columns: readonly Column[], values: readonly unknown[]): Batch {
  const data = columns.map(({ type }) => {
    const writer = createWriter(type);
    for (const value of values) writer.push(value);
    return writer.finish();
  });
  return { length: values.length, columns: data };
}

async function* repeat(batch: Batch, times: number): AsyncGenerator<Batch> {
  for (let i = 0; i < times; i++) yield batch;
}

test.each(written)("writes and reads %o", async (type, values, expected = values, readAs = type) => {
  const session = await openSession(server.url);
  const { typeName, quote } = mysql.dialect;
  const columns = [{ name: "the `column`", type }];
  await run(
    session,
    `create temporary table t(${quote("the `column`")} ${typeName(type)}, n int auto_increment primary key)`,
  );
  const withNull = [...values, null];
  expect(await session.insert("t", columns, repeat(batchOf(columns, withNull), 2), never)).toBe(2 * withNull.length);
  const read = await run(session, `select ${quote("the `column`")} from t order by n`);
  expect(read.columns[0]!.type).toEqual(readAs);
  expect(read.values[0]).toEqual([...expected, null, ...expected, null]);
});

test("inserts more than fits one statement, and rows beyond the server's packets in smaller ones", async () => {
  const session = await openSession(server.url);
  await run(session, "create temporary table t(n int, v longtext)");
  const columns = [
    { name: "n", type: int(32) },
    { name: "v", type: text },
  ];
  const numbers = createWriter(int(32));
  const texts = createWriter(text);
  let size = 0;
  for (let i = 0; i < 20_000; i++) {
    const value = i % 1000 === 0 ? "x".repeat(2_000_000) : String(i);
    size += value.length;
    numbers.push(i);
    texts.push(value);
  }
  const batch = { length: 20_000, columns: [numbers.finish(), texts.finish()] };
  expect(await session.insert("t", columns, repeat(batch, 1), never)).toBe(20_000);
  const { rows } = await run(session, "select count(distinct n) as n, cast(sum(length(v)) as signed) as size from t");
  expect(rows).toEqual([{ n: 20_000n, size: BigInt(size) }]);
});
