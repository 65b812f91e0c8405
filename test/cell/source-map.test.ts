import { TraceMap, originalPositionFor } from "@jridgewell/trace-mapping";
import { expect, test } from "vitest";
import { createNotebook } from "./run-cells.ts";

// Each cell throws where `^` stands; the mark is taken out before it runs.
const cells: string[] = [
  "interface A { x: 1 }\n\nfunction half(n: number) {\n  if (n % 2) ^throw new RangeError()\n  return n\n}\nhalf(3)",
  "const a: number | undefined = undefined;\n%sql ${ a.^b.c }",
  "%%time\nconst e: any = null\n  e.^foo()",
  "const o: any = { f() {} }\n;  o.f(); o.^g()",
  "enum E { A }\nnamespace N { export const a = 1 }\nconst { a, b = ^nope } = N as any",
];

test.each(cells)("%j is mapped back to the user's line and column", async (marked) => {
  const cell = marked.replace("^", "");
  const before = marked.slice(0, marked.indexOf("^")).split("\n");
  const notebook = createNotebook();
  const error: unknown = await notebook.run(cell).catch((e: unknown) => e);
  const [, line, column] = /In\[1\]\.ts:(\d+):(\d+)/.exec((error as Error).stack ?? "") ?? [];
  const map = new TraceMap(notebook.cells[0]?.map as never);
  const place = originalPositionFor(map, { line: Number(line), column: Number(column) - 1 });
  expect(place.line).toBe(before.length);
  expect(Math.abs((place.column ?? -99) - (before.at(-1)?.length ?? 0))).toBeLessThanOrEqual(6);
});
