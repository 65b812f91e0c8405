import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { createCellMeta } from "../../kernel/runtime/modules.ts";
import { api, createNotebookFolder } from "./notebook-folder.ts";

describe("a local module", () => {
  const cases: readonly (readonly [string, Record<string, string>, string, unknown])[] = [
    ["enum", { "a.ts": "export enum E { A, B = 'b' }" }, "(await import('./a.ts')).E.B", "b"],
    ["namespace", { "a.ts": "export namespace N { export const z = 1 }" }, "(await import('./a.ts')).N.z", 1],
    [
      "parameter property",
      { "a.ts": "export class K { constructor(readonly q: number) {} }" },
      "new (await import('./a.ts')).K(3).q",
      3,
    ],
    [
      "JSX",
      { "a.tsx": "const React = { createElement: (t: string) => `<${t}>` }; export const j = <b>x</b>" },
      "(await import('./a.tsx')).j",
      "<b>",
    ],
    [
      "JSX of the tsconfig's factory",
      {
        "tsconfig.json": '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
        "a.tsx": "const h = (t: string) => `h ${t}`; export const j = <b/>",
      },
      "(await import('./a.tsx')).j",
      "h b",
    ],
    [
      "standard decorator",
      { "a.ts": "const d = (f: any, c: any) => () => c.name; export class K { @d m() {} accessor z = 1 }" },
      "[new (await import('./a.ts')).K().m(), new (await import('./a.ts')).K().z]",
      ["m", 1],
    ],
    [
      "accessor above a line that begins with a bracket",
      {
        "a.ts":
          "let x = 1; export class K { accessor z = '🫐' }\nx++\n;[x]; export const y = x++\n[x]; export const z = x",
      },
      "(({ y, z }) => [y, z])(await import('./a.ts'))",
      [2, 3],
    ],
    [
      "legacy decorator",
      {
        "tsconfig.json": '{ "compilerOptions": { "experimentalDecorators": true } }',
        "a.ts": "const d = (target: any, key: string) => { target[key + '2'] = 2 }; export class K { @d m() {} }",
      },
      "new (await import('./a.ts')).K().m2",
      2,
    ],
    ["without extension", { "a.ts": "export const x = 1" }, "(await import('./a')).x", 1],
    ["as .js", { "a.ts": "export const x = 1" }, "(await import('./a.js')).x", 1],
    ["as .mjs", { "a.mts": "export const x = 1" }, "(await import('./a.mjs')).x", 1],
    ["folder", { "lib/index.ts": "export const x = 1" }, "(await import('./lib')).x", 1],
    [
      "module beside module",
      { "a.ts": "export * from './b'", "b.ts": "export const x = 2" },
      "(await import('./a')).x",
      2,
    ],
    ["JSON", { "d.json": '{"q":1}' }, "(await import('./d.json')).default.q", 1],
    [
      "JSON with its type",
      { "d.json": '{"q":1}' },
      "(await import('./d.json', { with: { type: 'json' } })).default.q",
      1,
    ],
    [
      "JSON from a module",
      { "a.ts": "import d from './d.json'; export { d }", "d.json": "[4]" },
      "(await import('./a')).d",
      [4],
    ],
    ["required TypeScript", { "a.ts": "export const x: number = 1" }, "require('./a.ts').x", 1],
    ["required, without extension", { "a.ts": "export const x: number = 1" }, "require('./a').x", 1],
    [
      "CommonJS TypeScript",
      { "a.cts": "import p = require('node:path'); export = { s: p.posix.sep }" },
      "require('./a.cts').s",
      "/",
    ],
    [
      "CommonJS imported",
      { "a.ts": "const x: number = 1; module.exports = { x }" },
      "(await import('./a.ts')).default.x",
      1,
    ],
    [
      "import = require in a module",
      { "a.ts": "import p = require('node:path'); export const s = p.posix.sep" },
      "(await import('./a')).s",
      "/",
    ],
    [
      "tsconfig paths",
      {
        "tsconfig.json": '{ "compilerOptions": { "paths": { "@lib/*": ["./src/*"] } } }',
        "src/a.ts": "export const x = 5",
      },
      "(await import('@lib/a')).x",
      5,
    ],
    [
      "tsconfig baseUrl",
      { "tsconfig.json": '{ "compilerOptions": { "baseUrl": "src" } }', "src/a.ts": "export const x = 6" },
      "(await import('a')).x",
      6,
    ],
    [
      "TypeScript in a package",
      {
        "node_modules/p/package.json": '{"name":"p","exports":"./i.ts"}',
        "node_modules/p/i.ts": "export enum E { A = 7 }",
      },
      "(await import('p')).E.A",
      7,
    ],
    [
      "a CommonJS package",
      { "node_modules/p/index.js": "exports.x = 8" },
      "[(await import('p')).x, require('p').x]",
      [8, 8],
    ],
    [
      "a package's file without its extension",
      { "node_modules/p/index.js": "", "node_modules/p/fp/map.js": "module.exports = 9" },
      "(await import('p/fp/map')).default",
      9,
    ],
    [
      "CommonJS TypeScript with import and export",
      { "a.cts": "import { posix } from 'node:path'; export const s = posix.sep; export default 3" },
      "[require('./a.cts').s, (await import('./a.cts')).s]",
      ["/", "/"],
    ],
    [
      "explicit commonjs package.json beside ES modules",
      { "package.json": '{"type":"commonjs"}', "a.ts": "export const x = 9" },
      "(await import('./a.ts')).x",
      9,
    ],
  ];
  test.for(cases)("%s", async ([, files, expression, expected]) => {
    using notebook = createNotebookFolder(files);
    expect(await notebook.cell(`return ${expression}`)).toEqual(expected);
  });

  test("knows its own URL and file name in every version", async () => {
    using notebook = createNotebookFolder();
    for (const round of [1, 2]) {
      notebook.write({ "a.ts": `export const at = [import.meta.url, import.meta.filename]; // ${round}` });
      const found = (await notebook.cell("return (await import('./a.ts')).at")) as string[];
      expect(found).toEqual([createCellMeta(`${notebook.path}/a.ts`).url, `${notebook.path}/a.ts`]);
    }
  });
});

