import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: readonly string[];
  /** `example` is the example's number in the chapter, as in 1.3. */
  readonly metadata: { readonly tags?: readonly string[]; readonly example?: string };
}

// The examples that each chapter is to have.
const chapters = [{ file: "01-language.ipynb", chapter: 1, examples: 22 }];

describe.each(chapters)("$file", ({ file, chapter, examples }) => {
  const { cells } = JSON.parse(readFileSync(`notebooks/${file}`, "utf8")) as { readonly cells: readonly Cell[] };
  const numbers = Array.from({ length: examples }, (_, index) => `${chapter}.${index + 1}`);

  test.each(numbers)("example %s is shown, then checked by assertions", (number) => {
    const kinds = cells
      .filter(({ metadata }) => metadata.example === number)
      .map(({ metadata, source }) => {
        if (metadata.tags?.includes("check") !== true) return "shown";
        return source.join("").includes("assert.") ? "asserted" : "prepared";
      });
    expect(kinds[0]).toBe("shown");
    expect(kinds.at(-1)).toBe("asserted");
  });

  test("has no other examples, and every check belongs to one", () => {
    const named = cells.flatMap(({ metadata }) => metadata.example ?? []);
    expect(new Set(named)).toEqual(new Set(numbers));
    const checks = cells.filter(({ metadata }) => metadata.tags?.includes("check"));
    expect(checks.filter(({ metadata }) => metadata.example === undefined)).toEqual([]);
  });
});
