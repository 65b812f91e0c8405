import * as arrow from "apache-arrow";
import { describe, expect, test } from "vitest";
import { createDecoder } from "../../../magics/columnar/arrow.ts";
import { type Batch, type ColumnData, batchBuffers } from "../../../magics/columnar/columnar.ts";
import { openRows } from "../../../magics/sql/open-rows.ts";

/** Sends rows through batches and back. */
async function roundTrip(rows: unknown): Promise<{ table: arrow.Table; batches: Batch[] }> {
  const { columns, batches } = await openRows(rows);
  const all = await Array.fromAsync(batches);
  const decoder = createDecoder(arrow, columns);
  return {
    table: new arrow.Table(
      decoder.schema,
      all.map((batch) => decoder.decode(batch)),
    ),
    batches: all,
  };
}

const values = (table: arrow.Table, name = "v"): unknown[] => [...table.getChild(name)!];
const one = (vector: arrow.Vector): arrow.Table => new arrow.Table({ v: vector });

describe("types keep their values", () => {
  const cases: Record<string, [arrow.Vector, string, unknown[]?]> = {
    bool: [arrow.vectorFromArray([true, null, false, true], new arrow.Bool()), "Bool"],
    int8: [arrow.vectorFromArray([-128, null, 127], new arrow.Int8()), "Int8"],
    uint64: [arrow.vectorFromArray([2n ** 64n - 1n, null, 0n], new arrow.Uint64()), "Uint64"],
    float16: [arrow.vectorFromArray([1.5, null, -65504], new arrow.Float16()), "Float32"],
    float64: [arrow.vectorFromArray([Number.NaN, null, -0, 5e-324, Number.POSITIVE_INFINITY]), "Float64"],
    utf8: [arrow.vectorFromArray(["", null, "a'b\0", "🦆"], new arrow.Utf8()), "Utf8"],
    largeUtf8: [arrow.vectorFromArray(["x", null, "🦆"], new arrow.LargeUtf8()), "Utf8"],
    largeBinary: [arrow.vectorFromArray([new Uint8Array([0, 255]), null], new arrow.LargeBinary()), "Binary"],
    fixedBinary: [
      arrow.vectorFromArray([new Uint8Array([1, 2]), null, new Uint8Array([3, 4])], new arrow.FixedSizeBinary(2)),
      "Binary",
    ],
    dictionary: [
      arrow.vectorFromArray(["a", null, "b", "a"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
      "Utf8",
    ],
    dateMs: [
      arrow.vectorFromArray([new Date("2024-02-29"), null, new Date("1900-01-01")], new arrow.DateMillisecond()),
      "Date32<DAY>",
    ],
    dateMsWithGarbageAtNulls: [
      arrow.makeVector({
        type: new arrow.DateMillisecond(),
        data: BigInt64Array.of(86_400_000n, 123n, 0n),
        nullBitmap: Uint8Array.of(0b101),
        nullCount: 1,
        length: 3,
      }),
      "Date32<DAY>",
    ],
    dateMsWithTime: [
      arrow.vectorFromArray([new Date("2024-02-29T12:34:56.789Z"), null], new arrow.DateMillisecond()),
      "Timestamp<MILLISECOND>",
      [Date.UTC(2024, 1, 29, 12, 34, 56, 789), null],
    ],
    timeS: [
      arrow.vectorFromArray([1, null, 86_399], new arrow.TimeSecond()),
      "Time64<MICROSECOND>",
      [1_000_000n, null, 86_399_000_000n],
    ],
    timeMs: [arrow.vectorFromArray([1, null], new arrow.TimeMillisecond()), "Time64<MICROSECOND>", [1000n, null]],
    timestampUtc: [
      arrow.vectorFromArray([0, null, 1e12], new arrow.TimestampMillisecond("UTC")),
      "Timestamp<MILLISECOND, UTC>",
    ],
    list: [
      arrow.vectorFromArray([[1, 2], null, [], [3]], new arrow.List(new arrow.Field("item", new arrow.Int32(), true))),
      "List<Int32>",
    ],
    struct: [
      arrow.vectorFromArray(
        [{ a: 1, b: "x" }, null, { a: 2, b: null }],
        new arrow.Struct([new arrow.Field("a", new arrow.Int32(), true), new arrow.Field("b", new arrow.Utf8(), true)]),
      ),
      "Struct<{a:Int32, b:Utf8}>",
    ],
  };
  test.each(Object.entries(cases))(
    "%s, also as a part that begins within a byte",
    async (_, [vector, type, expected]) => {
      const wanted = expected ?? [...vector];
      const { table } = await roundTrip(one(vector));
      expect(String(table.schema.fields[0]!.type)).toBe(type);
      expect(JSON.stringify(values(table), exact)).toBe(JSON.stringify(wanted, exact));
      const part = await roundTrip(one(vector).slice(1));
      expect(JSON.stringify(values(part.table), exact)).toBe(JSON.stringify(wanted.slice(1), exact));
    },
  );
});

/** Tells apart what JSON does not. */
function exact(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
    ? `#${Object.is(value, -0) ? "-0" : value}`
    : value;
}

test("a duration is an interval, a decimal keeps its digits", async () => {
  const duration = await roundTrip(one(arrow.vectorFromArray([1500n, null], new arrow.DurationMillisecond())));
  expect(String(duration.table.schema.fields[0]!.type)).toContain("Interval");
  const words = (duration.batches[0]!.columns[0] as ColumnData).values!;
  expect(new BigInt64Array(words.slice().buffer)[1]).toBe(1_500_000_000n);
  const builder = arrow.makeBuilder({ type: new arrow.Decimal(2, 20, 128), nullValues: [null] });
  builder.append(Uint32Array.of(0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff));
  builder.append(null);
  const { table } = await roundTrip(one(builder.finish().toVector()));
  expect(String(table.schema.fields[0]!.type)).toBe("Decimal[20e+2]");
  expect(String(table.getChild("v")!.get(0))).toBe("-1");
});

test("every buffer has its exact size, so that it can go to another thread", async () => {
  const table = new arrow.Table({
    a: arrow.vectorFromArray(["one", null, "three"], new arrow.Utf8()),
    b: arrow.vectorFromArray([[1], [2, 3], null], new arrow.List(new arrow.Field("item", new arrow.Int32(), true))),
  }).slice(1);
  const { batches } = await roundTrip(table);
  const sizes = batchBuffers(batches[0]!).map(({ byteLength }) => byteLength);
  // Validity, bytes, offsets; validity, offsets; the items' values.
  expect(sizes).toEqual([1, 5, 12, 1, 12, 8]);
  expect(new Set(batchBuffers(batches[0]!)).size).toBe(sizes.length);
});

test("a large table comes in parts; rows of objects and streams are tables too", async () => {
  const { batches, table } = await roundTrip(
    arrow.tableFromArrays({ v: Int32Array.from({ length: 150_000 }, (_, i) => i) }),
  );
  expect(batches.map(({ length }) => length)).toEqual([65_536, 65_536, 18_928]);
  expect(table.getChild("v")!.get(149_999)).toBe(149_999);
  expect(values((await roundTrip([{ v: 1 }, { v: null }, {}])).table)).toEqual([1, null, null]);
  async function* stream(): AsyncGenerator<arrow.Table> {
    for (const n of [1, 2]) yield arrow.tableFromArrays({ v: Int32Array.of(n) });
  }
  expect(values((await roundTrip(stream())).table)).toEqual([1, 2]);
  expect(values((await roundTrip({ shape: [2, 1], columns: ["v"], values: [[7], [8]] })).table)).toEqual([7, 8]);
});

test("dictionaries that differ from batch to batch are spelled out", async () => {
  const type = () => new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 1);
  const parts = [
    ["a", "b"],
    ["c", null],
  ].map((texts) => one(arrow.vectorFromArray(texts, type())));
  expect(values((await roundTrip(parts.flatMap(({ batches }) => batches))).table)).toEqual(["a", "b", "c", null]);
});

test.each([
  [7, /7 is no table\. Give an Arrow table/],
  [[], /an empty array has no columns/],
  [[1, 2], /an array of rows holds plain objects/],
  [new Map(), /a stream has ended without a batch|the stream has ended/],
  [[{ a: 1 }, { a: "x" }], /"a".*more than one kind/s],
])("%j says what to give instead", async (rows, message) => {
  await expect(openRows(rows)).rejects.toThrow(message);
});

test("a type without an exact form is an error that names the column", async () => {
  const table = new arrow.Table({
    big: arrow.makeVector(arrow.makeData({ type: new arrow.Decimal(0, 60, 256), data: new Uint32Array(8) })),
  });
  await expect(openRows(table)).rejects.toThrow(/the column "big" has the Arrow type Decimal.*38 digits/s);
});