describe("an edited file", () => {
  test("is fresh at the next cell, by import and by require, and unchanged modules keep their instance", async () => {
    using notebook = createNotebookFolder({
      "a.ts": "import { b } from './b.ts'; export const x = 'old ' + b",
      "b.ts": "export const b = 'b'",
      "other.ts": "export const o = {}",
    });
    const all = "return [(await import('./a.ts')).x, require('./a.ts').x, (await import('./other.ts')).o]";
    const [before, , other] = (await notebook.cell(all)) as unknown[];
    expect(before).toBe("old b");
    notebook.write({ "a.ts": "import { b } from './b.ts'; export const x = 'new ' + b" });
    const [imported, required, same] = (await notebook.cell(all)) as unknown[];
    expect([imported, required]).toEqual(["new b", "new b"]);
    expect(same).toBe(other);
    notebook.write({ "b.ts": "export const b = 'changed'" });
    expect(await notebook.cell(all)).toEqual(["new changed", "new changed", {}]);
    notebook.write({ "a.ts": "import { b } from './b.ts'; export const x = 'third ' + b" });
    expect(await notebook.cell(all)).toEqual(["third changed", "third changed", {}]);
  });

  test("is fresh also where it is written again in the same tick of the clock, with the same length", async () => {
    using notebook = createNotebookFolder();
    for (let i = 0; i < 200; i++) {
      notebook.write({ "a.ts": `export const x = ${1000 + i}` });
      expect(await notebook.cell("return (await import('./a.ts')).x")).toBe(1000 + i);
    }
  });

  test("does not make what imports it only at times forget its state when it fails", async () => {
    using notebook = createNotebookFolder({
      "a.ts": "export const state = { n: 0 }; export const load = () => import('./bad.ts')",
      "bad.ts": "throw new Error('bad')",
    });
    await notebook.cell("(await import('./a.ts')).state.n = 1");
    await expect(notebook.cell("await (await import('./a.ts')).load()")).rejects.toThrow("bad");
    expect(await notebook.cell("return (await import('./a.ts')).state.n")).toBe(1);
  });

  test.for(["c.cjs", "d.json"])("that failed is tried again at the next import, of the kind %s", async (name) => {
    using notebook = createNotebookFolder({
      [name]: name === "d.json" ? "{" : "if (!globalThis.kindReady) throw 1; exports.x = 1",
    });
    await expect(notebook.cell(`await import('./${name}')`)).rejects.toBeDefined();
    if (name === "d.json") notebook.write({ [name]: '{ "x": 1 }' });
    else await notebook.cell("globalThis.kindReady = true");
    expect(await notebook.cell(`return (await import('./${name}')).default.x`)).toBe(1);
  });

  test("is shown in traces of its old version with its old text", async () => {
    using notebook = createNotebookFolder({ "a.ts": "export const f = () => 1" });
    await notebook.cell("await import('./a.ts')");
    notebook.write({ "a.ts": "\n\nexport const f = () => 2" });
    await notebook.cell("await import('./a.ts')");
    const path = `${notebook.path}/a.ts`;
    expect(notebook.modules.sourceOf(`${path}%3Fv1`)?.source).toBe("\n\nexport const f = () => 2");
    expect(notebook.modules.sourceOf(pathToFileURL(path).href)?.source).toBe("export const f = () => 1");
  });

  test("is one instance for import and require", async () => {
    using notebook = createNotebookFolder({ "a.ts": "export const x = {}" });
    const same = "return (await import('./a.ts')).x === require('./a').x";
    expect(await notebook.cell(same)).toBe(true);
    notebook.write({ "a.ts": "export const x = { second: true }" });
    expect(await notebook.cell(same)).toBe(true);
  });

  test("keeps its instance when saved without a change", async () => {
    using notebook = createNotebookFolder({ "a.ts": "export const x = {}" });
    const first = await notebook.cell("return (await import('./a.ts')).x");
    notebook.write({ "a.ts": "export const x = {}" });
    expect(await notebook.cell("return (await import('./a.ts')).x")).toBe(first);
  });

  test("is fresh in a cycle of imports", async () => {
    using notebook = createNotebookFolder({
      "a.ts": "import { b } from './b.ts'; export const a = 1; export const read = () => b()",
      "b.ts": "import { a } from './a.ts'; export const b = () => a + 1",
    });
    expect(await notebook.cell("return (await import('./a.ts')).read()")).toBe(2);
    notebook.write({ "b.ts": "import { a } from './a.ts'; export const b = () => a + 10" });
    expect(await notebook.cell("return (await import('./a.ts')).read()")).toBe(11);
  });

  test.for([
    ["c.cjs", "module.exports = 'old'", "module.exports = 'new'", "require('./c.cjs')"],
    ["c.cjs", "module.exports = 'old'", "module.exports = 'new'", "(await import('./c.cjs')).default"],
    [
      "c.cts",
      "module.exports = 'old' as string",
      "module.exports = 'new' as string",
      "(await import('./c.cts')).default",
    ],
    ["d.json", '"old"', '"new"', "(await import('./d.json')).default"],
    ["d.json", '"old"', '"new"', "require('./d.json')"],
    ["m.js", "export const x = 'old'", "export const x = 'new'", "(await import('./m.js')).x"],
  ] as const)("of the kind %s", async ([name, before, after, expression]) => {
    using notebook = createNotebookFolder({ [name]: before });
    expect(await notebook.cell(`return ${expression}`)).toBe("old");
    notebook.write({ [name]: after });
    expect(await notebook.cell(`return ${expression}`)).toBe("new");
  });

  test("that failed is run again at the next import, its dependencies are not", async () => {
    using notebook = createNotebookFolder({
      "bad.ts":
        "import './good.ts'; if (!(globalThis as any).typhoonReady) throw new Error('not ready'); export const x = 1",
      "good.ts": "(globalThis as any).typhoonRuns = ((globalThis as any).typhoonRuns ?? 0) + 1",
    });
    await expect(notebook.cell("await import('./bad.ts')")).rejects.toThrow("not ready");
    await notebook.cell("globalThis.typhoonReady = true");
    expect(await notebook.cell("return [(await import('./bad.ts')).x, typhoonRuns]")).toEqual([1, 1]);
  });

  test("with a syntax error says where, and runs once mended", async () => {
    using notebook = createNotebookFolder({ "a.ts": "const a = 1\nlet z = ;" });
    await expect(notebook.cell("await import('./a.ts')")).rejects.toMatchObject({
      name: "SyntaxError",
      filename: `${notebook.path}/a.ts`,
      line: 2,
      column: 9,
    });
    notebook.write({ "a.ts": "export const z = 1" });
    expect(await notebook.cell("return (await import('./a.ts')).z")).toBe(1);
  });
});

