import { TraceMap, originalPositionFor } from "@jridgewell/trace-mapping";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CellSyntaxError, positionAt } from "../../kernel/cell/errors.ts";
import { cases, fuzzTimeoutMs } from "../fuzz.ts";
import { createNotebook } from "./run-cells.ts";

// What stands before the place: characters of two units, lines of each kind, types that vanish, magics that grow.
const before = fc.uniqueArray(
  fc.constantFrom(
    "const a = '🫐👩‍💻'",
    "/* 𝒳\n 🫐 */",
    "// é 🫐",
    "const b = `🫐\n${'}'}\n`",
    "interface I { '🫐': number; x: { y: string } }",
    "type T = 'a' | '🫐'",
    "let c: { x?: I } | '🫐' = {}",
    "enum E { '🫐' = 1, B = 2 }",
    "namespace N { export const 名 = '🫐' }",
    "function f<T extends string>(x: T, y?: '🫐'): asserts x {}",
    "class K { constructor(private readonly x: '🫐' = '🫐') {} }",
    "let d = 1; d ||= 2; [d] = [3]; ({ d } = { d })",
    "const { g = '🫐', ...h } = {} as any",
    "%sh echo 🫐 ${'🫐'}",
    "%sql select '🫐' from ${'t'} \\\n where 1",
    "const i = %sh echo 🫐",
    "%time let j = '🫐'",
    'import { sep } from "node:path"',
    "await Promise.resolve('🫐'); for await (const k of ['🫐']) { k }",
    "class L { accessor x = '🫐' }",
    "@((_: unknown, { name }: { name?: string }) => void name) class M { '🫐' = 1 }",
    "\t \t",
  ),
  { maxLength: 6 },
);
const newline = fc.constantFrom("\n", "\r\n");
const inLine = fc.constantFrom("", "  ", "\t", "/* 🫐 */ ", "'🫐'; ", "if (true) ", "const l: '🫐' = '🫐'; ");

/** Joins lines, then what stands in the line of the place itself. */
function join(lines: readonly string[], between: string, head: string): string {
  return lines.map((line) => line.replaceAll("\n", between) + between).join("") + head;
}

test(
  "any place in a cell is found again by its line and column when it throws",
  async () => {
    await fc.assert(
      fc.asyncProperty(before, newline, inLine, async (lines, between, head) => {
        const start = join(lines, between, head);
        const notebook = createNotebook();
        const thrown = notebook.run(`${start}throw new RangeError("🫐")`);
        const error = (await thrown.catch((e: unknown) => e)) as Error;
        const [, line, column] = /In\[1\]\.ts:(\d+):(\d+)/.exec(error.stack ?? "") ?? [];
        const place = originalPositionFor(new TraceMap(notebook.cells[0]?.map as never), {
          line: Number(line),
          column: Number(column) - 1,
        });
        const expected = positionAt(start, start.length);
        expect([error.name, place.line, place.column]).toEqual([
          "RangeError",
          expected.line,
          expected.column - 1 + "throw ".length,
        ]);
      }),
      cases(100),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any syntax error points at its own line and column",
  async () => {
    const wrong = fc.constantFrom(["const z = ", "= 1"], ["f(1, ", "; 2)"], ["[z, ", "; ]"], ["z.", "'🫐'"]);
    await fc.assert(
      fc.asyncProperty(before, newline, inLine, wrong, async (lines, between, head, [opening = "", bad = ""]) => {
        const start = join(lines, between, head) + opening;
        const error: unknown = await createNotebook()
          .run(`${start}${bad}${between}// 🫐`)
          .catch((e: unknown) => e);
        expect(error).toBeInstanceOf(CellSyntaxError);
        expect((error as CellSyntaxError).position).toEqual(positionAt(start, start.length));
      }),
      cases(100),
    );
  },
  fuzzTimeoutMs,
);
