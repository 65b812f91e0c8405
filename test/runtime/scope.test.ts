import { runInThisContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { createScopes } from "../../kernel/runtime/scope.ts";

setFlagsFromString("--allow-natives-syntax");
const isFast = runInThisContext("(object) => %HasFastProperties(object)") as (object: object) => boolean;

type Names = Record<string, unknown>;
const first = ({ objects }: { objects: readonly object[] }): Names => objects[0] as Names;

test("names are fast properties, few enough on each object", () => {
  const scopes = createScopes();
  for (let n = 0; n < 1200; n += 1) scopes.declare(n % 2 ? "const" : "let", `n${n}`, n);
  expect(scopes.objects.length).toBeGreaterThan(2);
  expect(scopes.objects.every(isFast)).toBe(true);
});

test("names stay fast when they are declared anew in another way", () => {
  const scopes = createScopes();
  for (let n = 0; n < 200; n += 1) scopes.declare("const", `n${n}`, n);
  for (const kind of ["const", "let", "const", "var"] as const) {
    scopes.declare(kind, "x", kind);
    scopes.bind({ y: 1 }, "m", [["y", "x"]]);
    scopes.bind({ y: 2 }, "m", [["y", "x"]]);
  }
  scopes.provide("display", () => 1);
  expect([scopes.get("x"), scopes.get("display")]).toEqual([2, 1]);
  expect(isFast(first(scopes))).toBe(true);
});

test("a missing name is a ReferenceError, a global is found, a later name on another object too", () => {
  const scopes = createScopes();
  const names = first(scopes);
  expect(() => names["nope"]).toThrow(new ReferenceError("nope is not defined"));
  expect(() => (names["nope"] = 1)).toThrow(ReferenceError);
  expect(["nope" in names, "URL" in names, names["URL"]]).toEqual([false, true, URL]);
  for (let n = 0; n < 600; n += 1) scopes.declare("let", `n${n}`, n);
  expect(names["n599"]).toBe(599);
  names["n599"] = 1;
  expect(scopes.get("n599")).toBe(1);
});

test("constants are read-only once sealed, and open keeps old values", () => {
  const scopes = createScopes();
  scopes.declare("const", "a", 1);
  expect(scopes.open("const", ["a", "b"], "through")).toBe("through");
  expect(scopes.get("a")).toBe(1);
  first(scopes)["a"] = 2;
  scopes.seal(["a", "b"]);
  expect(() => (first(scopes)["a"] = 3)).toThrow(TypeError);
});

test("imports follow the module, CommonJS exports are found on its default", () => {
  const scopes = createScopes();
  const module = { live: 1, default: { member: 2 } };
  scopes.bind(module, "m", [
    ["live", "live", true],
    ["member", "member", true],
    ["*", "all", true],
    ["none", "none", false],
  ]);
  module.live = 5;
  expect([scopes.get("live"), scopes.get("member"), scopes.get("all")]).toEqual([5, 2, module]);
  expect(() => scopes.get("none")).toThrow("The requested module 'm' does not provide an export named 'none'");
  expect(() => scopes.bind(module, "m", [["none", "x", true]])).toThrow(SyntaxError);
});

test("provided names are made once, are not listed, and come back after a reset", () => {
  const scopes = createScopes();
  let made = 0;
  scopes.provide("display", () => (made += 1));
  expect([scopes.get("display"), scopes.get("display"), scopes.has("display")]).toEqual([1, 1, false]);
  scopes.declare("const", "display", "mine");
  expect(Array.from(scopes.entries())).toEqual([{ name: "display", kind: "const", value: "mine" }]);
  const { objects } = scopes;
  scopes.clear();
  expect(scopes.objects).toBe(objects);
  expect([scopes.get("display"), Array.from(scopes.entries())]).toEqual([2, []]);
});

test("set declares a new name and assigns a known one", () => {
  const scopes = createScopes();
  scopes.set("a", 1);
  scopes.set("a", 2);
  expect(Array.from(scopes.entries())).toEqual([{ name: "a", kind: "let", value: 2 }]);
});

test("a CommonJS module's namespace has the exports that Node did not see", () => {
  const scopes = createScopes();
  const exports = { seen: 1, chunk: () => 2 };
  scopes.bind({ default: exports, "module.exports": exports, seen: 1 }, "m", [["*", "all", true]]);
  expect(Object.keys(scopes.get("all") as object)).toEqual(["default", "module.exports", "seen", "chunk"]);
  const module = { default: { a: 1 }, b: 2 };
  scopes.bind(module, "m", [["*", "es", true]]);
  expect(scopes.get("es")).toBe(module);
});
