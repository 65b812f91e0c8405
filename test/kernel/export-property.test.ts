import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cases, fuzzTimeoutMs } from "../fuzz.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";
import { createReader, exportInto, runCells } from "./reader.ts";

// Another seed tries other notebooks: TYPHOON_SEED=7 TYPHOON_FUZZ=8.
const seed = Number(process.env["TYPHOON_SEED"] ?? 1);

const name = fc.constantFrom("a", "b", "c");
const callable = fc.constantFrom("f", "g");

/** Expressions of a few names, as values, in closures, in templates and as keys. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.integer({ min: 0, max: 9 }).map(String),
    name,
    name.map((n) => `{ ${n} }`).map((object) => `JSON.stringify(${object})`),
    name.map((n) => `\`<\${${n}}>\``),
    fc.tuple(name, tie("expression")).map(([n, e]) => `[1, 2].map((${n}) => ${n} + ${e}).join()`),
    fc.tuple(name, tie("expression")).map(([n, e]) => `[1].map((x) => ${n} + ${e}).join()`),
    fc.tuple(callable, tie("expression")).map(([f, e]) => `${f}(${e})`),
    fc.tuple(tie("expression"), tie("expression")).map(([x, y]) => `(${x} + ${y})`),
  ),
}));

const declaring = [
  fc.tuple(fc.constantFrom("const", "let", "var"), name, expression).map(([kind, n, e]) => `${kind} ${n} = ${e};`),
  fc.tuple(name, callable, expression).map(([n, f, e]) => `const { ${n}, ${f} = (v) => v } = { ${n}: ${e} };`),
  fc.tuple(callable, name, expression).map(([f, n, e]) => `function ${f}(${n}) { return ${e}; }`),
  fc.tuple(callable, expression).map(([f, e]) => `const ${f} = (x) => ${e};`),
  fc.tuple(name, expression).map(([n, e]) => `{ const ${n} = ${e}; console.log(${n}); }`),
  fc.tuple(name, expression).map(([n, e]) => `for (const ${n} of [${e}]) console.log(${n});`),
  fc.tuple(callable, expression).map(([f, e]) => `class K { m() { return ${f}(${e}); } }\nvar k = new K();`),
  fc.constant("console.log(k.m());"),
  expression.map((e) => `console.log(${e});`),
];

const assigning = [
  fc.tuple(callable, name).map(([f, n]) => `let ${f} = (x) => (${n} = x);`),
  fc.tuple(name, expression).map(([n, e]) => `${n} = ${e};`),
  fc.tuple(callable, callable).map(([f, g]) => `${f} = ${g};`),
];

/** What stands between two statements, and behind the last: they may share a line. */
const between = fc.constantFrom(
  "\n",
  "\n",
  " ",
  "",
  " // said\n",
  " /* said */ ",
  " /* in\nlines */ ",
  "\n\n// said\n",
);

const cellOf = (statement: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(fc.tuple(statement, between), { minLength: 1, maxLength: 3 }), fc.option(expression), between)
    .map(([statements, last, end]) => `// @ts-nocheck\n${statements.flat().join("")}${last ?? ""}${end.trimEnd()}`);

// Every name is there at first, so that most cells run without an error.
const first = between.map(
  (space) =>
    `let a = 1, b = 'b', c = [3];${space}function f(x) { return a + '(' + x + ')'; }${space}let g = (x) => x + b;`,
);

/** Names that code assigns are shared by their cells: where there is one in each notebook, others would not be tried. */
const notebook = fc
  .tuple(first, fc.oneof(...[declaring, [...declaring, ...assigning]].map((kinds) => cellsOf(fc.oneof(...kinds)))))
  .map(([head, cells]) => [`// @ts-nocheck\n${head}`, ...cells]);

function cellsOf(statement: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.array(cellOf(statement), { minLength: 2, maxLength: 7 });
}

/** Whether a cell declares a function's name twice, which is refused. */
function isTwice(cells: readonly string[]): boolean {
  return cells.some((code) =>
    ["f", "g"].some(
      (f) => (code.match(new RegExp(`(?:^|[;}/] ?)(?:function ${f}\\(|var ${f} )`, "gm")) ?? []).length > 1,
    ),
  );
}

/** The cells that run without an error, when only they do. */
async function running(kernel: TestKernel, cells: readonly string[]): Promise<readonly string[]> {
  await kernel.run("%reset -f");
  for (const [at, code] of cells.entries()) {
    const { error } = await kernel.run(code);
    if (error !== undefined) return await running(kernel, cells.toSpliced(at, 1));
  }
  return cells;
}

test(
  "modules of notebooks that declare their names again and again print what the notebooks show",
  async () => {
    const reader = createReader();
    const kernel = await startTestKernel({ folder: reader.folder, env: { TYPHOON_PLAIN: "1" } });
    const expected: string[] = [];
    const files: string[] = [];
    for (const given of fc.sample(notebook, { ...cases(40), seed })) {
      const cells = await running(kernel, given);
      await kernel.run("%reset -f");
      const { stdout } = await runCells(kernel, cells);
      const file = `m${files.length}.ts`;
      if (isTwice(cells)) continue;
      exportInto(reader, file, cells);
      files.push(file);
      expected.push(`== ${file}\n${stdout}`);
    }
    await kernel.shutdown();
    const imports = files.map(
      (file) => `console.log("== ${file}");\nawait import("./${file}").catch((error) => console.log(String(error)));\n`,
    );
    writeFileSync(join(reader.folder, "all.mts"), imports.join(""));
    const { stdout } = await reader.run("all.mts");
    // A function that was renamed says so.
    expect(stdout.replaceAll(/(?<=\[Function: \w+?)_\d+(?=\])/g, "").split(/^(?=== m)/m)).toEqual(expected);
  },
  2 * fuzzTimeoutMs,
);
