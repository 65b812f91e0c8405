import * as fc from "fast-check";
import { expect, test } from "vitest";
import { runCells } from "./run-cells.ts";

const name = fc.constantFrom("a", "b", "c");

const { expression, statement } = fc.letrec<{ expression: string; statement: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    name,
    fc.integer({ min: 0, max: 9 }).map(String),
    fc.tuple(tie("expression"), tie("expression")).map(([x, y]) => `(${x} + ${y})`),
    fc.tuple(name, tie("expression")).map(([n, x]) => `(${n} = ${x})`),
    name.map((n) => `${n}++`),
    fc.tuple(name, tie("expression")).map(([n, x]) => `((${n}) => ${x})(1)`),
    fc.tuple(name, tie("expression")).map(([n, x]) => `(function () { let ${n} = 5; return ${x} })()`),
    fc.tuple(name, name).map(([n, m]) => `(({ ${n}, k: [${m} = 3] = [] } = { ${n} }).${n})`),
    name.map((n) => `typeof ${n}`),
  ),
  statement: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie("expression").map((x) => `${x};`),
    fc.tuple(name, tie("expression")).map(([n, x]) => `${n} = await ${x};`),
    fc.tuple(name, tie("expression")).map(([n, x]) => `var v_${n} = ${x}; ${n} += v_${n};`),
    fc.tuple(name, tie("statement")).map(([n, s]) => `{ let ${n} = 7; ${s} }`),
    fc.tuple(name, tie("statement")).map(([n, s]) => `for (const ${n}2 of [1, 2]) { ${n} += ${n}2; ${s} }`),
    fc
      .tuple(name, tie("statement"))
      .map(([n, s]) => `for (let ${n} = 0; ${n} < 2; ${n}++) { if (++steps > 50) break; ${s} }`),
    fc.tuple(name, tie("statement")).map(([n, s]) => `try { throw ${n} } catch (${n}) { ${s} }`),
    fc.tuple(name, tie("statement")).map(([n, s]) => `switch (${n}) { case 1: ${s} default: let ${n}3 = 1; ${n}3++ }`),
  ),
}));

const head = "let a = 1, b = 2, c = 3, steps = 0;";
const tail = "JSON.stringify([a, b, c])";
const asyncFunction = (async () => {}).constructor as new (body: string) => () => Promise<unknown>;

test("statements mean in cells what they mean in a function", async () => {
  const programs = fc.tuple(fc.array(statement, { maxLength: 4 }), fc.array(statement, { maxLength: 4 }), expression);
  await fc.assert(
    fc.asyncProperty(programs, async ([first, second, last]) => {
      const [one, two] = [first.join("\n"), `${second.join("\n")}\n${last};`];
      const plain = new asyncFunction(`"use strict"; ${head}\n${one}\n${two}\nreturn ${tail}`);
      expect(await runCells(head, one, two, tail)).toBe(await plain());
    }),
    { numRuns: 300 },
  );
});
