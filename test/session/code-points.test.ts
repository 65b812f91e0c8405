import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toCodePoints, toOffset } from "../../kernel/session/code-points.ts";
import { cases, unit } from "../fuzz.ts";

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

test("any position is that many characters from the start, there and back", () => {
  // Halves of surrogate pairs may stand alone in what a front end sends.
  const text = fc
    .array(fc.oneof(fc.string({ unit }), fc.constantFrom("\uD83E", "\uDED0", "🫐", "👩‍💻", "\r\n")))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.nat(), (whole, n) => {
      const characters = Array.from(whole);
      const position = n % (characters.length + 1);
      const offset = toOffset(whole, position);
      expect(whole.slice(0, offset)).toBe(characters.slice(0, position).join(""));
      expect(toCodePoints(whole, offset)).toBe(position);
    }),
    cases(500),
  );
});
