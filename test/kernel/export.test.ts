import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinLines, type Notebook } from "../../kernel/cli/notebook.ts";
import type { SourceCell } from "../../kernel/export/export-options.ts";
import { cases } from "./export-cases.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";
import { type Reader, createReader, exportInto, runCells } from "./reader.ts";

const chapters = ["00-first-cells.ipynb", "01-language.ipynb", "07a-tables.ipynb", "07b-arrays-and-science.ipynb"];

function cellsOf(file: string): SourceCell[] {
  const { cells } = JSON.parse(readFileSync(join("notebooks", file), "utf8")) as Notebook;
  return cells.map(({ cell_type: type, source, metadata }, at) => ({
    type: type === "code" ? "code" : "markdown",
    source: joinLines(source),
    tags: metadata.tags ?? [],
    label: `cell ${at + 1}`,
  }));
}

/** Times differ from run to run, and with them whether a query shows how far it is; nothing else may. */
function withoutTimes(text: string): string {
  return text.replaceAll(/^(CPU time: |Wall time:) .*$/gm, "$1 …").replaceAll(/^DuckDB .* rows · .*\n/gm, "");
}

describe.each(chapters)("%s as a module", (file) => {
  // It compiles three times.
  test("is accepted by plain tsc, and Node prints what the notebook shows", { timeout: 180_000 }, async () => {
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
    // It has written files anew that it imports.
    expect(await reader.check()).toBe("");
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
    for (const error of notebook.errors) {
      // Of a missing module, Node has its own words.
      const said = error.startsWith("ModuleNotFound: ") ? "[ERR_MODULE_NOT_FOUND]: Cannot find " : error;
      expect(module.stderr).toContain(said);
    }
  });

  test("and tsc accepts all of them", async () => {
    expect(await reader.check()).toBe("");
  });
});

describe("%export writes the cells that ran", () => {
  const send = async (kernel: TestKernel, code: string, metadata: Record<string, unknown> = {}): Promise<unknown> =>
    await kernel.request("execute_request", { code, allow_stdin: false }, { metadata });

  test("each once, as it ran last, at the place where it ran first; failed ones are left out", async () => {
    const reader = createReader();
    const kernel = await startTestKernel({ folder: reader.folder });
    await send(kernel, "const rate = 1", { cellId: "a" });
    await send(kernel, "const twice = () => rate * 2", { cellId: "b" });
    await send(kernel, "throw new Error('never')", { cellId: "c" });
    await send(kernel, "twice()", { cellId: "d" });
    await send(kernel, "const rate = 20", { cellId: "a" });
    await send(kernel, "throw new Error('shown')", { cellId: "e", tags: ["raises-exception"] });
    expect((await kernel.run("%export -f session.ts")).stdout).toBe("Wrote session.ts: 4 cells.\n");
    expect((await kernel.run("const text = %export\ntext.length > 100")).result).toBe("true");
    await kernel.shutdown();
    expect(readFileSync(join(reader.folder, "session.ts"), "utf8")).toBe(
      [
        "// Exported by Typhoon from a session. A file without this line is not overwritten.",
        "",
        'import { display } from "typhoon-kernel";',
        "",
        "const rate = 20",
        "",
        "const twice = () => rate * 2",
        "",
        "display.result(twice())",
        "",
        "try {",
        "  throw new Error('shown')",
        "} catch (error) {",
        "  console.error(error); // this may fail, as in the notebook",
        "}",
        "",
      ].join("\n"),
    );
    expect(await reader.run("session.ts")).toMatchObject({ code: 0, stdout: "40\n" });
    expect(await reader.check()).toBe("");
  });

  test("from front ends that do not name cells, in the order of execution; %reset begins anew", async () => {
    const kernel = await startTestKernel();
    await kernel.run("const gone = 1");
    await kernel.run("%reset -f");
    await kernel.run("let n = 1");
    await kernel.run("n++");
    await kernel.run("n++");
    await kernel.run("n", { store_history: false });
    const text = (await kernel.run("const text = %export\nconsole.log(text)")).stdout;
    await kernel.shutdown();
    expect(text).not.toContain("gone");
    expect(text.match(/n\+\+/g)).toHaveLength(2);
  });

  test("says which cell cannot be exported, and refuses a file that is not its own", async () => {
    const kernel = await startTestKernel();
    await kernel.run("class A {\n  @((value: unknown, _: unknown) => value as never) #y() {}\n}");
    expect((await kernel.run("%export a.ts")).error).toMatch(
      /^UsageError: %export: In\[1\], line 2, column 3: a decorator on a private/,
    );
    await kernel.run("%%writefile b.ts\nexport {}");
    await kernel.run("%reset -f");
    expect((await kernel.run("%export b.ts")).error).toContain("b.ts is there, and no export has written it");
    expect((await kernel.run("%export")).error).toContain("name the file, as in `%export report.ts`");
    await kernel.shutdown();
  });
});
