import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

function write(name: string, text: string): void {
  const path = join(kernel.folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

/** Runs cells one after the other and returns the last one's result. */
async function last(cells: readonly string[]): Promise<string | undefined> {
  let result: string | undefined;
  for (const code of cells) {
    const seen = await kernel.run(code);
    if (seen.error !== undefined) throw new Error(`${code}\n${seen.traceback}`);
    result = seen.result;
  }
  return result;
}

describe("TypeScript as users write it", () => {
  test.for([
    ["an enum, also reverse", ["enum Color { Red, Green = 5 }", "[Color.Green, Color[0]]"], "[ 5, 'Red' ]"],
    ["an enum run again starts fresh", ["enum E { A, B }", "enum E { C }", "Object.keys(E)"], "[ '0', 'C' ]"],
    ["a namespace", ["namespace N { export const a = 1; export function f() { return a + 1 } }", "N.f()"], "2"],
    ["parameter properties", ["class P { constructor(private x: number, readonly y = x) {} }", "new P(3).y"], "3"],
    ["generics", ["const id = <T,>(x: T): T => x", "id<string>('a')"], "'a'"],
    ["an old type assertion", ["const old = <number><unknown>5", "old"], "5"],
    ["satisfies", ["const s = { a: 1 } satisfies Record<string, number>", "s.a"], "1"],
    [
      "an interface of an earlier cell",
      ["interface Person { name: string }", "const p: Person = { name: 'Ada' }", "p.name"],
      "'Ada'",
    ],
    [
      "using, disposed at the cell's end",
      [
        "const log: string[] = []",
        "using r = { [Symbol.dispose]() { log.push('disposed') } }; log.push('in use')",
        "log",
      ],
      "[ 'in use', 'disposed' ]",
    ],
    ["top-level await", ["const rows = await Promise.all([1, 2, 3].map(async (n) => n * n))", "rows"], "[ 1, 4, 9 ]"],
    ["for await", ["let sum = 0; for await (const x of [1, Promise.resolve(2)]) sum += x", "sum"], "3"],
    [
      "standard decorators",
      [
        "const shout = (f: Function, _: ClassMethodDecoratorContext) => function (this: unknown) { return f.call(this) + '!' }",
        "class Dog { @shout bark() { return 'woof' } }",
        "new Dog().bark()",
      ],
      "'woof!'",
    ],
    [
      "JSX with the default pragma",
      ["const React = { createElement: (...x: unknown[]) => x }", "const el = <b title='t'>hi</b>", "el"],
      "[ 'b', { title: 't' }, 'hi' ]",
    ],
    [
      "functions hoisted in a cell",
      ["const hoisted = later(2); function later(n: number) { return n * 2 }", "hoisted"],
      "4",
    ],
    [
      "a function that uses a name of a later cell",
      ["function uses() { return defined }", "const defined = 7", "uses()"],
      "7",
    ],
    [
      "destructuring with defaults",
      ["const { a, b: [c = 3] = [], ...rest } = { a: 1, x: 2 }", "[a, c, rest]"],
      "[ 1, 3, { x: 2 } ]",
    ],
    ["export is a declaration", ["export const exported = 1", "exported"], "1"],
    ["declare global is no code", ["declare global { var nothing: number }\n5"], "5"],
    [
      "async generators",
      ["async function* g() { yield 1; yield 2 }", "const got = []; for await (const x of g()) got.push(x); got"],
      "[ 1, 2 ]",
    ],
    ["a promise is shown, not awaited", ["Promise.resolve(1)"], "Promise { 1 }"],
    ["typeof of an unknown name", ["typeof nowhere"], "'undefined'"],
    [
      "a class used in its own static block",
      ["class Self { static made = new Self() }", "Self.made instanceof Self"],
      "true",
    ],
  ] as const)("%s", async ([, cells, expected]) => {
    expect(await last(cells)).toBe(expected);
  });

  test.for([
    [
      "a pragma",
      { jsx: "react", jsxFactory: "h" },
      "const h = (...x: unknown[]) => x",
      "<b>hi</b>",
      "[ 'b', null, 'hi' ]",
    ],
    [
      "the automatic runtime",
      { jsx: "react-jsx", jsxImportSource: "tiny" },
      "0",
      "<b>hi</b>",
      "[ 'b', { children: 'hi' } ]",
    ],
  ] as const)("JSX with %s of tsconfig", async ([name, compilerOptions, before, cell, expected]) => {
    const folder = name.replaceAll(" ", "-");
    write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions }));
    write(
      `${folder}/node_modules/tiny/package.json`,
      `{ "name": "tiny", "type": "module", "exports": { "./*": "./*.js" } }`,
    );
    write(`${folder}/node_modules/tiny/jsx-runtime.js`, "export const jsx = (...x) => x.slice(0, 2), jsxs = jsx");
    const jsx = await startTestKernel({ folder: join(kernel.folder, folder) });
    await jsx.run(before);
    expect((await jsx.run(cell)).result).toBe(expected);
    await jsx.shutdown();
  });

  test("legacy decorators where tsconfig says so", async () => {
    write("legacy/tsconfig.json", `{ "compilerOptions": { "experimentalDecorators": true } }`);
    const legacy = await startTestKernel({ folder: join(kernel.folder, "legacy") });
    await legacy.run("function tag(target: any, key: string) { target.tagged = key }");
    await legacy.run("class T { @tag method() {} }");
    expect((await legacy.run("(new T() as any).tagged")).result).toBe("'method'");
    await legacy.shutdown();
  });
});

