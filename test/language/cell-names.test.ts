import { expect, test } from "vitest";
import { findNames } from "../../kernel/language/cell-names.ts";

test.for([
  ["const a = 1, b = f(), c: number = f(), d: T = f()", { a: "alias", b: "narrowed", c: "alias", d: "annotated" }],
  ["interface P {}; const P = f(); const Q = f(); type Q = 1", { P: "alias", Q: "alias" }],
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
  const keys = (code: string): string[] => findNames(code).ambient.globals.map(({ key }) => key);
  expect(keys("declare global { interface A { x: 1; y(): 2 } var b: number; namespace N { type T = 1 } }")).toEqual([
    "global A.x",
    "global A.y",
    "global b",
    "global N.T",
  ]);
  const [module] = findNames("declare module 'x' { export const a: 1 }").ambient.modules;
  expect(module).toMatchObject({ name: "x", parts: [{ key: "x a" }] });
});

test.for([
  ["const e = <b>hi</b>", true],
  ["const e = <number>x", false],
  ["const f = <T,>(x: T) => x", false],
] as const)("%s is JSX: %s", ([code, tsx]) => {
  expect(findNames(code).tsx).toBe(tsx);
});

test("types alone are told from values", () => {
  const { types } = findNames(
    "type T = 1; interface I {} class C {} import { type A, b } from 'x'; interface P {} const P = 1",
  );
  expect([...types]).toEqual(["T", "I", "A"]);
});

test.for([
  ["const a = ;", true],
  ["const a = 1; const a = 2", true],
  ["return 5", true],
  ["await f(); function g(a: string): string; function g(a: any): any { return a }", false],
] as const)("%s is broken: %s", ([code, broken]) => {
  expect(findNames(code).broken).toBe(broken);
});

test.for([
  ["function f() { x }", true],
  ["const f = () => x", true],
  ["class C { m() { x } }", true],
  ["const o = { m: () => x }", true],
  ["[1].map(() => x)", false],
  ["(() => x)()", false],
  ["class C { static { x } }", false],
  ["x", false],
] as const)("in %s, x is for later: %s", ([code, later]) => {
  const at = code.indexOf("x");
  expect(findNames(code).deferred.some(({ start, end }) => start <= at && at < end)).toBe(later);
});
