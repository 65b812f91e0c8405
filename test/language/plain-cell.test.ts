import { expect, test } from "vitest";
import { toMade, toOriginal, toPlainCell } from "../../kernel/language/plain-cell.ts";
import { magicSyntax } from "../../magics/index.ts";

const info = { magics: magicSyntax };

test.for([
  ["a cell without magics", "const a = 1\na", "const a = 1\na"],
  ["a line magic", "%pwd\nlet a = 1", ";await __nb_magic.pwd();\nlet a = 1"],
  ["an assigned magic", "const t = %sql select 1", "const t = await __nb_magic.sql();"],
  ["a cell magic's name", "%%sql rows <<\nselect ${n}", "const rows = await __nb_magic.sql((n\n), );"],
  ["the code of %time", "%time f(1)", ";f(1)"],
  ["the value of %time", "const x = %time f(1)", "const x = f(1)"],
  ["the value of %timeit", "const x = %timeit f(1)", "const x = await __nb_magic.timeit(async () => (f(1)\n));"],
  ["what %%capture keeps", "%%capture seen\nf()", ";let seen = await __nb_magic.capture();\nf()"],
  ["text", "%%html\n<b>${x}</b>", ";await __nb_magic.html();"],
  ["a question", "rows?\n", ";\n"],
  ["magics in the code of a magic", "%%time\n%pwd\nf()", ";\n;await __nb_magic.pwd();\nf()"],
] as const)("%s as plain TypeScript", ([, source, code]) => {
  expect(toPlainCell(source, info).code).toBe(code);
});

test("every character of the user's code has its place, and what was put in has none", () => {
  const source = "const t = %sql select ${word} from x\nt.numRows";
  const { code, segments } = toPlainCell(source, info);
  for (const part of ["const t", "word", "numRows"]) {
    expect(toMade(segments, source.indexOf(part))).toBe(code.indexOf(part));
    expect(toOriginal(segments, code.indexOf(part))).toBe(source.indexOf(part));
  }
  expect(toOriginal(segments, code.indexOf("__nb_magic") + 3)).toBeUndefined();
  expect(toMade(segments, source.indexOf("select") + 2)).toBeUndefined();
});
