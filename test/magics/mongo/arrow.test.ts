import * as driver from "mongodb";
import type { Table } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { toTable, toBatches } from "../../../magics/mongo/arrow.ts";

const { BSON } = driver;
const { Decimal128, Double, Int32, Long } = BSON;

function raw(documents: readonly object[]): Uint8Array[] {
  return documents.map((document) => BSON.serialize(document));
}

function read(documents: readonly object[], schema?: unknown): Promise<Table> {
  return toTable([raw(documents)], { driver, schema });
}

/** The type and the values of a column. */
async function column(...values: readonly unknown[]): Promise<[string, ...unknown[]]> {
  const table = await read(values.map((v, i) => (v === missing ? { i } : { i, v })));
  const found = table.getChild("v")!;
  return [String(found.type), ...Array.from(found as Iterable<unknown>, plain)];
}

const missing = Symbol("missing");

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return [...value];
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON());
  return Array.isArray(value)
    ? value.map(plain)
    : Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
}

describe("an inferred type holds the values exactly", () => {
  test.each<[name: string, values: readonly unknown[], wanted: readonly unknown[]]>([
    ["int", [1, -(2 ** 31), 2 ** 31 - 1], ["Int32", 1, -(2 ** 31), 2 ** 31 - 1]],
    ["long", [Long.MAX_VALUE, Long.MIN_VALUE, 5n], ["Int64", 2n ** 63n - 1n, -(2n ** 63n), 5n]],
    ["int and long", [1, Long.fromNumber(2)], ["Int64", 1n, 2n]],
    [
      "double",
      [new Double(1), 0.1, Infinity, -0, Number.MIN_VALUE],
      ["Float64", 1, 0.1, Infinity, -0, Number.MIN_VALUE],
    ],
    ["int and double", [1, 0.5], ["Float64", 1, 0.5]],
    ["safe long and double", [Long.fromNumber(2 ** 53 - 1), 0.5], ["Float64", 2 ** 53 - 1, 0.5]],
    [
      "wide long and double",
      [Long.MAX_VALUE, 0.5],
      ["Utf8", '{"$numberLong":"9223372036854775807"}', '{"$numberDouble":"0.5"}'],
    ],
    ["bool", [true, false], ["Bool", true, false]],
    ["string", ["", "日本\0'", "😀"], ["Utf8", "", "日本\0'", "😀"]],
    ["string and int", ["a", 1], ["Utf8", '"a"', '{"$numberInt":"1"}']],
    ["ObjectId", [new BSON.ObjectId("507f1f77bcf86cd799439011")], ["Utf8", "507f1f77bcf86cd799439011"]],
    [
      "ObjectId and string",
      [new BSON.ObjectId("507f1f77bcf86cd799439011"), "x"],
      ["Utf8", '{"$oid":"507f1f77bcf86cd799439011"}', '"x"'],
    ],
    ["UUID", [new BSON.UUID("8c0f2f5e-1111-4222-8333-444455556666")], ["Utf8", "8c0f2f5e-1111-4222-8333-444455556666"]],
    ["binary", [Buffer.from([0, 255]), new BSON.Binary(Buffer.from([7]), 128)], ["Binary", [0, 255], [7]]],
    ["binary of the outdated subtype 2", [new BSON.Binary(Buffer.from([7, 8]), 2)], ["Binary", [7, 8]]],
    ["regex", [/a\/b/i], ["Utf8", "/a\\/b/i"]],
    ["code", [new BSON.Code("x => 1")], ["Utf8", "x => 1"]],
    ["code with scope", [new BSON.Code("x", { a: 1 })], ["Utf8", '{"$code":"x","$scope":{"a":{"$numberInt":"1"}}}']],
    ["MinKey and MaxKey", [new BSON.MinKey(), new BSON.MaxKey()], ["Utf8", "MinKey", "MaxKey"]],
    ["symbol", [new BSON.BSONSymbol("s"), "t"], ["Utf8", "s", "t"]],
    ["null, missing", [null, missing, 1], ["Int32", null, null, 1]],
    ["only nulls", [null, missing], ["Null", null, null]],
    [
      "server timestamp",
      [new BSON.Timestamp({ t: 4294967295, i: 7 })],
      ["Struct<{t:Uint32, i:Uint32}>", { t: 4294967295, i: 7 }],
    ],
    ["arrays", [[1, 2.5], [], null], ["List<Float64>", [1, 2.5], [], null]],
    ["empty arrays", [[]], ["List<Null>", []]],
    ["arrays of arrays", [[[1], null]], ["List<List<Int32>>", [[1], null]]],
    [
      "documents",
      [{ a: 1 }, { b: { c: "x" } }],
      ["Struct<{a:Int32, b:Struct<{c:Utf8}>}>", { a: 1, b: null }, { a: null, b: { c: "x" } }],
    ],
    ["empty documents", [{}], ["Utf8", "{}"]],
    ["document and array", [{ a: 1 }, [1]], ["Utf8", '{"a":{"$numberInt":"1"}}', '[{"$numberInt":"1"}]']],
    ["DBRef", [new BSON.DBRef("c", 1 as never)], ["Struct<{$ref:Utf8, $id:Int32}>", { $ref: "c", $id: 1 }]],
    [
      "decimals that are not finite",
      [Decimal128.fromString("NaN"), Decimal128.fromString("-Infinity"), Decimal128.fromString("1.50")],
      ["Utf8", "NaN", "-Infinity", "1.50"],
    ],
    [
      "decimals of too many digits",
      [Decimal128.fromString("1E+6000"), Decimal128.fromString("1")],
      ["Utf8", "1E+6000", "1"],
    ],
    [
      "decimal and double",
      [Decimal128.fromString("1.5"), 0.5],
      ["Utf8", '{"$numberDecimal":"1.5"}', '{"$numberDouble":"0.5"}'],
    ],
  ])("%s", async (_, values, wanted) => {
    expect(await column(...values)).toEqual(wanted);
  });

  test("dates, to the ends of BSON's", async () => {
    const ends = ["-9223372036854775808", "-62167219200001", "0", "253402300800000", "9223372036854775807"];
    const documents = ends.map((ms) => {
      const bytes = BSON.serialize({ v: new Date(0) });
      Buffer.from(bytes.buffer, bytes.byteOffset).writeBigInt64LE(BigInt(ms), 7);
      return bytes;
    });
    const table = await toTable([documents], { driver });
    expect(String(table.schema.fields[0]!.type)).toBe("Timestamp<MILLISECOND, UTC>");
    expect([...(table.getChild("v")!.data[0]!.values as BigInt64Array)].map(String)).toEqual(ends);
  });

  test("decimals, with the scale that all have together", async () => {
    const texts = ["1.50", "-0.001", "9999999999999999999999999999999999", "2E+3", "0E-6176"];
    const table = await read([...texts.slice(0, 4).map((text) => ({ v: Decimal128.fromString(text) })), { v: 7 }]);
    expect(String(table.schema.fields[0]!.type)).toBe("Decimal[38e+3]");
    expect(Array.from(table.getChild("v")! as Iterable<Uint32Array>, whole)).toEqual([
      1500n,
      -1n,
      9_999_999_999_999_999_999_999_999_999_999_999_000n,
      2_000_000n,
      7000n,
    ]);
    expect(await column(Decimal128.fromString("0E-6176"))).toEqual(["Utf8", "0E-6176"]);
  });

  test("a document with more than 1,000 names is text, one field of too many columns an error", async () => {
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`k${i}`, i]));
    expect((await column(many))[0]).toBe("Utf8");
    const wide = Object.fromEntries(Array.from({ length: 5_001 }, (_, i) => [`k${i}`, i]));
    await expect(read([wide])).rejects.toThrow("the documents have 5,001 different fields");
  });

  test("no documents give a table without columns", async () => {
    const table = await read([]);
    expect([table.numRows, table.numCols]).toEqual([0, 0]);
  });
});

