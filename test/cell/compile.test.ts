import { describe, expect, test } from "vitest";
import { createNotebook, runCells } from "./run-cells.ts";

// Each line: cells run one after the other, and what the last one gives.
const values: [cells: string[], value: unknown][] = [
  [["1 + 1"], 2],
  [["const x = 1", "x + 1"], 2],
  [["const x = 5;;"], undefined],
  [['"abc"'], "abc"],
  [["({ a: 1 })"], { a: 1 }],
  [["1\ninterface I {}"], 1],
  [['import type { Stats } from "node:fs"\n[1, 2].length'], 2],
  [['export type T = 1\n"type"'], "type"],
  [['export interface A { a: 1 }\n"iface"'], "iface"],
  [['import type { Stats } from "node:fs"\n%time 5'], 5],
  [['%%time\nimport type { Stats } from "node:fs"\n7'], 7],
  [["export {}; 3"], 3],
  [['export type * from "node:fs"\n4'], 4],
  [["this"], undefined],
  [["let x = 1; x++; x += 2; x ||= 9; x"], 4],
  [["let a = 1, b = 2; [a, b] = [b, a]; ({ a, b = 9 } = { a } as any); [a, b]"], [2, 9]],
  [["const x = 1; ({ x })"], { x: 1 }],
  [
    ["const { a, b: [c, , ...d], e = 4, ...r } = { a: 1, b: [2, 0, 3], z: 5 } as any", "[a, c, d, e, r]"],
    [1, 2, [3], 4, { z: 5 }],
  ],
  [["var a, b = 2, [c] = [3]; [a, b, c]"], [undefined, 2, 3]],
  [["for (var i = 0; i < 3; i++); i"], 3],
  [["for (let i = 0; i < 3; i++); typeof i"], "undefined"],
  [["for (var k in { a: 1, b: 2 }); k"], "b"],
  [["for (var { q } of [{ q: 1 }]); q"], 1],
  [["let a = 1; { let a = 2; var b = a } [a, b]"], [1, 2]],
  [["switch (1) { case 1: let q = 1; var w = q } [typeof q, w]"], ["undefined", 1]],
  [["let x = 1; const f = (x = 2, { y = x } = {}) => [x, y]; f()"], [2, 2]],
  [
    [
      "const f = () => 1; let g; g = function () {}; var h = class {}; const { e = () => 1 } = {}; [f, g, h, e].map((x: any) => x.name)",
    ],
    ["f", "g", "h", "e"],
  ],
  [["f(); function f() { return 1 }"], undefined],
  [["const r = f(); function f() { return 1 } r"], 1],
  [["function f() { return g() } function g() { return 1 }", "function g() { return 2 } f()"], 2],
  [
    ["function f(this: unknown) { return this }", "[f(), f?.(), f``, (f)()]"],
    [undefined, undefined, undefined, undefined],
  ],
  [["class A { static make() { return new A() } }", "A.make().constructor.name"], "A"],
  [["class P { constructor(private x: number) {} get() { return this.x } } new P(3).get()"], 3],
  [
    ["enum C { Red, Green }", "enum C { Blue } Object.keys(C)"],
    ["0", "Blue"],
  ],
  [["enum E { A } enum E { B = 2 } [E.A, E.B]"], [0, 2]],
  [
    ["namespace N { export const a = 1 }", "namespace N { export const b = 2 } namespace N { export const c = b } N"],
    { b: 2, c: 2 },
  ],
  [["namespace N { export let a = 1; export function inc() { a++ } } N.inc(); N.a"], 2],
  [["typeof nope"], "undefined"],
  [["const v = await Promise.resolve(3); v"], 3],
  [["const all = await Promise.all([1, 2].map(async (n) => await n)); all"], [1, 2]],
  [["let s = 0; for await (const n of [1, Promise.resolve(2)]) s += n; s"], 3],
  [["import.meta.url"], "file:///notebook"],
  [["export const a = 1; export default a + 1"], 2],
  [["export default function g() { return 1 }", "g()"], 1],
  [["export enum E { A } export function q() { return E.A } export { q as r }", "q()"], 0],
  [['export { sep as s } from "node:path"', "s.length"], 1],
  [['export * as p from "node:path"', "p.sep.length"], 1],
  [
    ['import { join } from "node:path"; import fs, * as all from "node:fs"', "[join.name, fs === all.default]"],
    ["join", true],
  ],
  [['const before = sep.length; import { sep } from "node:path"; before'], 1],
  [['import type { X } from "none"; import { type Y } from "node:fs"; 5'], 5],
  [['import { PathLike } from "node:fs"; let p: PathLike; 5'], 5],
  [["const $ = 3; const $cell = 4; `${$}`", "$ + $cell"], 7],
  [
    ["const l: string[] = []", 'using x = { v: 1, [Symbol.dispose]() { l.push("end") } }; l.push("in")', "[x.v, l]"],
    [1, ["in", "end"]],
  ],
  [
    ["const React = { createElement: (...a: unknown[]) => a, Fragment: 0 }", '<p a="1"><>{2}</></p>'],
    ["p", { a: "1" }, [0, null, 2]],
  ],
  [["const v = <any>{ a: 1 }; v.a"], 1],
  [
    [
      "const k: string[] = []; const dec = (v: any, c: any) => void k.push(c.kind);\n@dec class A { @dec accessor x = 1; @dec m() {} }",
      "[k, new A().x, A.name]",
    ],
    [["accessor", "method", "class"], 1, "A"],
  ],
  [["#!/usr/bin/env node\n1"], 1],
  [["const performance = 1; performance", "performance + 1"], 2],
  // Found by same-meaning.test.ts.
  [["let x = 1", "switch (x) { case 1: let x = 5; break; default: x = 7 } x"], 1],
  [
    ["let x = 1", "const f = (p = x, q = () => x) => { var x = 2; return [p, q(), x] }; f()"],
    [1, 1, 2],
  ],
  [["const dec = () => {}; @dec class A {} enum E { A = 1 } enum E { B = 2 } E"], { 1: "A", 2: "B", A: 1, B: 2 }],
  [["@(() => {}) class A {} this"], undefined],
  [["let b = 1; class A { accessor x = 1 } { function b() {} } b"], 1],
  [["let x = 1; class A { accessor a = 1 }\nx++\n[5, 6].length"], 2],
  [
    [
      "let x = 1; class A { accessor a = 1; b = x-- // c\n ['c'] = 2 }\nconst y = x++ /*\n*/ `t`.length\n;[x, y, new A().c]",
    ],
    [2, 1, 2],
  ],
  [["const a\\u0062c = 1", "abc + \\u{61}bc"], 2],
  [
    ["class \\u0041b {} const \\u{e9} = 1", "[Ab.name, é]"],
    ["Ab", 1],
  ],
  [["class A { accessor x = 1 } const \\u{e9}t = 1", "ét"], 1],
  [["class A { accessor x = 1 } const name = (() => { class A {} return A.name })(); [name, A.name]"], ["A", "A"]],
];

