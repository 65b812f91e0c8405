import { expect, test } from "vitest";
import type { CellEnd } from "../../kernel/language/declarations.ts";
import { type WaitingCell, type WaitingCells, createWaitingCells } from "../../kernel/session/waiting-cells.ts";

function end(...names: readonly string[]): CellEnd {
  return { outcome: "ok", cleared: false, declared: names.map((name) => ({ name, type: "number" })) };
}

function all(cells: WaitingCells<string>): (WaitingCell<string> | "forget")[] {
  const found: (WaitingCell<string> | "forget")[] = [];
  for (let cell = cells.next(); cell; cell = cells.next()) found.push(cell);
  return found;
}

const sources = (cells: WaitingCells<string>): string[] =>
  all(cells).map((cell) => (cell === "forget" ? cell : cell.source));

test("cells that declare or assign nothing are not kept", () => {
  const cells = createWaitingCells<string>();
  for (const source of ["f(1)", "console.log(a == b, a => b)", "%pwd"]) cells.add({ source, end: end() });
  const kept = ["a = 1", "a++", "interface A {}", "declare global { var x: 1 }", "%sh --out a"];
  for (const source of kept) cells.add({ source, end: end() });
  cells.add({ source: "%run x.ts", end: end("x") });
  cells.add({ source: "f(2)", end: end(), checked: "asked" });
  expect(sources(cells)).toEqual([...kept, "%run x.ts", "f(2)"]);
});

test("of many cells the older ones are their names, and types stay", () => {
  const cells = createWaitingCells<string>();
  cells.add({ source: "interface Row { n: number }", end: end() });
  for (let i = 0; i < 5_000; i += 1) cells.add({ source: `const v${i} = ${i}`, end: end(`v${i}`) });
  const [older, row, ...rest] = all(cells) as WaitingCell<string>[];
  expect(rest).toHaveLength(199);
  expect(rest.at(-1)!.source).toBe("const v4999 = 4999");
  expect(row!.source).toContain("interface Row");
  expect(older!.source).toBe("");
  expect(older!.end.declared).toHaveLength(4_801);
  expect(older!.end.declared[0]).toEqual({ name: "v0", type: "number" });
});

test("megabytes of text are not kept", () => {
  const cells = createWaitingCells<string>();
  for (let i = 0; i < 40; i += 1) cells.add({ source: `type T${i} = "${"x".repeat(500_000)}"`, end: end() });
  expect(sources(cells)).toHaveLength(15);
});

test("once the names are gone, what was before is gone, but for what somebody waits for", () => {
  const cells = createWaitingCells<string>();
  for (let i = 0; i < 2_000; i += 1) cells.add({ source: `let a${i} = 1`, end: end(`a${i}`) });
  cells.add({ source: "let b = 1", end: end("b"), checked: "asked" });
  cells.forget();
  cells.add({ source: "let c = 1", end: end("c") });
  expect(sources(cells)).toEqual(["let b = 1", "forget", "let c = 1"]);
  cells.add({ source: "let d = 1", end: end("d") });
  cells.add({ source: "%reset", end: { ...end(), cleared: true } });
  expect(sources(cells)).toEqual(["%reset"]);
});
