import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";
import { block, codes, write } from "./type-errors.ts";

describe("types across cells", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    kernel = await startTestKernel({ env: block });
  });
  afterAll(() => kernel.shutdown());

  test.for<[string, string[], string, number]>([
    ["a constant", ["const five = 5"], "five.length", 2339],
    ["a name declared again with another type", ["const again = 5", "const again = 'text'"], "again.toFixed()", 2551],
    [
      "a name declared again as another kind",
      ["const kind = 5", "function kind(n: number) { return n }"],
      "kind('')",
      2345,
    ],
    [
      "what is required",
      ["const os2 = require('node:os'); const { sep } = require('node:path')"],
      "os2.cpus().nothing; sep.length",
      2339,
    ],
    ["what is required at once", ["0"], "1\nconst host: number = require('node:os').hostname()", 2322],
    ["a name declared anew from itself", ["const list1 = [1]"], "const list1 = list1.map(String)", 2448],
    ["a variable", ["let count = 1"], "count = 'one'", 2322],
    ["an interface", ["interface Point { x: number }"], "const p: Point = { y: 1 }", 2353],
    ["a type", ["type Id = 'a' | 'b'"], "const id: Id = 'c'", 2322],
    ["an enum", ["enum Color { Red, Green }"], "Color.Blue", 2339],
    ["a class", ["class Dog { bark() { return 'woof' } }"], "new Dog().meow()", 2339],
    ["a namespace", ["namespace Geo { export type Lat = number; export const pole: Lat = 90 }"], "Geo.pole = 1", 2540],
    [
      "a generic function",
      ["function first<T>(list: T[]): T | undefined { return list[0] }"],
      "first(['a'])?.toFixed()",
      2551,
    ],
    [
      "a generic class and type",
      ["class Box<T> { constructor(readonly v: T) {} }; type Pair<T> = [T, T]"],
      "const q: Pair<Box<number>> = [new Box(1), new Box('')]",
      2322,
    ],
    [
      "a type without a name",
      ["const hidden = (() => { class Hidden { h = 1 } return new Hidden() })()"],
      "hidden.g",
      2339,
    ],
    ["an import of an earlier cell", ["import { basename } from 'node:path'"], "basename(1)", 2345],
    ["a type that was imported", ["import type { Stats } from 'node:fs'"], "const st: Stats = 1", 2322],
    ["a destructured name", ["const { u, list: [z] } = { u: 1, list: ['s'] as const }"], "z.toFixed()", 2551],
    ["a var of a block", ["for (const i of [1]) { var leaked = i }"], "leaked.length", 2339],
    ["a resource", ["using res = { [Symbol.dispose]() {}, k: 1 }"], "res.nope", 2339],
    ["an awaited value", ["const later = await Promise.resolve([1, 2])"], "later.foo", 2339],
    ["declare global", ["declare global { interface Zoo { lion: number } }"], "const zoo: Zoo = { lion: '' }", 2322],
    [
      "what several cells declare globally",
      [
        "declare global { interface Both { a: 1 } }",
        "declare global { interface Both { b: 2 } }",
        "declare global { interface Both { b: 3 } }",
      ],
      "const both: Both = { a: 1, b: 2 }",
      2322,
    ],
    [
      "a global variable declared again",
      ["declare global { var gg: number }", "declare global { var gg: string }"],
      "gg.toFixed()",
      2551,
    ],
    [
      "a module that a cell declares",
      ["declare module 'virtual' { export const v: number }", "import type { v } from 'virtual'"],
      "let vv: typeof v = ''",
      2322,
    ],
    [
      "a type that a failed cell declares",
      ["try { throw 1 } catch {}; interface Kept { a: 1 }"],
      "const kept1: Kept = { a: 2 }",
      2322,
    ],
    ["a result of sql", ["const res1 = %sql select 1::integer as one"], "res1.get(0)!.two", 2339],
    ["a result of %%sql", ["%%sql res2 <<\nselect 1::integer as one"], "res2.get(0)!.two", 2339],
    ["a result of the sql function", ["const res3 = await sql`select 'x' as name`"], "res3.get(0)!.nope", 2339],
    [
      "a variable that a function empties",
      ["let full: number[] | undefined = [1]; const empty = () => { full = undefined }", "full.length; empty()"],
      "full.length",
      18048,
    ],
    [
      "a variable with another table",
      ["let swapped = await sql`select 1 as a`", "swapped = await sql`select 1 as b`"],
      "swapped.get(0)!.a",
      2339,
    ],
    ["the output of %sh", ["const out = %sh echo 1"], "out.toFixed()", 2551],
    ["a value of %time", ["const timed = %time [1, 2].length"], "timed.length", 2339],
    ["what %%capture kept", ["%%capture kept\n1"], "kept.stdoutt", 2551],
    ["a parameter that nothing gives a type", ["0"], "const named = x => x", 7006],
    ["an expression in a magic", ["const word = 'x'"], "%sql select ${word.lengthh} as n", 2551],
    ["the API", ["0"], "display.markdwn('')", 2551],
    ["tslab's API", ["import * as tslab from 'tslab'"], "tslab.display.htm('')", 2551],
    [
      "JSX",
      ["const React = { createElement: (..._: unknown[]) => 1 }"],
      "const el = <b>hi</b>; const s: string = five",
      2322,
    ],
  ])("of %s", async ([, cells, wrong, code]) => {
    for (const cell of cells) expect([cell, codes(await kernel.run(cell))]).toEqual([cell, []]);
    expect(codes(await kernel.run(wrong))).toEqual([code]);
  });

  test.for<[string, string[]]>([
    ["a literal constant widens", ["const lit = 5", "let wide = lit; wide = 6"]],
    ["a variable takes its type", ["let n = 1", "n = 2; n += 1", "n.toFixed()"]],
    ["an own declaration hides the earlier one", ["const own = 1", "const own = 'a'; own.length", "own.length"]],
    ["a checked constant stays checked", ["const m = 'abc'.match(/b/); if (!m) throw 1", "m.index"]],
    [
      "a variable that was filled later",
      ["let db: { q(): number } | undefined", "db = { q: () => 1 }", "db.q(); db = undefined"],
    ],
    [
      "a variable that a function fills",
      [
        "let filled: number[] | undefined; const fill = async () => { filled = [1] }; const drain = () => { filled = undefined }; await fill()",
        "filled.length; drain()",
        "const drained: undefined | number[] = filled; void fill()",
        "filled.length",
      ],
    ],
    [
      "a variable with another table",
      [
        "let table = await sql`select 1 as a`; const more = await sql`select 5 as c`",
        "table.get(0)!.a + 1; table = await sql`select 'x' as b`",
        "table.get(0)!.b.length; table = more",
        "table.get(0)!.c.toFixed(); const swap = async () => { table = await sql`select true as d` }",
        "await swap()",
        "const d: boolean = table.get(0)!.d",
      ],
    ],
    ["a list that was filled", ["const rows = []; for (const i of [1, 2]) rows.push(i)", "rows.map((r) => r + 1)"]],
    [
      "an empty list and an empty variable",
      ["const none = []; let empty", "none.push(1); empty = 5", "none.length + empty"],
    ],
    [
      "a checked constant with an annotation",
      ["const maybe: string | undefined = 'abc'.match(/b/)?.[0]; if (!maybe) throw 1", "maybe.length"],
    ],
    [
      "an assertion function of a cell",
      [
        "type Check = (x: unknown) => asserts x is string; const check: Check = (x) => { if (x !== 'a') throw 1 }",
        "const checked: unknown = 'a'; check(checked); checked.length",
        "checked.length",
      ],
    ],
    [
      "a type and a constant of one name",
      ["interface Same { a: 1 }; const Same: Same = JSON.parse('{}')", "let same: Same = Same"],
    ],
    [
      "functions that call each other across cells",
      [
        "function even(n: number): boolean { return n === 0 || odd(n - 1) }",
        "const odd = (n: number): boolean => n !== 0 && even(n - 1)",
        "even(4)",
      ],
    ],
    [
      "a module of a pattern",
      [
        "declare module '*.txt' { const text: string; export default text }",
        "type Text = typeof import('./a.txt').default; const tx: Text = ''",
      ],
    ],
    [
      "more of a package that exists",
      [
        "declare module 'apache-arrow' { interface Extra { a: 1 } }",
        "import type { Extra } from 'apache-arrow'",
        "const extra: Extra = { a: 1 }",
      ],
    ],
    ["a global that a cell made", ["Object.assign(globalThis, { made: 1 })", "made + 1", "const typed: string = made"]],
    [
      "a global that a cell made and declared",
      ["declare global { var told: number }\nglobalThis.told = 1", "told.toFixed()"],
    ],
    [
      "an extension of a built-in",
      [
        "declare global { interface Array<T> { last(): T | undefined } }\nArray.prototype.last = function () { return this.at(-1) }",
        "declare global { interface Array<T> { second(): T } }",
        "[1].last()?.toFixed()",
      ],
    ],
    [
      "an assertion function",
      ["import assert from 'node:assert/strict'", "const v: unknown = 1; assert(typeof v === 'number'); v.toFixed()"],
    ],
    [
      "a class and its interface",
      ["class A { a = 1 }", "class B extends A { b = 2 }; const ab: A = new B()", "ab instanceof B && ab.b"],
    ],
    [
      "a unique symbol",
      ["const key = Symbol('k')", "interface Keyed { [key]: number }", "const keyed: Keyed = { [key]: 1 }"],
    ],
    ["a name of a class in older code", ["class Old { a = 1 }; const old = new Old()", "class Old { b = 1 }", "old.a"]],
    [
      "a table's row",
      ["import { tableFromArrays } from 'apache-arrow'", "const tab = tableFromArrays({ a: [1] })", "tab.get(0)?.a"],
    ],
    ["magics", ["%pwd", "%time 1 + 1", "const text = %pwd", "text", "%sh echo ${text}"]],
    [
      "names that another program declares",
      ["%%writefile decl.ts\nexport const declared = 1", "%run decl.ts", "declared"],
    ],
    [
      "Node's and the kernel's globals",
      ["process.version; Buffer.from(''); __dirname; fetch; display; plot; progress; sh; input; require"],
    ],
    ["top-level await and for await", ["for await (const x of [1]) x", "await null"]],
    [
      "legacy assertions and satisfies",
      ["const cast = <number><unknown>5; const sat = { a: 1 } satisfies object", "cast + sat.a"],
    ],
    [
      "JSON of the network",
      [
        "const answer = await fetch('data:application/json,[1]'); const json: number[] = await answer.clone().json()",
        "async function getJson<T>(url: string): Promise<T> { return (await fetch(url)).json() }",
      ],
    ],
    [
      "functions that are handed to any",
      [
        "const parsed: any = JSON.parse('[1]'); parsed.map(v => v + 1); parsed.map(({ length }, ...more) => more)",
        "parsed.on = (e) => e; parsed.on({ a: x => y => x + y, b(z) { return z } })",
      ],
    ],
    [
      "what a comment says of JSX",
      ["function h(...parts: unknown[]) { return parts }", "// a note\n/** @jsx h */\n<div/>"],
    ],
    ["a list that is nested deep", [`const nested = ${"[".repeat(110)}1${"]".repeat(110)}`]],
    ["help", ["cast?", "?sat", "%sql?"]],
    ["ts-ignore and ts-nocheck", ["// @ts-ignore\nconst ign: string = 5", "// @ts-nocheck\nconst nock: string = 5"]],
    [
      "a cell of JSON",
      [
        '%%writefile d.json\n{"deep": {"n": 1}}',
        "import d from './d.json' with { type: 'json' }",
        "d.deep.n.toFixed()",
      ],
    ],
    [
      "any in function bodies that come before",
      ["function early(): number { return 1 }", "const before = early()", "before.toFixed()"],
    ],
  ])("no alarm for %s", async ([, cells]) => {
    for (const cell of cells) expect([cell, codes(await kernel.run(cell))]).toEqual([cell, []]);
  });

  test("a table is named with its columns", async () => {
    await kernel.run("const named = await sql`select 1 as one`");
    const { traceback } = await kernel.run("named.nothing");
    expect(traceback).toContain("Property 'nothing' does not exist on type 'Table<{ one: Int32 }>'.");
  });

  test("a cell that failed gives no names but those that it had declared", async () => {
    await kernel.run("const stays = 1");
    expect(
      (await kernel.run("const got = 'a'; const lost = (() => { throw new Error('no') })() as string")).error,
    ).toBe("Error: no");
    expect(codes(await kernel.run("got.length"))).toEqual([]);
    const { traceback } = await kernel.run("lost");
    expect(traceback).toContain("TS2304 Cannot find name 'lost': the cell that declares it failed.");
  });

  test("a cell that failed gives its types", async () => {
    expect((await kernel.run("type Late = 'a'; throw new Error('no')")).error).toBe("Error: no");
    expect(codes(await kernel.run("const late: Late = 'b'"))).toEqual([2322]);
  });

  test("of a name that nobody declares, the error says so; in a function that runs later it stops nothing", async () => {
    expect((await kernel.run("nobody")).traceback).toContain(
      "Cannot find name 'nobody': no cell that has run declares it.",
    );
    expect(codes(await kernel.run("[1].map(() => nobody)"))).toEqual([2304]);
    const { error, displays } = await kernel.run("function early2() { return nobody }");
    expect(error).toBeUndefined();
    expect(displays.map((data) => stripVTControlCharacters(String(data["text/plain"])))).toEqual([
      expect.stringContaining("TS2304 Cannot find name 'nobody': no cell that has run declares it yet."),
    ]);
  });

  test.for([
    "const a = ;",
    "function (",
    "const twice = 1; const twice = 2",
    "if (x {",
    "let 5x = 1",
    "import { x from 'y'",
    "x = = 5",
    "return x",
    "break",
    "async function mf() {\n  const r = %sql select 1 as a\n  return r\n}",
  ])("%s is no matter of types: its run says what is wrong", async (code) => {
    const { error, displays } = await kernel.run(code);
    expect(error).toMatch(/^(?:SyntaxError|UsageError): /);
    expect(displays).toEqual([]);
  });

  test("a cell that did not run gives no names", async () => {
    expect(codes(await kernel.run("const refused: number = ''"))).toEqual([2322]);
    expect((await kernel.run("refused")).traceback).toContain("the cell that declares it did not run");
  });

  test("what mends JSX without React, and a map without a type", async () => {
    await kernel.run("%reset -f");
    const { traceback } = await kernel.run("<div/>");
    expect(stripVTControlCharacters(traceback)).toMatch(
      /JSX calls 'React': no cell .*\n(?:.*\n)*? *try: %npm add react\n/,
    );
    await kernel.run("const lookup = {}");
    expect(stripVTControlCharacters((await kernel.run("lookup['a'] = 1")).traceback)).toContain(
      "try: const lookup: Record<string, any> = {}\n",
    );
  });

  test("messages name the cells", async () => {
    const message = async (code: string): Promise<string> =>
      stripVTControlCharacters((await kernel.run(code)).traceback);
    const { count: first } = await kernel.run("const held = 1; function made() {}; interface Twice { a: number }");
    const { count: second } = await kernel.run(
      "function takes(it: Twice) {}; import { sep as separator } from 'node:path'",
    );
    const { count: third } = await kernel.run("interface Twice { a: string }; const twice: Twice = { a: '' }");
    expect(await message("held = 2")).toContain(
      `TS2632 Cannot assign to 'held' because it is a constant of In[${first}].`,
    );
    expect(await message("made = 2")).toContain(`because it is a function of In[${first}].`);
    expect(await message("separator = 2")).toContain(`because it is an import of In[${second}].`);
    expect(await message("takes(twice)")).toContain(
      `Argument of type 'Twice' of In[${third}] is not assignable to parameter of type 'Twice' of In[${first}].`,
    );
    expect(await message("interface Twice { b: 1 }; takes(null! as Twice)")).toContain(
      `Property 'a' is missing in type 'Twice' of this cell but required in type 'Twice' of In[${first}].`,
    );
  });

  test("after %reset no name is known", async () => {
    await kernel.run("const gone = 1");
    await kernel.run("%reset -f");
    expect(codes(await kernel.run("gone"))).toEqual([2304]);
  });

  test("cells of a module of the folder, also once it was edited", async () => {
    write(kernel.folder, "tool.ts", "export const tool = (n: number) => n");
    expect(codes(await kernel.run("import { tool } from './tool.ts'"))).toEqual([]);
    expect(codes(await kernel.run("tool('a')"))).toEqual([2345]);
    write(kernel.folder, "tool.ts", "export const tool = (n: string) => n // edited");
    expect(codes(await kernel.run("import { tool } from './tool.ts'; tool('a')"))).toEqual([]);
  });

  test("a cell that was run again counts as it ran last", async () => {
    for (const cell of ["const v1 = 1", "const v2 = v1", "const v1 = 'a'"]) await kernel.run(cell);
    expect(codes(await kernel.run("v2.toFixed()"))).toEqual([]);
    await kernel.run("const v2 = v1");
    expect(codes(await kernel.run("v2.toFixed()"))).toEqual([2551]);
  });
});