test.each(values)("%j gives its value", async (cells, value) => {
  expect(await runCells(...cells)).toEqual(value);
});

const failures: [cells: string[], message: RegExp][] = [
  [["nope"], /^ReferenceError: nope is not defined$/],
  [["nope = 1"], /^ReferenceError: nope is not defined$/],
  [["arguments"], /^ReferenceError: arguments is not defined$/],
  [["x; let x = 1"], /^ReferenceError: x is not defined$/],
  [["const x = 1; x = 2"], /^TypeError: .*'x'/],
  [["const { x } = { x: 1 }", "x++"], /^TypeError: .*'x'/],
  [['import { sep } from "node:path"', "sep = 1"], /^TypeError: Assignment to constant variable 'sep'/],
  [
    ['import { nope } from "node:path"; nope'],
    /^SyntaxError: The requested module 'node:path' does not provide an export named 'nope'$/,
  ],
  [['import { nope } from "node:path"; 1', "nope"], /^SyntaxError: The requested module/],
];

test.each(failures)("%j fails when it runs", async (cells, message) => {
  const error = await runCells(...cells).then(
    () => "no error",
    (e: Error) => `${e.name}: ${e.message}`,
  );
  expect(error).toMatch(message);
});

const refused: [cell: string, line: number, column: number, message: RegExp][] = [
  ["1\nreturn 1", 2, 1, /'return'/],
  ["let é = 1; let é = 2", 1, 16, /already been declared/],
  ["a b", 1, 2, /semicolon/],
  ["%sq select 1", 1, 1, /^no magic %sq\. Did you mean %sql\?$/],
  ["%html x", 1, 1, /use %%html/],
  ["1\n%%sql\nx", 2, 1, /first line/],
  ["%time (", 1, 8, /^Unexpected token/],
  ["%%time\nf(1,", 2, 5, /^Unexpected token/],
  ["%sql ${a b}", 1, 10, /Expected/],
  ["const é = '😀'\nexport = é", 2, 1, /no `export =`\. Write `export default` instead/],
  ["1\nexport * from 'node:path'", 2, 1, /declares no names .* `import \* as name from "node:path"`/],
  ["if (1) {\n  %cd /tmp\n}", 2, 3, /outside of functions, blocks/],
  ["const e = 1\n%sql a\nconst q = = 3", 3, 11, /Unexpected token/],
  ["function x() {}\n'🫐'; @(() => {}) class x {}", 2, 25, /"x" has already been declared/],
];

