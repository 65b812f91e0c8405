import { expect, test } from "vitest";
import { preview, typeOf } from "../../magics/preview.ts";

class Point {
  x = 1;
}
class Point3 extends Point {
  z = 3;
}
class Counter {
  static get name(): string {
    throw new Error("ran");
  }
  get [Symbol.toStringTag](): string {
    throw new Error("ran");
  }
  n = 1;
}
const sparse: unknown[] = [1];
sparse[2] = 3;

test.each<[string, unknown, string, string]>([
  ["a long text", "x".repeat(200), "string", `'${"x".repeat(78)}…`],
  ["a symbol", Symbol("s"), "symbol", "Symbol(s)"],
  ["an empty object", {}, "Object", "{}"],
  ["names that are no identifiers", { "a b": 1, c: { d: 1 } }, "Object", "{ 'a b': 1, c: [Object] }"],
  ["an object without prototype", Object.assign(Object.create(null) as object, { a: 1 }), "Object", "{ a: 1 }"],
  ["an instance of a class below another", new Point3(), "Point3", "Point3 { x: 1, z: 3 }"],
  ["a class", Point3, "function", "[class Point3 extends Point]"],
  [
    "an anonymous function",
    (
      () => () =>
        1
    )(),
    "function",
    "[Function (anonymous)]",
  ],
  ["an async function", async function later() {}, "function", "[AsyncFunction: later]"],
  ["a list with a hole", sparse, "Array(3)", "[ 1, <empty>, 3 ]"],
  ["a long list", [1, 2, 3, 4, 5, 6, 7, 8], "Array(8)", "[ 1, 2, 3, 4, 5, 6, ... 2 more ]"],
  ["a Set", new Set([1, "a"]), "Set", "Set(2) { 1, 'a' }"],
  ["a typed array", new Uint8Array(2), "Uint8Array", "Uint8Array(2) [ 0, 0 ]"],
  ["an expression", /a+/gu, "RegExp", "/a+/gu"],
  ["a date that is none", new Date(Number.NaN), "Date", "Invalid Date"],
  ["an error", new RangeError("far"), "RangeError", "RangeError: far"],
  ["a promise", Promise.resolve(1), "Promise", "Promise"],
  ["a class that would run code", new Counter(), "Object", "{ n: 1 }"],
  ["a proxy", new Proxy({ a: 1 }, {}), "object", "Proxy"],
])("%s", (_, value, type, text) => {
  expect([typeOf(value), preview(value)]).toEqual([type, text]);
});
