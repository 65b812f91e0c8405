import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { PackageJson } from "../../../magics/npm/folder.ts";
import { hasTypes, typesPackage } from "../../../magics/npm/types.ts";

test.each<[has: boolean, content: PackageJson, files: string[]]>([
  [true, { types: "x.d.ts" }, []],
  [true, { typings: "x.d.ts" }, []],
  [true, {}, ["index.d.ts"]],
  [true, { main: "lib/main.js" }, ["lib/main.d.ts"]],
  [true, { main: "./lib" }, ["lib/index.d.ts"]],
  [true, { exports: { ".": { import: { types: "./a.d.mts", default: "./a.mjs" } } } }, []],
  [true, { exports: { "types@>=5": "./a.d.ts", default: "./a.js" } }, []],
  [true, { exports: "./a.mjs" }, ["a.d.mts"]],
  [true, { exports: { ".": [{ require: "./b.cjs" }] } }, ["b.d.cts"]],
  [false, { main: "main.js" }, ["other.d.ts"]],
  [false, { exports: { ".": "./a.js", "./sub": { types: "./sub.d.ts" } } }, []],
  [false, {}, []],
])("%j: %j with %j", (has, content, files) => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-types-"));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  expect(hasTypes(folder, content)).toBe(has);
  rmSync(folder, { recursive: true });
});

test("the name on DefinitelyTyped", () => {
  expect([typesPackage("lodash"), typesPackage("@babel/core")]).toEqual(["@types/lodash", "@types/babel__core"]);
});
