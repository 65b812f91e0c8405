import { expect, test } from "vitest";
import { isForAny } from "../../kernel/language/callbacks.ts";

test.for([
  ["list.map(v => v + 1)", true],
  ["list.map((a, v) => v)", true],
  ["list.map(a => v => v)", true],
  ["list.map(async function (v) {})", true],
  ["new Chart({ on: v => v })", true],
  ["chart.use({ on(v) {} })", true],
  ["chart.use([ok ? v => v : no])", true],
  ["list.map(({ v }) => v)", true],
  ["list.map((...v) => v)", true],
  ["chart.on = v => v", true],
  ["const f = v => v", false],
  ["f = v => v", false],
  ["function f(v) {}", false],
  ["list.map(() => { const f = v => v })", false],
  ["const o = { f: v => v }", false],
  ["(v => v)(1)", false],
  ["list.map(function () { function f(v) {} })", false],
] as const)("in %s, v is for any: %s", ([code, expected]) => {
  const start = code.search(/\.\.\.v|v(?!\w)/);
  const [number, length] = code.startsWith("...v", start) ? [7019, 4] : [code.includes("{ v }") ? 7031 : 7006, 1];
  expect(isForAny(number, code, { start, end: start + length }, false)).toBe(expected);
});

test("another problem is told", () => {
  expect(isForAny(2322, "f(v => v)", { start: 2, end: 3 }, false)).toBe(false);
});
