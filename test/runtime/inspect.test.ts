import { runInThisContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Inspection } from "../../kernel/runtime/inspect.ts";
import { createScopes } from "../../kernel/runtime/scope.ts";
import { type LiveQuestions, createLiveQuestions } from "./busy-main.ts";

let live: LiveQuestions;

function half(n: number, { exact = ")" } = {}): string {
  return `${n / 2}${exact}`;
}

class Point {
  readonly x: number;
  constructor(x: number, y = 2) {
    this.x = x + y;
  }
}

beforeAll(async () => {
  const scopes = createScopes();
  const names: Record<string, unknown> = {
    half,
    Point,
    point: new Point(1),
    // As Node leaves a function whose types it has stripped.
    typed: runInThisContext("(function typed(value         , options           = {}) {})"),
    double: (n: number) => n * 2,
    fetchAll: async () => {},
    list: [1, "a", null],
    table: new Map([["a", 1]]),
    text: "it's",
    big: 2n ** 70n,
    nothing: null,
    missing: undefined,
    error: new RangeError("odd"),
    bytes: new Uint8Array(3),
  };
  for (const [name, value] of Object.entries(names)) {
    scopes.place(name);
    scopes.declare("let", name, value);
  }
  scopes.provide("atFirstUse", () => half);
  live = await createLiveQuestions(scopes.objects);
});
afterAll(async () => {
  await live[Symbol.asyncDispose]();
});

function at(marked: string, detail: 0 | 1 = 0): Inspection {
  const offset = marked.indexOf("|");
  return live.ask({ type: "inspect", code: marked.replace("|", ""), offset, detail }) as Inspection;
}

test.for([
  ["ha|lf", 'half: function\nhalf(n, { exact = ")" } = {})'],
  ["half|", 'half: function\nhalf(n, { exact = ")" } = {})'],
  ["half(1, |", 'half: function\nhalf(n, { exact = ")" } = {})'],
  ["half([1, 2].map((x) => x), {|", 'half: function\nhalf(n, { exact = ")" } = {})'],
  ["doub|le", "double: function\ndouble(n)"],
  ["atFirstUse(|", 'atFirstUse: function\natFirstUse(n, { exact = ")" } = {})'],
  ["typed(|", "typed: function\ntyped(value, options = {})"],
  ["fetchAll(|", "fetchAll: async function\nfetchAll()"],
  ["new Point(|", "Point: class\nclass Point\nnew Point(x, y = 2)"],
  ["po|int", "point: Point\nPoint { x: 3 }"],
  ["point.|x", "point.x: number\n3"],
  ["list|", 'list: Array(3)\n[1, "a", null]'],
  ["tab|le", 'table: Map\nMap(1) { "a" => 1 }'],
  ["text|", 'text: string\n"it\'s"'],
  ["big|", "big: bigint\n1180591620717411303424n"],
  ["nothing|", "nothing: null\nnull"],
  ["missing|", "missing: undefined\nundefined"],
  ["bytes|", "bytes: Uint8Array(3)\n[0, 0, 0]"],
  ["Math.max(|", "Math.max: function\nMath.max()"],
] as const)("%s", ([code, expected]) => {
  const { found, data } = at(code);
  expect(data["text/plain"]).toBe(expected);
  expect(found).toBe(true);
});

test("an error shows itself", () => {
  expect(at("error|").data["text/plain"]).toMatch(/^error: RangeError\nRangeError: odd/);
});

test("detail 1 adds the source", () => {
  expect(at("half|").data["text/plain"]).not.toContain("return");
  expect(at("half|", 1).data["text/plain"]).toContain("return `${n / 2}${exact}`");
  expect(at("half|", 1).data["text/markdown"]).toContain("**half**: function\n\n```ts\nhalf(n");
});

test.for(["no|where", "point.nope.de|ep", "// half|", "|", "1 + |", "half().x|"])("nothing is found at %s", (code) => {
  expect(at(code)).toEqual({ found: false, data: {}, metadata: {} });
});
