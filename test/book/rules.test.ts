import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: readonly string[];
  readonly metadata: { readonly tags?: readonly string[] };
}

interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: { readonly kernelspec: { readonly name: string } };
}

const chapters = readdirSync("notebooks").filter((file) => file.endsWith(".ipynb"));
const isCheck = ({ metadata }: Cell): boolean => metadata.tags?.includes("check") ?? false;

describe.each(chapters)("%s", (file) => {
  const notebook = JSON.parse(readFileSync(`notebooks/${file}`, "utf8")) as Notebook;
  const shown = notebook.cells.filter((cell) => !isCheck(cell));
  const text = shown.filter(({ cell_type: type }) => type === "markdown").map(({ source }) => source.join(""));

  test("opens with this kernel and a title, and closes with what the reader can do now", () => {
    expect(notebook.metadata.kernelspec.name).toBe("typhoon");
    expect(text[0]).toMatch(/^# \S/);
    expect(text.at(-1)).toMatch(/^## What you can do now/);
  });

  test("is short: at most 45 cells beside the checks, 2,500 words, 15 lines a cell", () => {
    expect(shown.length).toBeLessThanOrEqual(45);
    expect(text.join(" ").split(/\s+/).length).toBeLessThanOrEqual(2_500);
    const long = shown.filter(({ cell_type: type, source }) => type === "code" && source.length > 15);
    expect(long).toEqual([]);
  });

  test("checks its examples by assertions", () => {
    const checks = notebook.cells.filter(
      (cell) => isCheck(cell) && /\bassert|\b(?:allN|n)ear\(/.test(cell.source.join("")),
    );
    expect(checks.length).toBeGreaterThan(5);
  });
});
