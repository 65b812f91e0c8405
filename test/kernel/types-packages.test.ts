import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";
import { block, codes, write } from "./type-errors.ts";

describe("packages and tsconfig.json", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "typhoon-types-"));
    const manifest = (name: string, extra = {}): string =>
      JSON.stringify({ name, version: "1.0.0", type: "module", main: "index.js", ...extra });
    write(folder, "node_modules/untyped/package.json", manifest("untyped"));
    write(folder, "node_modules/untyped/index.js", "export const x = 1");
    write(folder, "node_modules/typed/package.json", manifest("typed", { types: "index.d.ts" }));
    write(folder, "node_modules/typed/index.js", "export const y = 1");
    write(folder, "node_modules/typed/index.d.ts", "export const y: number");
    write(folder, "lib/deep/tool.ts", "export const tool = 1");
    write(
      folder,
      "tsconfig.json",
      `{
      // a comment
      "compilerOptions": { "noUncheckedIndexedAccess": true, "paths": { "@lib/*": ["./lib/*"] }, "noUnusedLocals": true, "isolatedDeclarations": true, "declaration": true, "erasableSyntaxOnly": true }
    }`,
    );
    kernel = await startTestKernel({ folder, env: block });
  });
  afterAll(() => kernel.shutdown());

  test("a package with types", async () => {
    expect(codes(await kernel.run("import { y } from 'typed'; y.toFixed()"))).toEqual([]);
    expect(codes(await kernel.run("y.length"))).toEqual([2339]);
  });

  test("of a package without types, the line that adds them is named", async () => {
    const { displays, error } = await kernel.run("import { x } from 'untyped'");
    expect(error).toBeUndefined();
    const shown = stripVTControlCharacters(String(displays[0]?.["text/plain"]));
    expect(shown).toContain("Module 'untyped' brings no types: what is imported from it is 'any'.");
    expect(shown).toContain("try: %npm add @types/untyped");
  });

  test("where tsconfig.json asks for it, any must be written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "typhoon-strict-"));
    write(folder, "node_modules/untyped/package.json", '{ "type": "module", "main": "index.js" }');
    write(folder, "node_modules/untyped/index.js", "export const x = 1");
    write(folder, "tsconfig.json", '{ "compilerOptions": { "strict": true, "lib": ["esnext"] } }');
    const strict = await startTestKernel({ folder, env: block });
    expect(codes(await strict.run("import { x } from 'untyped'"))).toEqual([7016]);
    expect(codes(await strict.run("JSON.parse('[]').map(v => v)"))).toEqual([7006]);
    expect(codes(await strict.run("const json: string = await (await fetch('data:,1')).json()"))).toEqual([2322]);
    await strict.shutdown();
  });

  test("declarations and modules in JavaScript of the folder count", async () => {
    write(kernel.folder, "types/more.d.ts", "declare const fromTypes: number");
    write(kernel.folder, "plain.js", "export const plain = 1; export function size(s) { return s.length }");
    expect(codes(await kernel.run("let shown: typeof fromTypes = ''"))).toEqual([2322]);
    expect(codes(await kernel.run("import { plain, size } from './plain.js'; plain.toFixed(); size('a')"))).toEqual([]);
    expect(codes(await kernel.run("plain.length"))).toEqual([2339]);
  });

  test("an edit of what tsconfig.json extends counts at the next cell", async () => {
    const folder = mkdtempSync(join(tmpdir(), "typhoon-extends-"));
    write(folder, "base.json", '{ "compilerOptions": { "strict": true } }');
    write(folder, "tsconfig.json", '{ "extends": "./base.json" }');
    const other = await startTestKernel({ folder, env: block });
    expect(codes(await other.run("const no: string = null"))).toEqual([2322]);
    write(folder, "base.json", '{ "compilerOptions": { "strict": false } }');
    expect(codes(await other.run("const no: string = null"))).toEqual([]);
    await other.shutdown();
  });

  test("paths and strictness are those of tsconfig.json", async () => {
    expect(codes(await kernel.run("import { tool } from '@lib/deep/tool.ts'; const list = [tool]"))).toEqual([]);
    expect(codes(await kernel.run("list[0].toFixed()"))).toEqual([2532]);
  });

  test("what is about files to be written is no matter of cells", async () => {
    expect(
      codes(await kernel.run("function unannotated() { const unused = 1; return Math.random() }; enum E { A }")),
    ).toEqual([]);
  });
});