describe("a package", () => {
  test("that is missing names the magic that installs it, and is found once installed", async () => {
    using notebook = createNotebookFolder({ "a.ts": "export * from 'zod'" });
    const missing = {
      message: "Cannot find package 'zod'. To install it, run `%npm add zod`",
      code: "ERR_MODULE_NOT_FOUND",
    };
    await expect(notebook.cell("await import('zod')")).rejects.toMatchObject(missing);
    await expect(notebook.cell("await import('./a.ts')")).rejects.toMatchObject(missing);
    await expect(notebook.cell("require('@scope/x/deep')")).rejects.toMatchObject({
      message: "Cannot find package '@scope/x'. To install it, run `%npm add @scope/x`",
      code: "MODULE_NOT_FOUND",
    });
    notebook.write({
      "node_modules/zod/package.json": '{"name":"zod","type":"module","exports":"./i.js"}',
      "node_modules/zod/i.js": "export const z = 1",
    });
    expect(
      await notebook.cell("return [(await import('zod')).z, (await import('./a.ts')).z, require('zod').z]"),
    ).toEqual([1, 1, 1]);
  });

  test("that Typhoon ships needs no installation, and the folder's own wins", async () => {
    using notebook = createNotebookFolder();
    const arrow =
      "return [typeof (await import('apache-arrow')).tableFromArrays, typeof require('apache-arrow').tableFromArrays]";
    expect(await notebook.cell(arrow)).toEqual(["function", "function"]);
    await expect(notebook.cell("await import('magic-string')")).rejects.toThrow("%npm add magic-string");
    notebook.write({
      "node_modules/apache-arrow/package.json": '{"name":"apache-arrow","exports":"./i.js"}',
      "node_modules/apache-arrow/i.js": "exports.own = true",
    });
    expect(await notebook.cell("return (await import('apache-arrow')).own")).toBe(true);
  });

  test("typhoon-kernel is the runtime's own instance", async () => {
    using notebook = createNotebookFolder({ "a.ts": "export { MagicError } from 'typhoon-kernel'" });
    const code = `const [a, b, c] = [await import('typhoon-kernel'), await import('./a.ts'), await import(${JSON.stringify(api)})];
      return a === c && b.MagicError === c.MagicError && require('typhoon-kernel').MagicError === c.MagicError`;
    expect(await notebook.cell(code)).toBe(true);
  });
});

