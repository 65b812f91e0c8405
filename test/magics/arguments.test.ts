import { describe, expect, test } from "vitest";
import { parseArguments, splitWords, wholeNumber } from "../../magics/arguments.ts";
import { template } from "./context.ts";

const magic = { name: "copy", summary: "%copy [-a] [-n COUNT] FROM TO  copy a file" };
const accepted = { flags: { all: ["-a", "--all"] }, options: { count: ["-n", "--count"] }, words: [1, 2] } as const;

const line = (source: string): { strings: string[]; values: unknown[] } => ({ strings: [source], values: [] });
const words = (source: string): string[] => splitWords(magic, line(source)).map((word) => word.text);
const parse = (source: string): unknown => parseArguments(magic, line(source), accepted);

describe("words", () => {
  test.each([
    ["one  two\tthree", ["one", "two", "three"]],
    ["", []],
    [`'a b' "c d" e" "f`, ["a b", "c d", "e f"]],
    [`a\\ b \\"c`, ["a b", '"c']],
    [String.raw`C:\data\new.csv`, [String.raw`C:\data\new.csv`]],
    [String.raw`"say \"hi\""`, ['say "hi"']],
    [`'' x`, ["", "x"]],
  ])("%j", (source, expected) => expect(words(source)).toEqual(expected));

  test("a value stays one word, an array becomes one each", () => {
    const result = splitWords(magic, template`cp ${"a b"}.txt x${["1 2", "-r"]}`);
    expect(result.map((word) => word.text)).toEqual(["cp", "a b.txt", "x1 2", "-r"]);
  });

  test("an open quote is refused with the usage", () => {
    expect(() => words("it's")).toThrow("%copy: the quote ' is not closed. Usage: %copy [-a] [-n COUNT] FROM TO");
  });
});

describe("options", () => {
  test.each([
    ["x", { words: ["x"], flags: { all: false }, options: {} }],
    ["-a x y", { words: ["x", "y"], flags: { all: true }, options: {} }],
    ["x --count 3", { words: ["x"], flags: { all: false }, options: { count: "3" } }],
    ["--count=3 x", { words: ["x"], flags: { all: false }, options: { count: "3" } }],
    ["-n3 x", { words: ["x"], flags: { all: false }, options: { count: "3" } }],
    ["-- -a", { words: ["-a"], flags: { all: false }, options: {} }],
    ["'-a'", { words: ["-a"], flags: { all: false }, options: {} }],
    ["-5 -", { words: ["-5", "-"], flags: { all: false }, options: {} }],
  ])("%j", (source, expected) => expect(parse(source)).toEqual(expected));

  test("a value from the notebook is never an option", () => {
    expect(parseArguments(magic, template`${"-a"}`, accepted)).toMatchObject({ words: ["-a"], flags: { all: false } });
  });

  test.each([
    ["-z x", "unknown option -z"],
    ["--all=1 x", "unknown option --all"],
    ["x -n", "-n needs a value"],
    ["", "an argument is missing"],
    ["x y z", 'nothing to do with "z"'],
  ])("%j is refused: %s", (source, message) => {
    expect(() => parse(source)).toThrow(`%copy: ${message}. Usage: %copy [-a] [-n COUNT] FROM TO`);
  });

  test.each(["0", "1.5", "x", "", "1e99"])("%j is not a whole number from 1 on", (value) => {
    expect(() => wholeNumber(magic, "-n", value)).toThrow("-n needs a whole number");
  });

  test("a whole number is read", () => expect(wholeNumber(magic, "-n", "12")).toBe(12));
});
