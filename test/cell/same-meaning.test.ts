import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cases, fuzzTimeoutMs } from "../fuzz.ts";
import { type Statement, head, statement, tail } from "./programs.ts";
import { runInCells, runWhole } from "./run-program.ts";

const cell = fc.array(statement, { maxLength: 3 });

function write(statements: readonly Statement[], firstIndex: number): string {
  return statements.map((text, i) => text(firstIndex + i)).join("\n");
}

test(
  "any program means in cells what it means as a module",
  async () => {
    await fc.assert(
      fc.asyncProperty(cell, cell, async (first, second) => {
        const cells = [head, write(first, 0), write(second, 10), tail];
        const whole = await runWhole(cells.join("\n"));
        fc.pre(whole !== undefined);
        expect(await runInCells(cells)).toEqual(whole);
      }),
      cases(100),
    );
  },
  fuzzTimeoutMs,
);
