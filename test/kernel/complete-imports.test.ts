import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { completeAt } from "./completing.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-complete-"));
  mkdirSync(join(folder, "node_modules/tiny-typed"), { recursive: true });
  writeFileSync(join(folder, "node_modules/tiny-typed/package.json"), `{"name":"tiny-typed","types":"i.d.ts"}`);
  writeFileSync(join(folder, "node_modules/tiny-typed/i.d.ts"), "export declare function mendAll(n: number): string;");
  writeFileSync(join(folder, "package.json"), `{"dependencies":{"tiny-typed":"*"}}`);
  writeFileSync(join(folder, "shapes.ts"), "export const areaOf = (w: number, h: number) => w * h;");
  kernel = await startTestKernel({ folder, env: { TYPHOON_TYPECHECK: "block" } });
  await kernel.run("const readings = [1]");
  // The first question has the modules read, and does not wait for them on a busy machine.
  while ((await completeAt(kernel, "mendA‸")).matches.length === 0);
});
afterAll(() => kernel.shutdown());

/** What the first completion makes of the code. */
async function first(marked: string): Promise<string | undefined> {
  const { matches, apply } = await completeAt(kernel, marked);
  return matches[0] === undefined ? undefined : apply(matches[0]);
}

test("a name that is not imported yet comes with its import above the line", async () => {
  expect(await first("const n = 1;\nconst path = joi‸")).toBe(
    'const n = 1;\nimport { join } from "node:path"\nconst path = join',
  );
  const { matches } = await completeAt(kernel, "readFi‸");
  expect(matches).toContain('import { readFile } from "node:fs/promises"\nreadFile');
  expect(matches).toContain('import { readFileSync } from "node:fs"\nreadFileSync');
});

test("keywords alone leave room for it", async () => {
  const { matches } = await completeAt(kernel, "inte‸");
  expect(matches[0]).toBe("interface");
  expect(matches).toContain('import { interact } from "typhoon-kernel"\ninteract');
});

test.for([
  ["a module beside the notebook", "areaO‸", 'import { areaOf } from "./shapes.ts"\nareaOf'],
  ["a package of the folder", "mendA‸", 'import { mendAll } from "tiny-typed"\nmendAll'],
  ["what the kernel brings", "tableFromArr‸", 'import { tableFromArrays } from "apache-arrow"\ntableFromArrays'],
  ["a module by its name", "const q = path‸", 'import path from "node:path"\nconst q = path'],
  ["a type", "let w: FileHan‸", 'import { FileHandle } from "node:fs/promises"\nlet w: FileHandle'],
] as const)("%s", async ([, code, expected]) => {
  expect(await first(code)).toBe(expected);
});

test("such a completion runs", async () => {
  const { result } = await kernel.run((await first("areaO‸"))! + "(2, 3)");
  expect(result).toBe("6");
});

test("a new export of a module beside the notebook is offered", async () => {
  writeFileSync(join(kernel.folder, "shapes.ts"), "export const perimeterOf = 1; export const areaOf = 2;");
  await kernel.run("1");
  while ((await completeAt(kernel, "perimeterO‸")).matches.length === 0);
  expect(await first("perimeterO‸")).toBe('import { perimeterOf } from "./shapes.ts"\nperimeterOf');
});

test.for([
  ["where names that are there fit", "readin‸", "readings"],
  ["for two letters", "jo‸", undefined],
  ["inside of a function, where no import can stand", "function f() {\n  mendA‸", undefined],
  ["inside of a statement of several lines", "const all =\n  mendA‸", undefined],
  ["as a member", "readings.mendA‸", undefined],
  ["as a new name", "const mendA‸", undefined],
  [
    "where the cell has a longer word, which JupyterLab would put into the same list",
    "mendA‸; mendAllNow()",
    undefined,
  ],
] as const)("not %s", async ([, code, expected]) => {
  const { matches } = await completeAt(kernel, code);
  expect(matches[0]).toBe(expected);
});
