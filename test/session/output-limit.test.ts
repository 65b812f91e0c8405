import { expect, test } from "vitest";
import { createOutputLimits } from "../../kernel/session/output-limit.ts";
import { createSettings } from "../../kernel/settings.ts";

interface Cell {
  readonly name: string;
}

test("of cells that ended long ago only those over a limit are counted on", () => {
  const shown: string[] = [];
  const limits = createOutputLimits<Cell>(createSettings({ TYPHOON_OUTPUT_TEXT: "1 KB" }), {
    stream: (cell, _, text) => void shown.push(`${cell?.name}: ${text.length}`),
    publish: () => {},
  });
  const small = { name: "small" };
  const flood = { name: "flood" };
  limits.stream(small, "stdout", "s".repeat(700));
  limits.end(small);
  limits.stream(flood, "stdout", "f".repeat(5_000));
  limits.end(flood);
  for (let i = 0; i < 300; i += 1) limits.end({ name: `cell ${i}` });
  shown.length = 0;
  limits.stream(flood, "stdout", "late");
  expect(shown).toEqual([]);
  limits.stream(small, "stdout", "t".repeat(700));
  limits.stream(small, "stdout", "u".repeat(700));
  expect(shown.map((text) => text.replace(/\d+$/, ""))).toEqual(["small: ", "small: "]);
  expect(shown[0]).toBe("small: 700");
  limits.stop();
});

test("a cell that ended a moment ago is counted on", () => {
  const shown: string[] = [];
  const limits = createOutputLimits<Cell>(createSettings({ TYPHOON_OUTPUT_TEXT: "1 KB" }), {
    stream: (_, __, text) => void shown.push(text),
    publish: () => {},
  });
  const cell = { name: "cell" };
  limits.stream(cell, "stdout", "a".repeat(700));
  limits.end(cell);
  limits.stream(cell, "stdout", "b".repeat(700));
  expect(shown.join("").length).toBeLessThanOrEqual(1_024);
  limits.stop();
});
