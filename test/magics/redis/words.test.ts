import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { commandLines, commandWords } from "../../../magics/redis/words.ts";
import { hostileValues } from "../../systems/hostile-values.ts";
import { template } from "../context.ts";

const magic = { name: "redis", summary: "%redis  " };
const words = (of: Parameters<typeof commandWords>[1]): unknown[] => commandWords(magic, of).map(({ value }) => value);

describe("the words of a command", () => {
  test("are split as a shell does", () => {
    expect(words({ strings: [String.raw`SET user:1 "Ada \"L\"" 'it''s' ""`], values: [] })).toEqual([
      "SET",
      "user:1",
      'Ada "L"',
      "its",
      "",
    ]);
  });

  test("a value is one argument, an array several, an object its pairs", () => {
    const bytes = new Uint8Array([255, 0, 10]);
    expect(words(template`a ${"x y"} ${["b", 2, 3n]} ${{ f: 1, g: "v w" }} ${new Map([["k", true]])}`)).toEqual(
      "a|x y|b|2|3|f|1|g|v w|k|true".split("|"),
    );
    expect(words(template`SET k ${bytes}`)).toEqual(["SET", "k", Buffer.from(bytes)]);
    expect(words(template`DEL ${[]} x`)).toEqual(["DEL", "x"]);
    expect(words(template`SET a ${""}`)).toEqual(["SET", "a", ""]);
  });

  test("text and values without a space between them are one word", () => {
    expect(words(template`GET user:${7}:name`)).toEqual(["GET", "user:7:name"]);
    expect(words(template`GET k${new Uint8Array([255])}!`)).toEqual([
      "GET",
      Buffer.concat([Buffer.from("k"), Buffer.from([255]), Buffer.from("!")]),
    ]);
  });

  test("infinite scores are written as Redis does", () => {
    expect(words(template`ZADD z ${Infinity} a ${-Infinity} b`)).toEqual(["ZADD", "z", "inf", "a", "-inf", "b"]);
  });

  test.each(hostileValues)("keep $name", ({ value }) => {
    const wanted = typeof value === "string" ? value : Buffer.from(value);
    expect(words(template`SET k ${value}`)[2]).toEqual(wanted);
  });

  test("keep whatever text is a value", () => {
    assert(
      property(string({ unit: "binary" }), (value) => {
        expect(words(template`SET ${value} 1`)).toEqual(["SET", value, "1"]);
      }),
    );
  });
});

describe("the lines of a cell", () => {
  test("empty ones and comments are left out, and a value may hold line ends", () => {
    const lines = commandLines(template`# set
SET a ${"x\ny"}

  GET a
`);
    expect(lines.map(({ line, template: of }) => [line, words(of)])).toEqual([
      [1, ["SET", "a", "x\ny"]],
      [3, ["GET", "a"]],
    ]);
  });
});