/** The whole number of a decimal's four words. */
function whole(words: Uint32Array): bigint {
  return BigInt.asIntN(
    128,
    words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n),
  );
}

describe("a declared schema", () => {
  test("gives its columns in its order and its types", async () => {
    const table = await read(
      [
        { _id: 1, n: 5, name: "x", tags: ["a"], at: new Date(86_400_000), more: true, in: { a: 1, b: 2 } },
        { _id: 2, n: Long.fromNumber(6) },
      ],
      { name: "string", n: "float64", at: "date", tags: ["utf8"], in: { b: "int64" }, none: "int8", any: "json" },
    );
    expect(table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`)).toEqual([
      "name Utf8",
      "n Float64",
      "at Date32<DAY>",
      "tags List<Utf8>",
      "in Struct<{b:Int64}>",
      "none Int8",
      "any Utf8",
    ]);
    expect(plain(table.get(0))).toMatchObject({ name: "x", n: 5, tags: ["a"], in: { b: 2n }, none: null });
    expect(plain(table.get(1))).toMatchObject({ name: null, n: 6, at: null });
  });

  test.each<[schema: unknown, value: unknown, message: RegExp]>([
    ["int8", 128, /^v of the document with _id 7 is an int and no int8\. Declare a type that holds it/],
    ["int32", 1.5, /v of .* is a double and no int32/],
    ["uint16", -1, /no uint16/],
    ["int64", 2 ** 63, /no int64/],
    ["float64", Long.MAX_VALUE, /is a long and no float64 without loss/],
    ["float32", 0.1, /no float32 without loss/],
    ["decimal(4, 1)", Decimal128.fromString("1.25"), /no decimal\(4, 1\) without loss/],
    ["decimal(4, 1)", Decimal128.fromString("1000"), /no decimal/],
    ["utf8", 1, /is an int and no text/],
    ["date", new Date(1), /no date at midnight UTC/],
    ["objectid", "507f1f77bcf86cd799439011", /is a string and no objectId/],
    [["int32"], [1, "x"], /^v\.1 of the document/],
    [{ a: { b: "bool" } }, { a: { b: 0 } }, /^v\.a\.b of the document/],
  ])("%j refuses %o with its place", async (type, value, message) => {
    await expect(read([{ _id: 7, v: value }], { v: type })).rejects.toThrow(message);
  });

  test("keeps what fits another type", async () => {
    const table = await read([{ v: new Double(5), w: new Int32(3), d: Decimal128.fromString("2.50") }], {
      v: "int8",
      w: "decimal(5, 2)",
      d: "utf8",
    });
    expect(plain(table.getChild("v")!.get(0))).toBe(5);
    expect(whole(table.getChild("w")!.get(0) as Uint32Array)).toBe(300n);
    expect(table.getChild("d")!.get(0)).toBe("2.50");
  });

  test.each<[schema: unknown, message: RegExp]>([
    [{}, /a schema has a type for each column/],
    ["utf8", /a schema has a type for each column/],
    [{ a: "itn32" }, /the type of a cannot be "itn32"\. Did you mean "int32"\?/],
    [{ a: ["int8", "int8"] }, /the type of the array a is written as \["int32"\]/],
    [{ a: { b: 3 } }, /the type of a\.b cannot be 3/],
    [{ a: "decimal(50, 2)" }, /cannot be "decimal\(50, 2\)"/],
  ])("%j is refused", async (schema, message) => {
    await expect(read([], schema)).rejects.toThrow(message);
  });
});

describe("a stream", () => {
  async function batches(documents: readonly object[], schema?: unknown): Promise<number[]> {
    const sizes: number[] = [];
    for await (const batch of toBatches([raw(documents)], { driver, schema })) sizes.push(batch.numRows);
    return sizes;
  }

  test("has the columns of its first 1,000 documents", async () => {
    const same = Array.from({ length: 12_500 }, (_, _id) => ({ _id, n: 1 }));
    expect(await batches(same)).toEqual([1_000, 10_000, 1_500]);
    await expect(batches([...same, { _id: "x", n: 1 }])).rejects.toThrow(
      '_id of the document with _id "x" is a string and no int32. A stream\'s columns are those of its first 1,000 documents: declare them by --schema',
    );
    await expect(batches([...same, { _id: 1, more: 1 }])).rejects.toThrow(
      /more of .* is a field that no document before it had/,
    );
    expect(await batches([...same, { _id: 1, more: 1 }], { n: "int32" })).toEqual([10_000, 2_501]);
  });
});