describe("names", () => {
  const kinds = {
    const: "const x = 1",
    let: "let x = 2",
    var: "var x = 3",
    function: "function x() {}",
    class: "class x {}",
    enum: "enum x { A }",
    import: `import x from "node:path"`,
    namespace: "namespace x { export const a = 1 }",
  };
  test("anything can be redeclared as anything", async () => {
    const failed: string[] = [];
    for (const [from, first] of Object.entries(kinds)) {
      for (const [to, second] of Object.entries(kinds)) {
        for (const code of [first, second]) {
          const { error } = await kernel.run(code);
          if (error !== undefined) failed.push(`${from} -> ${to}: ${error}`);
        }
      }
    }
    expect(failed).toEqual([]);
  });

  test("a const cannot be assigned, in its cell or later", async () => {
    await kernel.run("const fixed = 1");
    expect((await kernel.run("fixed = 2")).error).toMatch(/^TypeError: Assignment to constant variable/);
    expect((await kernel.run("fixed")).result).toBe("1");
  });

  test("an unknown name is a ReferenceError, also when assigned", async () => {
    expect((await kernel.run("unheard")).error).toBe("ReferenceError: unheard is not defined");
    expect((await kernel.run("unheard = 1")).error).toBe("ReferenceError: unheard is not defined");
  });

  test("an error half-way keeps what was set before it", async () => {
    const { error } = await kernel.run("const early = 1; throw new Error('half-way'); const late = 2");
    expect(error).toBe("Error: half-way");
    expect((await kernel.run("[early, typeof late]")).result).toBe("[ 1, 'undefined' ]");
  });

  test("a notebook name does not reach packages", async () => {
    await kernel.run("const window = 3");
    expect((await kernel.run("typeof globalThis.window")).result).toBe("'undefined'");
  });

  test("anonymous functions take the name of their constant", async () => {
    expect(await last(["const arrow = () => 1; const { d = () => 2 } = {}", "[arrow.name, d.name]"])).toBe(
      "[ 'arrow', 'd' ]",
    );
  });
});

