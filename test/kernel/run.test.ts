import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "typhoon-run-"));
const cli = (name: string): string => fileURLToPath(new URL(`../../kernel/cli/${name}`, import.meta.url));

// `typhoon run` starts the built kernel, which is to be today's.
beforeAll(() => void execFileSync(process.execPath, [cli("build.ts")]));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: readonly (readonly Record<string, unknown>[])[];
}

/** Runs a notebook of these cells; a cell may have a tag. */
function runNotebook(
  cells: readonly (string | readonly [source: string, tag: string])[],
  env: NodeJS.ProcessEnv = {},
): Ran {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: cells.map((cell, i) => {
      const [source, tag] = typeof cell === "string" ? [cell] : cell;
      const metadata = tag === undefined ? {} : { tags: [tag] };
      return { cell_type: "code", id: `c${i}`, metadata, source, execution_count: null, outputs: [] };
    }),
  };
  const file = join(folder, "notebook.ipynb");
  writeFileSync(file, JSON.stringify(notebook));
  writeFileSync(join(folder, "beside.ts"), "export const here: string = 'beside the notebook';");
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli("typhoon.ts"), "run", file, "--inplace"], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  const written = JSON.parse(readFileSync(file, "utf8")) as { cells: { outputs: Record<string, unknown>[] }[] };
  return { status, stdout, stderr, outputs: written.cells.map(({ outputs }) => outputs) };
}

test("a notebook runs without Python, prints what its cells print, and keeps their outputs", () => {
  const { status, stdout, outputs } = runNotebook(["const n: number = 20", `console.log("hi"); n + 1`]);
  expect(stdout).toMatch(/^hi$/m);
  expect(stdout).toMatch(/✓ notebook\.ipynb: 2 cells, \d+\.\d s, ok\n$/);
  expect(status).toBe(0);
  expect(outputs[1]).toMatchObject([
    { output_type: "stream", name: "stdout", text: ["hi\n"] },
    { output_type: "execute_result", execution_count: 2, data: { "text/plain": ["21"] } },
  ]);
});

test("imports are found from the notebook's folder", () => {
  const { outputs } = runNotebook([`import { here } from "./beside.ts"; here`]);
  expect(outputs[0]?.[0]?.["data"]).toMatchObject({ "text/plain": [expect.stringContaining("beside the notebook")] });
});

test("the first cell that fails ends the run, and the exit code says so", () => {
  const { status, stdout, outputs } = runNotebook(["1", `throw new RangeError("odd: 3")`, "2"]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/✗ notebook\.ipynb: 3 cells, .* s, cell 2 \(In\[2\]\) failed: RangeError: odd: 3\n$/);
  expect(outputs[1]).toMatchObject([{ output_type: "error", ename: "RangeError" }]);
  expect(outputs[2]).toEqual([]);
});

test("tags allow a failure and leave out a cell", () => {
  const { status, outputs } = runNotebook([
    ["throw 1", "raises-exception"],
    ["while (true) {}", "skip-execution"],
    "3",
  ]);
  expect(status).toBe(0);
  expect(outputs.map((list) => list.length)).toEqual([1, 0, 1]);
});

test("the log of a failure names cell, line and column; TYPHOON_PLAIN keeps escape codes out of log and notebook", () => {
  const cells = ["console.log([1])", `// a comment\n  throw new RangeError("\\u001B[31modd\\u001B[39m: 3")`];
  const { status, stdout, stderr, outputs } = runNotebook(cells, { TYPHOON_PLAIN: "1", FORCE_COLOR: "1" });
  expect(status).toBe(1);
  expect(stdout).toContain("RangeError: odd: 3\n   In[2]:2:3\n  1 │ // a comment\n> 2 │   throw");
  expect(stdout).toMatch(/✗ notebook\.ipynb: 2 cells, .* s, cell 2 \(In\[2\]\) failed: RangeError: odd: 3\n$/);
  expect(JSON.stringify([stdout, stderr, outputs])).not.toContain(String.raw`\u001b`);
});
