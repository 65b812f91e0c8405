import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("what cells print after their end is theirs, in the notebook and in the log", () => {
  const { stdout, outputs } = runNotebook([
    `const ticks = setInterval(() => console.log("tick"), 10); const ticked = new Promise((done) => setTimeout(done, 50)); 1`,
    `await ticked; clearInterval(ticks); 2`,
    `(async () => { await null; throw new Error("unawaited") })(); 3`,
    `Promise.reject(new Error("rejected")); 4`,
    `const over = new Promise((done) => process.once("uncaughtExceptionMonitor", () => setTimeout(done, 10)));
     setTimeout(() => { throw new Error("late") }, 1); 5`,
    `await over; 6`,
  ]);
  expect(outputs[0]).toMatchObject([{ output_type: "execute_result" }, { text: expect.arrayContaining(["tick\n"]) }]);
  expect(outputs[1]).toHaveLength(1);
  for (const [at, evalue] of [
    ["2", "unawaited"],
    ["3", "rejected"],
    ["4", "late"],
  ] as const) {
    expect(outputs[Number(at)]).toContainEqual(expect.objectContaining({ output_type: "error", evalue }));
  }
  expect(stdout).toMatch(/^tick$/m);
  for (const text of ["unawaited", "rejected", "late"]) expect(stdout).toContain(`Error: ${text}`);
});

test("an error that comes while nothing runs is in the kernel's log too", () => {
  const script = `
    import { seen, startTestKernel } from ${JSON.stringify(fileURLToPath(new URL("harness.ts", import.meta.url)))};
    const kernel = await startTestKernel();
    const told = seen(kernel, ({ header }) => header.msg_type === "error");
    await kernel.run('process.once("SIGUSR2", () => { throw new Error("alone") }); process.pid').then(({ result }) => process.kill(Number(result), "SIGUSR2"));
    await told;
    await kernel.run("1");
    await kernel.shutdown();`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^\[typhoon\] uncaught Error: alone\n {3}In\[1\]/m);
});

test("a display that is updated shows its last state in the log", () => {
  const { stdout } = runNotebook([`const shown = display("0 %"); for (const n of [50, 100]) shown.update(n + " %")`]);
  expect(stdout).toMatch(/0 %[^]*100 %/);
  expect(stdout).not.toContain("50 %");
});

test("where the notebook cannot be written is told before anything runs", () => {
  const file = join(folder, "target.ipynb");
  mkdirSync(join(folder, "is-a.folder"));
  writeFileSync(file, JSON.stringify({ nbformat: 4, cells: [{ cell_type: "code", metadata: {}, source: "'ran'" }] }));
  for (const [target, reason] of [
    [join(folder, "none", "y.ipynb"), "there is no folder"],
    [join(folder, "is-a.folder"), "it is a folder"],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [cli("typhoon.ts"), "run", file, "--output", target],
      {
        encoding: "utf8",
      },
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
});

test("the log of a failure names cell, line and column; TYPHOON_PLAIN keeps escape codes out of log and notebook", () => {
  const cells = ["console.log([1])", `// a comment\n  throw new RangeError("\\u001B[31modd\\u001B[39m: 3")`];
  const { status, stdout, stderr, outputs } = runNotebook(cells, { TYPHOON_PLAIN: "1", FORCE_COLOR: "1" });
  expect(status).toBe(1);
  expect(stdout).toContain("RangeError: odd: 3\n   In[2]:2:3\n  1 │ // a comment\n> 2 │   throw");
  expect(stdout).toMatch(/✗ notebook\.ipynb: 2 cells, .* s, cell 2 \(In\[2\]\) failed: RangeError: odd: 3\n$/);
  expect(JSON.stringify([stdout, stderr, outputs])).not.toContain(String.raw`\u001b`);
});