describe("imports", () => {
  test("builtin, ESM, CommonJS, JSON and local TypeScript", async () => {
    write("points.json", `{ "x": 1 }`);
    write("clean.ts", "export enum Mode { Fast = 2 }\nexport const clean = (s: string): string => s.trim()\n");
    write("node_modules/esm/package.json", `{ "name": "esm", "type": "module", "exports": "./index.js" }`);
    write("node_modules/esm/index.js", "export const kind = 'esm'; export default 'default'");
    write("node_modules/cjs/package.json", `{ "name": "cjs", "main": "./index.js" }`);
    write("node_modules/cjs/index.js", "module.exports = { kind: 'cjs', [['dyn', 'amic'].join('')]: 1 }");
    await kernel.run(`import { join } from "node:path"
      import fallback, { kind as esm } from "esm"
      import { kind as cjs, dynamic } from "cjs"
      import points from "./points.json" with { type: "json" }
      import { clean, Mode } from "./clean.ts"
      import * as everything from "esm"`);
    const { result } = await kernel.run(
      `[join("a", "b"), fallback, esm, cjs, dynamic, points.x, clean(" c "), Mode.Fast, everything.kind]`,
    );
    expect(result?.replaceAll(/\s+/g, " ")).toBe("[ 'a/b', 'default', 'esm', 'cjs', 1, 1, 'c', 2, 'esm' ]");
  });

  test("dynamic import, require, import.meta and __dirname speak of the notebook's folder", async () => {
    write("local.ts", "export const here = 'local'");
    write("data.cjs", "module.exports = 5");
    expect((await kernel.run(`(await import("./local.ts")).here`)).result).toBe("'local'");
    expect((await kernel.run(`require("./data.cjs")`)).result).toBe("5");
    expect((await kernel.run("__dirname")).result).toBe(`'${kernel.folder}'`);
    expect((await kernel.run("import.meta.dirname")).result).toBe(`'${kernel.folder}'`);
    expect((await kernel.run(`import.meta.url.startsWith("file:///")`)).result).toBe("true");
  });

  test("an edited local file is live at the next cell that imports it", async () => {
    write("live.ts", "export const version = 1");
    await kernel.run(`import { version } from "./live.ts"`);
    write("live.ts", "export const version = 22");
    await kernel.run(`import { version } from "./live.ts"`);
    expect((await kernel.run("version")).result).toBe("22");
  });

  test("a missing package says how to add it", async () => {
    const { error } = await kernel.run(`import { z } from "zod-that-is-not-there"`);
    expect(error).toMatch(/zod-that-is-not-there.*%npm add zod-that-is-not-there/s);
  });

  test("apache-arrow is there without installing it", async () => {
    const { result } = await kernel.run(
      `import { tableFromArrays } from "apache-arrow"; tableFromArrays({ a: [1, 2] }).numRows`,
    );
    expect(result).toBe("2");
  });
});

