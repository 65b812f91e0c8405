import { expect, test } from "vitest";
import { findNames } from "../../kernel/language/cell-names.ts";

test.for([
  ["const a = 1, b = f(), c: number = f()", { a: "alias", b: "narrowed", c: "alias" }],
  ["let a; var b", { a: "mutable", b: "mutable" }],
  ["const { a, b: [c] } = await f()", { a: "narrowed", c: "narrowed" }],
  [
    "function f() { var no = 1 } class C {} enum E {} namespace N {}",
    { f: "alias", C: "alias", E: "alias", N: "alias" },
  ],
  ["type T = 1; interface I {}", { T: "alias", I: "alias" }],
  ["import d, { a as b } from 'x'; import * as n from 'y'", { d: "alias", b: "alias", n: "alias" }],
  ["export const a = 1; export default function g() {}", { a: "alias", g: "alias" }],
  ["for (const no of []) { var a = 1 }", { a: "mutable" }],
  ["const k = Symbol()", { k: "alias" }],
  ["const list = []", { list: "narrowed" }],
  // What is being typed does not parse.
  ["const a = 1\nlet b = a.\nfoo(", { a: "alias", b: "alias" }],
] as const)("%s", ([code, expected]) => {
  expect(Object.fromEntries(findNames(code).declared)).toEqual(expected);
});

test("names that are assigned but not declared", () => {
  const { assigned } = findNames("let own; own = 1; a = 2; b += 1; c++; [d] = [1]; ({ e } = f)");
  expect([...assigned]).toEqual(["a", "b", "c", "d", "e"]);
});

test("what is declared globally", () => {
  expect(findNames("declare global { interface A {} var b: number }").ambient).toEqual(["A", "b", "global"]);
  expect(findNames("declare module 'x' { export const a: 1 }").ambient).toEqual(["module x"]);
});

test.for([
  ["const e = <b>hi</b>", true],
  ["const e = <number>x", false],
  ["const f = <T,>(x: T) => x", false],
] as const)("%s is JSX: %s", ([code, tsx]) => {
  expect(findNames(code).tsx).toBe(tsx);
});
