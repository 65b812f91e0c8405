import { inspect } from "node:util";
import * as driver from "mongodb";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../../magics/mongo/body.ts";
import type { ShellValues } from "../../../magics/mongo/shell-names.ts";
import { toBson } from "../../../magics/mongo/values.ts";
import { brokenTexts, hostileValues } from "../../systems/hostile-values.ts";
import { createNotebook, template } from "../context.ts";

const plain = (text: string) => ({ strings: [text], values: [] });

async function read(text: string, names: Record<string, unknown> = {}): Promise<unknown> {
  return toBson(driver, await evaluate(driver, plain(text), 2, createNotebook({ names }).context));
}

describe("a body is read", () => {
  test("as JSON, extended JSON and TypeScript's literals", async () => {
    expect(await read('{ "a": [1, null, "x"] }')).toEqual({ a: [1, null, "x"] });
    expect(await read("{ a: 1, /* b */ 'c': `d`, // e\n }")).toEqual({ a: 1, c: "d" });
    expect(await read("[{ $match: { a: 1 } }];\n")).toEqual([{ $match: { a: 1 } }]);
    const id = "507f1f77bcf86cd799439011";
    for (const text of [`{ "_id": { "$oid": "${id}" } }`, `{ _id: { $oid: "${id}" } }`, `{ _id: ObjectId("${id}") }`])
      expect(Object.values((await read(text)) as object).map(String)).toEqual([id]);
  });

  test("with names of the notebook, which go before those of the shell", async () => {
    expect(await read("{ region, n: { $gt: least * 2 } }", { region: "west", least: 3 })).toEqual({
      region: "west",
      n: { $gt: 6 },
    });
    expect(await read("{ code: Code }", { Code: "x1" })).toEqual({ code: "x1" });
    expect(inspect(await read("ObjectId('507f1f77bcf86cd799439011')", { ObjectId: driver.ObjectId }))).toContain(
      "507f1f",
    );
  });

  test("with the shell's values, with and without new", async () => {
    const { BSON } = driver;
    const values =
      await read(`[NumberLong("9223372036854775807"), NumberInt(3), NumberDecimal("1.50"), ISODate("2024-05-17T10:30:00"),
      new ISODate("2024-05-17"), BinData(0, "AQI="), UUID("8c0f2f5e-1111-4222-8333-444455556666"), new Timestamp(5, 6), MinKey(),
      HexData(5, "ff"), Code("x => x"), DBRef("c", 1), Long.fromNumber(2), Decimal128.fromString("2")]`);
    expect(BSON.EJSON.stringify(values, { relaxed: false })).toBe(
      JSON.stringify([
        { $numberLong: "9223372036854775807" },
        { $numberInt: "3" },
        { $numberDecimal: "1.50" },
        { $date: { $numberLong: String(Date.UTC(2024, 4, 17, 10, 30)) } },
        { $date: { $numberLong: String(Date.UTC(2024, 4, 17)) } },
        { $binary: { base64: "AQI=", subType: "00" } },
        { $binary: { base64: "jA8vXhERQiKDM0REVVVmZg==", subType: "04" } },
        { $timestamp: { t: 5, i: 6 } },
        { $minKey: 1 },
        { $binary: { base64: "/w==", subType: "05" } },
        { $code: "x => x" },
        { $ref: "c", $id: { $numberInt: "1" } },
        { $numberLong: "2" },
        { $numberDecimal: "2" },
      ]),
    );
  });

  test("with 200 hostile values, which stay what they are and where they are", async () => {
    expect(hostileValues).toHaveLength(200);
    const { context } = createNotebook();
    for (const { value } of hostileValues) {
      const made = await evaluate(driver, template`{ a: ${value}, b: [${value}], c: \`<${value}>\` }`, 2, context);
      expect(made).toEqual({ a: value, b: [value], c: `<${String(value)}>` });
    }
  });

  test.each([
    [
      "[\n  { $sort { a: 1 } },\n]",
      /^%mongo: line 3, column 11: .*[^]*> 3 │ {3}\{ \$sort \{ a: 1 \} \},\n {4}│ {11}\^/,
    ],
    ["", /there is nothing to do/],
    ["{ a:", /^%mongo: line 2, column 5: the expression is not finished[^]*> 2 │ \{ a:\n {4}│ {5}\^/, 3, 1],
    ["{ a: 1 })", /^%mongo: line 2, column 10: its brackets do not match/, 3, 2],
  ])("and %j is refused with its place", async (text, message, line = 3, column = 11) => {
    // The test's notebook has V8's error, which names no column: the place is tested through a kernel.
    const context = {
      ...createNotebook().context,
      run: async () => {
        throw Object.assign(new SyntaxError("Expected `,`"), { line, column });
      },
    };
    await expect(evaluate(driver, plain(text), 2, context)).rejects.toThrow(message);
  });

  test("and ${…} within quotes is refused", async () => {
    const { context } = createNotebook();
    await expect(evaluate(driver, template`{ a: "${1}" }`, 2, context)).rejects.toThrow(/within "…" is text/);
  });
});

describe("what BSON would change is refused", () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  test.each<readonly [value: object, message: string]>([
    [{ a: [undefined] }, "x.a[0] is undefined. Write null"],
    [{ a: 2n ** 63n }, "x.a is 9223372036854775808, more than 64 bits hold"],
    [{ a: () => 1 }, "x.a is a function"],
    [{ a: Symbol("s") }, "x.a is a symbol"],
    [{ a: new Date(Number.NaN) }, "x.a is an invalid Date"],
    [{ a: new Set([1]) }, "x.a is a Set. Write [...set]"],
    [{ a: Float64Array.of(1) }, "x.a is a Float64Array"],
    [loop, "x.self refers to itself"],
    [{ a: /x/y }, "x.a is /x/y: the server knows the flags i, m and s only"],
    [{ "a\0b": 1 }, "a name in x has a NUL character"],
    [{ a: { $oid: "zz" } }, "x.a is no $oid"],
    ...brokenTexts.map((text) => [{ a: text }, "x.a has half a surrogate pair"] as const),
  ])("%o", (value, message) => {
    expect(() => toBson(driver, value, "x")).toThrow(message);
  });

  test("an object twice is no loop, __proto__ is a key, a Map keeps its order, bytes and dates are copies", () => {
    const shared = { n: 1 };
    expect(toBson(driver, [shared, shared])).toEqual([shared, shared]);
    const odd = JSON.parse('{ "__proto__": { "a": 1 } }') as object;
    expect(Object.entries(toBson(driver, odd) as object)).toEqual([["__proto__", { a: 1 }]]);
    expect(
      toBson(
        driver,
        new Map([
          ["2", 1],
          ["1", 1],
        ]),
      ),
    ).toEqual(
      new Map([
        ["2", 1],
        ["1", 1],
      ]),
    );
    expect(toBson(driver, Uint8Array.of(1))).toEqual(Buffer.from([1]));
  });
});

describe("a body that is only one value", () => {
  const only = async (value: unknown): Promise<unknown> =>
    evaluate(driver, { strings: [" ", " ;\n"], values: [value] }, 1, {
      ...createNotebook({}).context,
      run: () => Promise.reject(new Error("a cell has run")),
    });

  test("is that value, without a cell", async () => {
    const pipeline = [{ $match: { a: 1 } }];
    expect(await only(pipeline)).toBe(pipeline);
  });

  test("may be a function of the shell's values", async () => {
    expect(await only(({ NumberInt }: ShellValues) => ({ n: NumberInt(3) }))).toEqual({ n: new driver.Int32(3) });
    expect(await only(async ({ ISODate }: ShellValues) => ISODate("2024-05-17"))).toEqual(new Date("2024-05-17"));
  });
});