describe("errors", () => {
  test("point at the line of the TypeScript that the user wrote", async () => {
    const { traceback, count } = await kernel.run(
      "interface Unused { a: string }\nfunction half(n: number) {\n  if (n % 2) throw new RangeError(`odd: ${n}`)\n  return n / 2\n}\nhalf(3)",
    );
    const name = `In[${count}]`;
    expect(traceback).toContain("RangeError: odd: 3");
    expect(traceback).toContain(`${name}:3:14`);
    expect(traceback).toContain("> 3 │   if (n % 2) throw new RangeError(`odd: ${n}`)");
    expect(traceback).toContain(`at half (${name}:3:14)`);
    expect(traceback).toContain(`at ${name}:6:1`);
    expect(traceback).not.toMatch(/kernel\/|node:|\$\./);
  });

  test.for([
    ["const notFunction = 3 as any; notFunction()", "notFunction is not a function"],
    ["const host: any = {}; host.f()", "host.f is not a function"],
    ["new notFunction()", "notFunction is not a constructor"],
    ["for (const x of notFunction) ;", "notFunction is not iterable"],
    ["const $: any = {}; $.f()", "$.f is not a function"],
    ["function own($: any) { $.f() }\nown({})", "$.f is not a function"],
    ["const fixed1 = 1\n\n;[fixed1] = [2]", "Assignment to constant variable 'fixed1'."],
    [
      "const sealed: any = Object.create(null, { a: { value: 1 } })\nsealed.a = 2",
      "Cannot assign to read only property 'a' of object '[object Object]'",
    ],
  ] as const)("%s speaks of the names that the user wrote", async ([code, message]) => {
    const { reply } = await kernel.run(code);
    expect(reply).toMatchObject({ ename: "TypeError", evalue: message });
  });

  test("no name of ours stands for an anonymous function", async () => {
    const { traceback } = await kernel.run(
      "const call = (f, c) => f(c); const it = call(({ a }) => { throw new Error('v') }, { a: 1 })",
    );
    expect(traceback).toMatch(/\n {4}at In\[\d+\]:1:\d+\n {4}at call \(/);
    const awaited = await kernel.run("await call(async ({ a }) => { await 1; throw new Error('w') }, { a: 1 })");
    expect(awaited.traceback).toMatch(/\n {4}at In\[\d+\]:1:\d+\n {4}at async In/);
  });

  test("the code of a magic has no frame of ours", async () => {
    const { traceback } = await kernel.run("%time throw new Error('timed')");
    expect(traceback).toMatch(/Error: timed\n {3}In\[\d+\]:1:7\n/);
    expect(traceback).not.toContain("$code");
  });

  test("a package that require does not find shows its place", async () => {
    const { traceback } = await kernel.run("const a = 1\nrequire('package-that-is-not-there')");
    expect(traceback).toMatch(/%npm add package-that-is-not-there`\n {3}In\[\d+\]:2:1\n/);
    expect(traceback).not.toContain("specifier");
  });

  test("a magic's usage error is its message and nothing of ours", async () => {
    const { traceback } = await kernel.run("%load nowhere.txt");
    expect(traceback).toMatch(/^UsageError: %load: there is no .*nowhere\.txt[^\n]*$/);
  });

  test("an error that the cell shows by itself has the user's places and no frame of ours", async () => {
    const { stderr, count } = await kernel.run(
      "interface Gone { a: string }\nfunction deep() { throw new Error('shown') }\ntry { deep() } catch (e) { console.error(e) }",
    );
    const name = `In[${count}]`;
    expect(stripVTControlCharacters(stderr)).toBe(`Error: shown\n    at deep (${name}:2:19)\n    at ${name}:3:7\n`);
  });

  test("async frames keep their names", async () => {
    const { traceback } = await kernel.run(
      "async function inner() { await null; throw new Error('deep') }\nasync function outer() { await inner() }\nawait outer()",
    );
    expect(traceback).toMatch(/at async outer \(In\[\d+\]:2:\d+\)/);
  });

  test("causes and aggregated errors are shown", async () => {
    const cause = await kernel.run(`throw new Error("outer", { cause: new TypeError("inner") })`);
    expect(cause.traceback).toMatch(/Error: outer[\s\S]*TypeError: inner/);
    const all = await kernel.run(
      `await Promise.any([Promise.reject(new Error("one")), Promise.reject(new Error("two"))])`,
    );
    expect(all.traceback).toMatch(/AggregateError[\s\S]*one[\s\S]*two/);
  });

  test("a thrown string is an error too", async () => {
    const { reply } = await kernel.run(`throw "text"`);
    expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining("text") });
  });

  test("a name that is used before its declaration hints at a missing semicolon", async () => {
    const { traceback } = await kernel.run("const unready = String(1)\n[unready].length");
    expect(traceback).toContain("unready is declared in this cell, but used before");
    expect(traceback).toContain('end that one with ";"');
  });

  test("a name of Python says what it is in TypeScript", async () => {
    const { error, traceback } = await kernel.run("print('a')");
    expect(error).toBe("ReferenceError: print is not defined");
    expect(traceback).toContain("print is Python's: in TypeScript it is console.log(…)");
  });

  test("a syntax error points at its place", async () => {
    const { error, traceback } = await kernel.run("const a = 1\nconst b = )");
    expect(error).toMatch(/^SyntaxError: /);
    expect(traceback).toMatch(/In\[\d+\]:2:11/);
  });
});

describe("console", () => {
  test("formats as Node does, with colours, stderr apart", async () => {
    const { stdout, stderr } = await kernel.run(
      `console.log("%d %s", 1, "two", { a: [1] }); console.error("bad"); console.table([{ a: 1 }])`,
    );
    expect(stdout).toContain("1 two { a: [ \u001B[33m1\u001B[39m ] }\n");
    expect(stdout).toContain("┌");
    expect(stderr).toBe("bad\n");
  });

  test("what native code and children write is shown, before the cell ends", async () => {
    const { stdout } = await kernel.run(
      `import { execSync } from "node:child_process"; import fs from "node:fs"; fs.writeSync(1, "direct\\n"); execSync("echo child", { stdio: "inherit" }); 1`,
    );
    expect(stdout).toBe("direct\nchild\n");
  });

  test("TYPHOON_PLAIN=1 prints without colours", async () => {
    const plain = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
    const { stdout } = await plain.run("console.log({ a: 1 })");
    expect(stdout).toBe("{ a: 1 }\n");
    await plain.shutdown();
  });
});

test("a function of a cell long ago still has its place in traces", async () => {
  const { count } = await kernel.run("interface Long { ago: string }\nfunction longAgo() { throw new Error('old') }");
  for (let n = 0; n < 70; n += 1) await kernel.run(String(n));
  const { traceback } = await kernel.run("longAgo()");
  expect(traceback).toContain(`at longAgo (In[${count}]:2:22)`);
});
