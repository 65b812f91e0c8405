import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `typhoon` in a folder with this notebook as `n.ipynb`. */
async function typhoon(
  args: readonly string[],
  cells: readonly (string | object)[],
  files: Record<string, string> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-export-"));
  const notebook = {
    nbformat: 4,
    metadata: {},
    cells: cells.map((cell) =>
      typeof cell === "string" ? { cell_type: "code", source: cell, metadata: {}, outputs: [] } : cell,
    ),
  };
  writeFileSync(join(folder, "n.ipynb"), JSON.stringify(notebook));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const command = [resolve("kernel/cli/typhoon.ts"), ...args];
  const env = { ...process.env, NO_COLOR: "1" };
  const ran = await new Promise<Ran>((done) => {
    execFile(process.execPath, command, { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
  return { ...ran, folder, read: (name: string) => readFileSync(join(folder, name), "utf8") };
}

const markdown = { cell_type: "markdown", source: ["# Sums\n", "\n", "Two numbers."], metadata: {} };

test("typhoon export writes a module beside the notebook and says what it needs", async () => {
  const { code, stdout, read } = await typhoon(["export", "n.ipynb"], [markdown, "const sum = 1 + 2\nsum"]);
  expect(code).toBe(0);
  expect(read("n.ts")).toBe(
    [
      "// Exported by Typhoon from n.ipynb. A file without this line is not overwritten.",
      "",
      'import { display } from "typhoon-kernel";',
      "",
      "// # Sums",
      "//",
      "// Two numbers.",
      "",
      "const sum = 1 + 2",
      "display(sum)",
      "",
    ].join("\n"),
  );
  expect(stdout).toContain("✓ n.ts: 1 cells");
  expect(stdout).toContain("to run it: npm install typhoon-kernel");
  expect(stdout).toContain('"type": "module"');
});

test("--output names another file, whose imports are corrected for its folder, and - prints", async () => {
  const files = { "clean.ts": "export const clean = 1;\n", "package.json": '{ "type": "module" }' };
  const cells = ['import { clean } from "./clean"\nconsole.log(clean)'];
  const printed = await typhoon(["export", "n.ipynb", "-o", "-"], cells, files);
  expect(printed.stdout).toContain('import { clean } from "./clean.ts";');
  expect(printed.stderr).toContain("✓ n.ipynb: 1 cells");
  const { stdout, folder, read } = await typhoon(["export", "n.ipynb", "--output", "m.mts"], cells, files);
  expect(stdout).toBe("✓ m.mts: 1 cells\n");
  expect(read("m.mts")).toContain("console.log(clean)");
  expect(folder).not.toBe("");
});

test("a file that an export has written is overwritten, another one only by --force", async () => {
  const own = { "n.ts": "// Exported by Typhoon from n.ipynb. …\n" };
  expect((await typhoon(["export", "n.ipynb"], ["1"], own)).read("n.ts")).toContain("display(1)");
  const others = { "n.ts": "export const mine = 1;\n" };
  const refused = await typhoon(["export", "n.ipynb"], ["1"], others);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("n.ts is there, and no export has written it: --force overwrites it");
  expect(refused.read("n.ts")).toBe(others["n.ts"]);
  expect((await typhoon(["export", "n.ipynb", "--force"], ["1"], others)).read("n.ts")).toContain("display(1)");
});

test.each([
  ["a name that is missing", ["export"], "name one notebook: typhoon export FILE.ipynb"],
  ["a file that is missing", ["export", "no.ipynb"], "no.ipynb cannot be read: is the name right?"],
  ["a file that is no notebook", ["export", "x.json"], "x.json is no notebook of format 4"],
  ["a notebook of another language", ["export", "python.ipynb"], "python.ipynb is a python notebook"],
  ["a folder that is missing", ["export", "n.ipynb", "-o", "no/n.ts"], "there is no folder"],
  ["a name that is no TypeScript", ["export", "n.ipynb", "-o", "n.py"], "n.py is no TypeScript file"],
  ["an option that is unknown", ["export", "n.ipynb", "--fast"], "Unknown option '--fast'"],
])("typhoon export refuses %s with what to do", async (_, args, message) => {
  const python = { nbformat: 4, metadata: { language_info: { name: "python" } }, cells: [] };
  const { code, stderr } = await typhoon(args, ["1"], { "x.json": "[]", "python.ipynb": JSON.stringify(python) });
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});

test.each([
  [["1", "const a = \n  let"], "n.ipynb: cell 2, line 2, column 3: The keyword"],
  [["%sq select 1"], "n.ipynb: cell 1, line 1, column 1: no magic %sq. Did you mean %sh?"],
  [["%run missing.ts"], "n.ipynb: cell 1: `%run missing.ts` cannot be exported"],
  [["class A {\n  #x = 1\n  @d #y() {}\n}"], "cell 1, line 3, column 3: a decorator on a private or computed member"],
])("a cell that cannot be exported is named with its place: %#", async (cells, message) => {
  const { code, stderr } = await typhoon(["export", "n.ipynb"], cells);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});
