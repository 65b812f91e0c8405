import { expect, test } from "vitest";
import { findNames } from "../../kernel/language/cell-names.ts";
import { toOriginal, toPlainCell } from "../../kernel/language/plain-cell.ts";
import { typeRequires } from "../../kernel/language/requires.ts";
import { magicSyntax } from "../../magics/index.ts";

test.for([
  ["const a = require('x'); a", `const a = (require('x') as typeof import("x")); a`],
  ["f(require('x').b)", `f((require('x') as typeof import("x")).b)`],
  ["1\nrequire('x').b()", "1\nrequire('x').b()"],
  ["const a = require(name)", "const a = require(name)"],
  ["const text = `require('x')`", "const text = `require('x')`"],
] as const)("%s", ([source, typed]) => {
  const plain = toPlainCell(source, { magics: magicSyntax });
  const { code, segments } = typeRequires(plain, findNames(plain.code).requires);
  expect(code).toBe(typed);
  // Every character of the user's keeps its place.
  const own = segments.flatMap(({ at, length }) => Array.from({ length }, (_, i) => at + i));
  expect(own.map((at) => source[toOriginal(segments, at)!]).join("")).toBe(source);
  expect(own.map((at) => code[at]).join("")).toBe(source);
});