test("a missing file names the ones that are near", async () => {
  using notebook = createNotebookFolder({ "cleaning.ts": "", "lib/points.json": "" });
  await expect(notebook.cell("await import('./claening.ts')")).rejects.toThrow("Did you mean './cleaning.ts'?");
  await expect(notebook.cell("require('./lib/point.json')")).rejects.toThrow("Did you mean './lib/points.json'?");
  await expect(notebook.cell("await import('./nowhere.ts')")).rejects.toThrow("There is no nowhere.ts.");
  notebook.write({ "node_modules/p/index.js": "", "node_modules/p/map.js": "" });
  await expect(notebook.cell("await import('p/mapp')")).rejects.toThrow("Did you mean 'p/map.js'?");
  await expect(notebook.cell("await import('fs/promise')")).rejects.toThrow("Node has no built-in module 'fs/promise'");
});

test("a cell's import.meta resolves from the notebook's folder", () => {
  using notebook = createNotebookFolder({ "a.ts": "", "node_modules/p/index.js": "" });
  const meta = createCellMeta(`${notebook.path}/In[1].ts`);
  expect(meta.resolve("./a.ts")).toBe(new URL("a.ts", meta.url).href);
  expect(meta.resolve("p")).toBe(new URL("node_modules/p/index.js", meta.url).href);
  expect(meta).toMatchObject({ dirname: notebook.path, filename: `${notebook.path}/In[1].ts` });
});
