import * as arrow from "apache-arrow";
import { describe, expect, test } from "vitest";
import { isArrowTable } from "../../display/arrow-type.ts";
import { formatAt } from "../../display/arrow-value.ts";
import { arrowMime, tableBundle } from "../../display/table.ts";

// oxlint-disable-next-line no-underscore-dangle
const { Map_: MapType } = arrow;

function vector(type: arrow.DataType, values: readonly unknown[]): arrow.Vector {
  return arrow.vectorFromArray(values as never[], type as never);
}

function texts(column: arrow.Vector): (string | null)[] {
  return Array.from({ length: column.length }, (_, row) => formatAt(column as never, row));
}

function bigints(type: arrow.DataType, values: readonly bigint[]): arrow.Vector {
  const data = BigInt64Array.from(values);
  return new arrow.Vector([arrow.makeData({ type: type as arrow.Int64, data: data as never })]);
}

function field(name: string, type: arrow.DataType): arrow.Field {
  return new arrow.Field(name, type, true);
}

const min64 = -9223372036854775808n;
const max64 = 9223372036854775807n;

describe("values are written exactly", () => {
  test("integers of 64 bits", () => {
    expect(texts(vector(new arrow.Int64(), [max64, min64, null]))).toEqual([String(max64), String(min64), null]);
    expect(texts(vector(new arrow.Uint64(), [18446744073709551615n]))).toEqual(["18446744073709551615"]);
  });

  test("floats in the fewest digits of their precision", () => {
    expect(texts(vector(new arrow.Float32(), [0.1, -0, NaN, Infinity]))).toEqual(["0.1", "-0", "NaN", "Infinity"]);
    expect(texts(vector(new arrow.Float64(), [0.1, 1e300, null]))).toEqual(["0.1", "1e+300", null]);
    expect(texts(vector(new arrow.Float16(), [0.5, 65504]))).toEqual(["0.5", "65504"]);
  });

  test("decimals, negative and of negative scale", () => {
    const words = (value: bigint): number[] =>
      [0n, 32n, 64n, 96n].map((shift) => Number((value >> shift) & 0xffff_ffffn));
    const decimal = (scale: number, ...values: bigint[]): arrow.Vector =>
      new arrow.Vector([
        arrow.makeData({
          type: new arrow.Decimal(scale, 38, 128),
          length: values.length,
          data: Uint32Array.from(values.flatMap(words)),
        }),
      ]);
    expect(texts(decimal(2, 12345n, -5n, 0n))).toEqual(["123.45", "-0.05", "0.00"]);
    expect(texts(decimal(-3, 12n, -1n, 0n))).toEqual(["12000", "-1000", "0"]);
    expect(texts(decimal(0, -(10n ** 37n)))).toEqual([`-1${"0".repeat(37)}`]);
  });

  test("timestamps of each unit, with and without zone, also beyond Date's years", () => {
    expect(texts(bigints(new arrow.TimestampSecond(), [0n, -1n]))).toEqual([
      "1970-01-01 00:00:00",
      "1969-12-31 23:59:59",
    ]);
    expect(texts(bigints(new arrow.TimestampMillisecond("UTC"), [1n]))).toEqual(["1970-01-01 00:00:00.001Z"]);
    expect(texts(bigints(new arrow.TimestampMicrosecond("Europe/Berlin"), [1_720_000_000_000_001n]))).toEqual([
      "2024-07-03 11:46:40.000001+02:00",
    ]);
    expect(texts(bigints(new arrow.TimestampNanosecond(), [max64 - 1n]))).toEqual(["2262-04-11 23:47:16.854775806"]);
    expect(texts(bigints(new arrow.TimestampSecond("Nowhere/Land"), [0n]))).toEqual(["1970-01-01 00:00:00Z"]);
    expect(texts(bigints(new arrow.TimestampSecond("Asia/Tokyo"), [min64]))[0]).toBe("-292277022657-01-27 08:29:52Z");
  });

  test("dates, times and lengths of time", () => {
    expect(texts(vector(new arrow.DateDay(), [new Date("2024-02-29"), new Date("0001-01-01"), null]))).toEqual([
      "2024-02-29",
      "0001-01-01",
      null,
    ]);
    expect(texts(bigints(new arrow.DateMillisecond(), [86_400_000n, 1n]))).toEqual([
      "1970-01-02",
      "1970-01-01 00:00:00.001",
    ]);
    expect(texts(bigints(new arrow.TimeMicrosecond(), [86_399_999_999n]))).toEqual(["23:59:59.999999"]);
    expect(texts(vector(new arrow.TimeSecond(), [3661]))).toEqual(["01:01:01"]);
    expect(texts(bigints(new arrow.DurationMillisecond(), [-90_061_500n, 1n]))).toEqual([
      "-1 day 01:01:01.500",
      "00:00:00.001",
    ]);
  });

  test("intervals of each unit", () => {
    const interval = (type: arrow.DataType, data: Int32Array): arrow.Vector =>
      new arrow.Vector([arrow.makeData({ type: type as arrow.IntervalDayTime, length: 1, data })]);
    expect(texts(interval(new arrow.IntervalYearMonth(), Int32Array.of(14)))).toEqual(["1 year 2 months"]);
    expect(texts(interval(new arrow.IntervalDayTime(), Int32Array.of(3, 1500)))).toEqual(["3 days 00:00:01.500"]);
    expect(texts(interval(new arrow.IntervalMonthDayNano(), Int32Array.of(-1, 0, 7, 0)))).toEqual([
      "-1 month 00:00:00.000000007",
    ]);
    expect(texts(interval(new arrow.IntervalMonthDayNano(), Int32Array.of(0, 0, 0, 0)))).toEqual(["00:00:00"]);
  });

  test("bytes, truth values and nothing", () => {
    expect(texts(vector(new arrow.Binary(), [Uint8Array.of(0, 255), new Uint8Array(), null]))).toEqual([
      "0x00ff",
      "0x",
      null,
    ]);
    expect(texts(vector(new arrow.FixedSizeBinary(2), [Uint8Array.of(1, 2), null]))).toEqual(["0x0102", null]);
    expect(texts(vector(new arrow.Binary(), [new Uint8Array(1_000)]))[0]).toMatch(/^0x(?:00){32}… \(1000 bytes\)$/);
    expect(texts(vector(new arrow.Bool(), [true, false, null]).slice(1))).toEqual(["false", null]);
    expect(texts(vector(new arrow.Null(), [null]))).toEqual([null]);
  });

  test("nested lists, structs, maps and unions", () => {
    const strings = new arrow.List(field("item", new arrow.Utf8()));
    expect(texts(vector(new arrow.List(field("item", strings)), [[["a", null], []], null]))).toEqual([
      '[["a", null], []]',
      null,
    ]);
    const point = new arrow.Struct([field("x", new arrow.Int32()), field("name", new arrow.Utf8())]);
    expect(texts(vector(point, [{ x: 1, name: 'say "hi"' }, null]).slice(0, 1))).toEqual([
      String.raw`{x: 1, name: "say \"hi\""}`,
    ]);
    const entries = new arrow.Struct([field("key", new arrow.Utf8()), field("value", new arrow.Int32())]);
    expect(texts(vector(new MapType(field("entries", entries) as never), [new Map([["k", 1]])]))).toEqual(['{"k": 1}']);
    const fixed = new arrow.FixedSizeList(2, field("item", new arrow.Int32()));
    expect(
      texts(
        vector(fixed, [
          [1, 2],
          [3, 4],
        ]).slice(1),
      ),
    ).toEqual(["[3, 4]"]);
    const children = [vector(new arrow.Int32(), [7]), vector(new arrow.Utf8(), ["x"])] as const;
    const union = new arrow.DenseUnion([0, 1], [field("i", new arrow.Int32()), field("s", new arrow.Utf8())]);
    const data = arrow.makeData({
      type: union,
      length: 2,
      typeIds: Int8Array.of(1, 0),
      valueOffsets: Int32Array.of(0, 0),
      children: children.map(({ data: [chunk] }) => chunk!),
    });
    expect(texts(new arrow.Vector([data]))).toEqual(["x", "7"]);
  });

  test("a very long list stops", () => {
    const column = vector(new arrow.List(field("item", new arrow.Int32())), [
      Array.from({ length: 100_000 }, () => 12345),
    ]);
    expect(texts(column)[0]).toMatch(/… \d+ more\]$/);
    expect(texts(column)[0]?.length).toBeLessThan(1_200);
  });

  test("dictionaries, slices and several chunks", () => {
    const words = vector(new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), ["a", null, "b", "a"]);
    expect(texts(words.slice(1, 4))).toEqual([null, "b", "a"]);
    expect(texts(vector(new arrow.Utf8(), ["é"]).concat(vector(new arrow.Utf8(), ["日本", null])))).toEqual([
      "é",
      "日本",
      null,
    ]);
  });
});

