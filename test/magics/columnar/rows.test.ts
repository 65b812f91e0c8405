import { expect, test } from "vitest";
import { tableFromRows } from "../../../magics/columnar/rows.ts";

const read = async (...rows: object[]): Promise<[string, unknown]> => {
  const table = await tableFromRows(rows as Record<string, unknown>[]);
  const { type } = table.schema.fields[0]!;
  return [String(type), table.toArray().map((row: { toJSON(): { a: unknown } }) => row.toJSON().a)];
};

test("bigints get the narrowest type that holds them all", async () => {
  expect(await read({ a: 1n }, { a: -(2n ** 63n) })).toEqual(["Int64", [1n, -(2n ** 63n)]]);
  expect(await read({ a: 1n }, { a: 2n ** 64n - 1n })).toEqual(["Uint64", [1n, 2n ** 64n - 1n]]);
  expect(await read({ a: 1 }, { a: 2n ** 60n })).toEqual(["Int64", [1n, 2n ** 60n]]);
  for (const rows of [
    [-1n, 2n ** 63n],
    [2n ** 70n, null],
    [10n ** 38n - 1n, 0n],
  ]) {
    const [type, values] = await read(...rows.map((a) => ({ a })));
    expect(type).toMatch(/^Decimal\[38e\+?0\]$/);
    expect((values as unknown[]).map((value) => value && BigInt(`${value as bigint}`))).toEqual(rows);
  }
  await expect(read({ a: 10n ** 38n })).rejects.toThrow(/column "a" holds an integer of more than 38 digits/);
  await expect(read({ a: 1n }, { a: 0.5 })).rejects.toThrow(
    /column "a" holds bigints beside numbers that are not whole/,
  );
});

test("numbers, texts, dates and bytes are what they were", async () => {
  expect(await read({ a: 1 }, { a: -5 })).toEqual(["Int32", [1, -5]]);
  expect(await read({ a: 1 }, { a: 0.5 }, {})).toEqual(["Float64", [1, 0.5, null]]);
  expect(await read({ a: 2 ** 53 }, { a: Number.NaN })).toEqual(["Float64", [2 ** 53, Number.NaN]]);
  expect(await read({ a: 0 }, { a: -0 })).toEqual(["Float64", [0, -0]]);
  expect(await read({ a: "x" }, { a: "é🦆" })).toEqual(["Utf8", ["x", "é🦆"]]);
  expect(await read({ a: null })).toEqual(["Null", [null]]);
  expect(await read({ a: new Date(8.64e15) })).toEqual(["Timestamp<MILLISECOND, UTC>", [8.64e15]]);
  const bytes = await read({ a: Uint8Array.of(0, 255) }, { a: Buffer.from("x") }, { a: new ArrayBuffer(1) });
  expect(bytes).toEqual(["Binary", [Uint8Array.of(0, 255), Uint8Array.of(120), Uint8Array.of(0)]]);
});

test("arrays are lists and objects structs, with their members' own types", async () => {
  const [list, values] = await read({ a: [1, null] }, { a: [] }, { a: Float64Array.of(0.5) });
  expect([list, JSON.stringify(values)]).toEqual(["List<Float64>", "[[1,null],[],[0.5]]"]);
  const [struct, objects] = await read({ a: { x: 2n ** 63n, y: ["z"] } }, { a: { x: null } });
  expect(struct).toBe("Struct<{x:Uint64, y:List<Utf8>}>");
  expect(JSON.parse(JSON.stringify(objects, (_, value) => (typeof value === "bigint" ? `${value}` : value)))).toEqual([
    { x: "9223372036854775808", y: ["z"] },
    { x: null, y: null },
  ]);
  const again = await tableFromRows([{ a: { x: [1] } }]);
  expect((await read(...again.toArray().map((row: { toJSON(): object }) => row.toJSON())))[0]).toBe(
    "Struct<{x:List<Int32>}>",
  );
});

test.each([
  [[{ a: 1 }, { a: "x" }], /column "a" holds values of more than one kind: a number in rows\[0\], a text in rows\[1\]/],
  [[{ a: {} }, { a: [] }], /column "a" holds values of more than one kind: an object .* an array/],
  [[{ a: {} }], /column "a" holds objects without members/],
  [[{}, { a: "\ud800" }], /column "a" of rows\[1\] holds half of a surrogate pair.*toWellFormed/],
  [[{ a: { b: ["\udfff"] } }], /column "a" of rows\[0\] holds half of a surrogate pair/],
  [[{ a: new Date(Number.NaN) }], /column "a" of rows\[0\] is an invalid Date/],
  [[{ a: new Map([[1, 2]]) }], /column "a" of rows\[0\] is an object of class Map.*Object\.fromEntries/],
  [[{ a: [new Set()] }], /column "a" of rows\[0\] is an object of class Set.*\[\.\.\.set\]/],
  [[{ a: new URL("http://x") }], /column "a" of rows\[0\] is an object of class URL.*String\(value\)/],
  [[{ a: 1 }, { a: () => 1 }], /column "a" of rows\[1\] is a function/],
  [[{ a: Symbol("x") }], /column "a" of rows\[0\] is a symbol/],
  [[{ "\ud800": 1 }], /name of a column holds half of a surrogate pair/],
])("what has no exact type is refused with its place: %o", async (rows, message) => {
  await expect(read(...rows)).rejects.toThrow(message);
});
