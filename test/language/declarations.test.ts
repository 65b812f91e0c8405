import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cellsFile } from "../../kernel/language/bindings.ts";
import { findNames } from "../../kernel/language/cell-names.ts";
import { createDeclarations } from "../../kernel/language/declarations.ts";
import { createLanguage } from "../../kernel/language/language.ts";
import { createLanguageServer } from "../../kernel/language/server.ts";

const made = (): string => mkdtempSync(join(tmpdir(), "typhoon-declarations-"));

/** Runs cells, and returns how many documents there are; no server starts. */
function documentsOf(cells: Iterable<string>): number {
  const folder = made();
  const server = createLanguageServer({ folder, log() {} });
  const declarations = createDeclarations(server, folder);
  for (const code of cells) {
    const names = findNames(code);
    const plain = declarations.begin({ code, segments: [] }, names);
    const used = [...declarations.bindings].filter(
      ([name]) => !names.declared.has(name) && new RegExp(`\\b${name}\\b`).test(code),
    );
    const declared = [...names.declared.keys()].map((name) => ({ name }));
    declarations.add(
      { plain, names, bindings: new Map(used), ambient: [] },
      { outcome: "ok", declared, cleared: false },
    );
  }
  return server.textOf(join(folder, cellsFile))!.split("\n").length - 2;
}

function* repeated(before: readonly string[], cells: (i: number) => readonly string[]): Generator<string> {
  yield* before;
  for (let i = 0; i < 500; i += 1) yield* cells(i);
}

test.for([
  ["a cell that counts", ["let n = 0"], () => ["n += 1"], 32],
  ["cells that assign in turn", ["let a = 0, b = 0"], () => ["a = f(b)", "b = g(a)"], 32],
  ["cells that declare in turn", ["let a = 0, b = 0"], () => ["const a = f(b)", "const b = g(a)"], 32],
  ["another value each time", ["let n = 0"], (i: number) => [`n = ${i}`], 48],
  ["what another cell declares anew", ["let n = 0"], (i: number) => [`const k = ${i}`, "n += k"], 64],
  ["names that depend on it", ["let n = 0"], (i: number) => [`n = ${i}`, "const last = n"], 64],
] as const)("%s leaves a bounded number of documents", ([, before, cells, most]) => {
  expect(documentsOf(repeated(before, cells))).toBeLessThanOrEqual(most);
});

/** Runs cells, and returns the errors of the last. */
async function codesAfter(cells: Iterable<string>, last: string): Promise<readonly number[]> {
  const language = createLanguage({ folder: made(), magics: { magics: () => undefined }, log() {}, note() {} });
  for (const source of cells) {
    const declared = [...findNames(source).declared.keys()].map((name) => ({ name }));
    // What their run tells of variables: which hold something.
    const variables = declared.map((each) => ({ ...each, filled: true }));
    language.end(language.begin(source, false), { outcome: "ok", declared, variables, cleared: false });
  }
  const problems = await language.begin(last, true).problems;
  language[Symbol.dispose]();
  return problems.map(({ code }) => code);
}

const turns = Array.from({ length: 20 }, () => ["const a = f(b)", "const b = f(a)"]).flat();
const texts = ["const f = (from: unknown): string => ''", "let b = ''", ...turns];

test.for<[string, readonly string[], string, readonly number[]]>([
  ["names that depend on each other", texts, "a.length + b.length", []],
  ["their members", texts, "a.nothing + b.nothing", [2339, 2339]],
  [
    "what a function returns now",
    [...texts, "const f = (from: unknown): number => 1", "const a = f(b)", "const b = f(a)"],
    "a.length + b.length",
    [2339, 2339],
  ],
])("the types of %s are known", async ([, cells, last, expected]) => {
  expect(await codesAfter(cells, last)).toEqual(expected);
});
