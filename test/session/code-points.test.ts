import { expect, test } from "vitest";
import { toCodePoints, toOffset } from "../../kernel/session/code-points.ts";

test.for([
  ["", 0, 0],
  ["abc", 2, 2],
  ["a🫐b", 2, 3],
  ["🫐🫐", 1, 2],
  ["é", 1, 1],
] as const)("in %j position %d is offset %d, and back", ([text, position, offset]) => {
  expect(toOffset(text, position)).toBe(offset);
  expect(toCodePoints(text, offset)).toBe(position);
});

test("a position beyond the end is the end", () => {
  expect(toOffset("a🫐", 9)).toBe(3);
});
