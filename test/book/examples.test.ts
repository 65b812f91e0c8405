import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: readonly string[];
  /** `example` is the example's number in the chapter, as in 1.3. */
  readonly metadata: { readonly tags?: readonly string[]; readonly example?: string };
}

// Chapters of many decimal figures name their comparisons with a tolerance `near`.
const asserts = /\bassert\.|\b(?:allN|n)ear\(/;

// The examples that each notebook is to have: the chapter, and the first and last number of each run of examples.
const chapters = [
  { file: "01-language.ipynb", chapter: 1, runs: [[1, 22]] },
  { file: "04a-sql.ipynb", chapter: 4, runs: [[1, 8]] },
  { file: "04b-documents-and-keys.ipynb", chapter: 4, runs: [[9, 13]] },
  { file: "04c-tuning.ipynb", chapter: 4, runs: [[14, 24]] },
  { file: "07a-tables.ipynb", chapter: 7, runs: [[1, 24]] },
  {
    file: "07b-arrays-and-science.ipynb",
    chapter: 7,
    runs: [
      [30, 36],
      [40, 48],
    ],
  },
] as const;

describe.each(chapters)("$file", ({ file, chapter, runs }) => {
  const { cells } = JSON.parse(readFileSync(`notebooks/${file}`, "utf8")) as { readonly cells: readonly Cell[] };
  const numbers = runs.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${chapter}.${first + index}`),
  );

  test.each(numbers)("example %s is shown, then checked by assertions", (number) => {
    const kinds = cells
      .filter(({ metadata }) => metadata.example === number)
      .map(({ metadata, source }) => {
        if (metadata.tags?.includes("check") !== true) return "shown";
        return asserts.test(source.join("")) ? "asserted" : "prepared";
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
