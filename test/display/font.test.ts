import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { decodeFont } from "../../display/font.ts";

const require = createRequire(import.meta.url);
const font = decodeFont(
  readFileSync(require.resolve("@expo-google-fonts/open-sans/400Regular/OpenSans_400Regular.ttf")),
);

test("a font knows its characters and how wide they are", () => {
  expect(["a", "é", "Ω", "Я", "日", "😀"].map((character) => font.has(character.codePointAt(0) ?? 0))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(font.width("")).toBe(0);
  expect(font.width("iii")).toBeLessThan(font.width("mmm"));
  expect(font.width("ab")).toBeCloseTo(font.width("a") + font.width("b"));
});