describe("a table", () => {
  test("shows names, types, rows and its size, and carries an IPC stream", async () => {
    const table = arrow.tableFromArrays({ city: ["Ulm", "<b>Bonn</b>"], people: Int32Array.of(126_000, 331_000) });
    const { data, metadata } = await tableBundle(table);
    expect(data["text/plain"]).toBe(
      [
        "city              people",
        "Dictionary<Utf8>   Int32",
        "────────────────  ──────",
        "Ulm               126000",
        "<b>Bonn</b>       331000",
        "2 rows × 2",
      ].join("\n"),
    );
    expect(data["text/html"]).toContain('<td>&lt;b&gt;Bonn&lt;/b&gt;</td><td class="r">331000</td>');
    expect(data["text/html"]).not.toContain("<script");
    expect(metadata[arrowMime]).toEqual({ rows: 2, columns: 2 });
    const back = arrow.tableFromIPC(Buffer.from(String(data[arrowMime]), "base64"));
    expect(back.toArray().map(String)).toEqual(table.toArray().map(String));
  });

  test("of many rows shows the first and says how many there are", async () => {
    const table = arrow.tableFromArrays({ n: Int32Array.from({ length: 1_234_567 }, (_, row) => row) });
    const { data } = await tableBundle(table);
    expect(data["text/plain"]).toMatch(/ 19\n20 of 1,234,567 rows × 1$/);
    expect(arrow.tableFromIPC(Buffer.from(String(data[arrowMime]), "base64")).numRows).toBe(1_000);
  });

  test("that is wide and full of markup stays under 64 KB", async () => {
    const columns = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`c${at}`, Array.from({ length: 30 }, () => "&<".repeat(500))]),
    );
    const { data } = await tableBundle(arrow.tableFromArrays(columns) as never);
    expect(Buffer.byteLength(String(data["text/html"]))).toBeLessThanOrEqual(64 * 1024);
    expect(data["text/html"]).toMatch(/20 of 30 rows × \d+ of 200 columns/);
  });

  test("keeps columns of the same name apart", async () => {
    const [a, b] = [vector(new arrow.Int32(), [1]), vector(new arrow.Utf8(), ["x"])];
    const schema = new arrow.Schema([field("n", a.type), field("n", b.type)]);
    const struct = arrow.makeData({
      type: new arrow.Struct(schema.fields),
      length: 1,
      children: [a.data[0]!, b.data[0]!],
    });
    const { data } = await tableBundle(new arrow.RecordBatch(schema, struct) as never);
    expect(data["text/plain"]).toContain("    1  x\n");
  });

  test("without rows or columns says so", async () => {
    const empty = new arrow.Table(new arrow.Schema([field("a", new arrow.Int32())]));
    expect((await tableBundle(empty as never)).data["text/plain"]).toMatch(/0 rows × 1$/);
    const none = await tableBundle(new arrow.Table(new arrow.Schema([])) as never);
    expect(none.data["text/plain"]).toBe("0 rows × 0");
    expect(none.data[arrowMime]).toBeUndefined();
  });

  test("of another copy of apache-arrow is recognised by its shape, a record batch too", async () => {
    const table = arrow.tableFromArrays({ a: Int32Array.of(1) });
    expect(isArrowTable(table)).toBe(true);
    expect(isArrowTable({ numRows: 1 })).toBe(false);
    const { data } = await tableBundle(table.batches[0] as never);
    expect(arrow.tableFromIPC(Buffer.from(String(data[arrowMime]), "base64")).numRows).toBe(1);
  });
});