test.each(refused)("%j is refused where it is wrong", async (cell, line, column, message) => {
  const error: unknown = await runCells(cell).catch((e: unknown) => e);
  expect(error).toMatchObject({ line, column, message: expect.stringMatching(message) });
});

describe("redeclaration", () => {
  const kinds: Record<string, [cell: string, value: string]> = {
    const: ["const x = 1", "1"],
    let: ["let x = 2", "2"],
    var: ["var x = 3", "3"],
    function: ["function x() {}", "function"],
    class: ["class x {}", "class"],
    enum: ["enum x { A }", "enum"],
    import: ['import { sep as x } from "node:path"', "import"],
    namespace: ["namespace x { export const a = 1 }", "namespace"],
  };
  const show =
    "typeof x === 'function' ? String(x).split(' ')[0] : typeof x === 'object' ? 'A' in x ? 'enum' : 'namespace' : typeof x === 'string' ? 'import' : String(x)";
  const pairs = Object.keys(kinds).flatMap((a) => Object.keys(kinds).map((b) => [a, b] as const));
  test.each(pairs)("%s as %s", async (a, b) => {
    expect(await runCells(kinds[a]?.[0] ?? "", kinds[b]?.[0] ?? "", show)).toBe(kinds[b]?.[1]);
  });
});

test("an error half-way keeps what was set before it, and the old values of the rest", async () => {
  const notebook = createNotebook();
  await notebook.run("const a = 1, b = 1, c = 1");
  await expect(
    notebook.run('const a = 2; const { b, c } = { b: 2, get c(): number { throw new Error("c") } }'),
  ).rejects.toThrow("c");
  expect(await notebook.run("[a, b, c]")).toEqual([2, 2, 1]);
});

test("a cell's awaits can be interrupted, its last promise is not awaited twice", async () => {
  const notebook = createNotebook();
  await notebook.run("async function f() { await 1 } await f(); await 2");
  expect(notebook.waits).toHaveLength(3);
});

test("says what a cell declares and imports", async () => {
  const notebook = createNotebook();
  await notebook.run(
    'import { sep } from "node:path"; const a = 1; let [b] = [1]; function f() {} class C {} enum E { A } { var v; let no }',
  );
  const [cell] = notebook.cells;
  expect(cell?.imports).toEqual(["node:path"]);
  expect(Object.fromEntries(cell?.declarations.map(({ name, kind }) => [name, kind]) ?? [])).toEqual({
    sep: "import",
    a: "const",
    b: "let",
    f: "function",
    C: "class",
    E: "enum",
    v: "var",
  });
});

test("modules are evaluated in the order of their imports, before the cell", async () => {
  const module = (code: string): string => JSON.stringify(`data:text/javascript,globalThis.order?.push(${code})`);
  const cell = `import ${module("1")}; order.push(4); import ${module("2")}; export * as all from ${module("3")}; order`;
  Reflect.set(globalThis, "order", []);
  const order = await runCells(cell);
  Reflect.deleteProperty(globalThis, "order");
  expect(order).toEqual([1, 2, 3, 4]);
});

test("legacy decorators where tsconfig asks for them", async () => {
  const notebook = createNotebook({ experimentalDecorators: true, emitDecoratorMetadata: true });
  const source = `const seen: unknown[] = [];
    const d = (target: any, key?: any, desc?: any): any => void seen.push(key ?? target.name);
    @d class A { @d m(@d p: string) {} @d x = 1 }
    seen`;
  expect(await notebook.run(source)).toEqual(["m", "m", "x", "A"]);
});

test("the automatic JSX runtime where tsconfig asks for it", async () => {
  const folder = `${import.meta.dirname}/fixtures`;
  const notebook = createNotebook({ jsx: "react-jsx", jsxImportSource: "./jsx" }, folder);
  await expect(notebook.run("<p>hi</p>")).rejects.toThrow("jsx-runtime");
  expect(notebook.cells[0]?.js).toContain('import("./jsx/jsx-runtime")');
});
