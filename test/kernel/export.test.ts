import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinLines, type Notebook } from "../../kernel/cli/notebook.ts";
import type { SourceCell } from "../../kernel/export/export-options.ts";
import { cases } from "./export-cases.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";
import { type Reader, createReader, exportInto, runCells } from "./reader.ts";

const chapters = ["00-first-cells.ipynb", "01-language.ipynb"];

function cellsOf(file: string): SourceCell[] {
  const { cells } = JSON.parse(readFileSync(join("notebooks", file), "utf8")) as Notebook;
  return cells.map(({ cell_type: type, source, metadata }, at) => ({
    type: type === "code" ? "code" : "markdown",
    source: joinLines(source),
    tags: metadata.tags ?? [],
    label: `cell ${at + 1}`,
  }));
}

/** Times differ from run to run; nothing else may. */
function withoutTimes(text: string): string {
  return text.replaceAll(/^(CPU time: |Wall time:) .*$/gm, "$1 …");
}

describe.each(chapters)("%s as a module", (file) => {
  test("is accepted by plain tsc, and Node prints what the notebook shows", async () => {
    // The chapters' own files are for the kernel: one has an enum.
    const reader = createReader({ erasableSyntaxOnly: false });
    cpSync("notebooks/data", join(reader.folder, "data"), { recursive: true });
    const kernel = await startTestKernel({ folder: reader.folder, env: { TYPHOON_PLAIN: "1" } });
    const cells = cellsOf(file);
    const notebook = await runCells(kernel, cells);
    await kernel.shutdown();

    expect(exportInto(reader, "chapter.ts", cells)).toEqual([]);
    expect(await reader.check()).toBe("");

    const module = await reader.run("chapter.ts");
    expect(module).toMatchObject({ code: 0, stderr: expect.not.stringContaining("AssertionError") as string });
    expect(withoutTimes(module.stdout)).toBe(withoutTimes(notebook.stdout));
    expect(module.stderr).toContain(notebook.stderr);
    for (const error of notebook.errors) expect(module.stderr).toContain(error);
  });
});

describe("a notebook's module prints what the notebook shows", () => {
  let reader: Reader;
  let kernel: TestKernel;
  beforeAll(async () => {
    reader = createReader();
    kernel = await startTestKernel({ folder: reader.folder, env: { TYPHOON_PLAIN: "1" } });
  });
  afterAll(async () => await kernel.shutdown());

  test.each(Object.entries(cases))("%s", async (name, cells) => {
    await kernel.run("%reset -f");
    const notebook = await runCells(kernel, cells);
    const file = `${name.replaceAll(/\W+/g, "-")}.ts`;
    exportInto(reader, file, cells);
    const module = await reader.run(file);
    expect(module).toMatchObject({ code: 0 });
    expect(withoutTimes(module.stdout)).toBe(withoutTimes(notebook.stdout));
    for (const error of notebook.errors) expect(module.stderr).toContain(error);
  });

  test("and tsc accepts all of them", async () => {
    expect(await reader.check()).toBe("");
  });
});
