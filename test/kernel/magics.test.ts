import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

describe("magics in cells", () => {
  test("%sh streams as it goes, throws on a failure, and returns its output when assigned", async () => {
    expect((await kernel.run("%sh echo out; echo err >&2")).stdout).toBe("out\n");
    expect((await kernel.run("%sh exit 3")).error).toMatch(/^ShellError: .*3/);
    const { error, stderr } = await kernel.run("%sh echo once >&2; exit 1");
    expect([stderr, error?.includes("\nonce")]).toEqual(["once\n", false]);
    expect((await kernel.run("const word = %sh echo hello\nword")).result).toBe("'hello'");
  });

  test("%%writefile, %load and %run", async () => {
    await kernel.run("%%writefile double.ts\nconst doubled = 21 * 2\nexport const other = doubled");
    expect(readFileSync(join(kernel.folder, "double.ts"), "utf8")).toContain("21 * 2");
    await kernel.run("%run double.ts");
    expect((await kernel.run("doubled")).result).toBe("42");
    const { reply } = await kernel.run("%load double.ts");
    expect(reply).toMatchObject({ payload: [{ source: "set_next_input", replace: true }] });
  });

  test("%run of a notebook runs its code cells in order, in the names of this one", async () => {
    const cell = (source: string): object => ({
      cell_type: "code",
      source,
      metadata: {},
      outputs: [],
      execution_count: null,
    });
    const cells = [
      cell("const first = 1"),
      { cell_type: "markdown", source: "# no code", metadata: {} },
      cell("const second = first + 1"),
    ];
    writeFileSync(
      join(kernel.folder, "other.ipynb"),
      JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }),
    );
    await kernel.run("%run other.ipynb");
    expect((await kernel.run("second")).result).toBe("2");
  });

  test("%%capture keeps what is printed, shown and returned", async () => {
    const { stdout, displays } = await kernel.run(
      `%%capture kept\nconsole.log("text"); display.html("<b>x</b>")\n6 * 7`,
    );
    expect([stdout, displays]).toEqual(["", []]);
    expect((await kernel.run("[kept.stdout, kept.outputs.length, kept.value]")).result).toBe("[ 'text\\n', 1, 42 ]");
  });

  test("%time gives the value, %who the names, %reset forgets them", async () => {
    const { result, stdout } = await kernel.run("%time await Promise.resolve(5)");
    expect(result).toBe("5");
    expect(stdout).toMatch(/Wall time/);
    await kernel.run("const remembered = 1");
    expect((await kernel.run("%who")).stdout).toContain("remembered");
    await kernel.run("%reset -f");
    expect((await kernel.run("typeof remembered")).result).toBe("'undefined'");
    expect((await kernel.run("typeof display")).result).toBe("'function'");
  });

  test("%history shows the cells before", async () => {
    await kernel.run(`"a cell to remember"`);
    expect((await kernel.run("%history -n 2")).stdout).toContain(`"a cell to remember"`);
  });

  test("help opens in the pager, for magics and values", async () => {
    const help = await kernel.run("%sql?");
    expect(help.reply).toMatchObject({
      payload: [{ source: "page", data: { "text/markdown": expect.stringContaining("%%sql") } }],
    });
    await kernel.run("const known = 5");
    expect(JSON.stringify((await kernel.run("known?")).reply)).toContain("5");
  });

  test("a magic's help is there for the front end's tooltip", async () => {
    const { reply } = await kernel.request("inspect_request", { code: "const t = %sql select 1", cursor_pos: 13 });
    expect(reply).toMatchObject({ found: true, data: { "text/markdown": expect.stringContaining("%%sql") } });
  });

  test("what a captured cell printed before its error is shown", async () => {
    const { error, stdout } = await kernel.run(`%%capture lost\nconsole.log("before"); throw new Error("then")`);
    expect([error, stdout]).toEqual(["Error: then", "before\n"]);
  });

  test("an unknown magic names the one that was meant", async () => {
    expect((await kernel.run("%sqll select 1")).error).toBe("UsageError: no magic %sqll. Did you mean %sql?");
  });
});

describe("SQL", () => {
  test("tables in variables by name, bound values, results in variables", async () => {
    await kernel.run(`import { tableFromArrays } from "apache-arrow"
      const people = tableFromArrays({ name: ["Ada", "Bob"], age: Int32Array.of(36, 25) })
      const oldest = 30`);
    await kernel.run("%%sql adults <<\nselect name from people where age > :oldest");
    expect((await kernel.run("adults.toArray().map((row) => row.name)")).result).toBe("[ 'Ada' ]");
    const evil = await kernel.run(
      `const evil = "x'; drop table t; --"; (await sql\`select \${evil} as v\`).get(0).v === evil`,
    );
    expect(evil.result).toBe("true");
  });

  test("an error points at the line of the SQL in the cell", async () => {
    const { error, traceback } = await kernel.run("%%sql\nselect 1,\n  nothere\nfrom range(3)");
    expect(error).toMatch(/nothere/);
    expect(traceback).toMatch(/In\[\d+\]:3:3|LINE 3|3 │/);
  });
});
