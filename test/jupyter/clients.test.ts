import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { venvEnv, venvProgram } from "./server.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "typhoon-clients-"));
const options = { env: venvEnv(folder), cwd: folder, maxBuffer: 1 << 26 };

/** Writes a notebook of code cells and returns its path. */
function notebook(name: string, cells: readonly (string | { source: string; tags: string[] })[]): string {
  const path = join(folder, name);
  const toCell = (cell: string | { source: string; tags: string[] }, id: number): object => ({
    id: `cell-${id}`,
    cell_type: "code",
    execution_count: null,
    metadata: typeof cell === "string" ? {} : { tags: cell.tags },
    outputs: [],
    source: typeof cell === "string" ? cell : cell.source,
  });
  const kernelspec = { name: "typhoon", display_name: "TypeScript (Typhoon)", language: "typescript" };
  writeFileSync(
    path,
    JSON.stringify({ cells: cells.map(toCell), metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }),
  );
  return path;
}

describe("jupyter_kernel_test", () => {
  test("passes in full, every optional part on, nothing skipped", async () => {
    const { stderr } = await run(venvProgram("python"), [resolve("test/jupyter/kernel_protocol_test.py")], options);
    expect(stderr).toMatch(/^OK$/m);
    expect(stderr).toContain("Ran 13 tests");
    expect(stderr).not.toContain("skipped");
  });
});

describe("jupyter_client", () => {
  test("starts, runs, restarts and shuts the kernel down", async () => {
    const script = `
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="typhoon")
outputs = []
def hook(message): outputs.append((message["header"]["msg_type"], message["content"]))
client.execute_interactive("console.log('printed'); 40 + 2", output_hook=hook, timeout=20)
print([content["text"] for kind, content in outputs if kind == "stream"])
print([content["data"]["text/plain"] for kind, content in outputs if kind == "execute_result"])
manager.restart_kernel(now=False)
client.wait_for_ready(timeout=20)
print(client.execute_interactive("1", silent=False, output_hook=hook, timeout=20)["content"]["execution_count"])
client.stop_channels()
manager.shutdown_kernel()
print(manager.is_alive())
`;
    const { stdout } = await run(venvProgram("python"), ["-c", script], options);
    expect(stdout.trim().split("\n")).toEqual(["['printed\\n']", "['42']", "1", "False"]);
  });
});

describe("nbclient and nbconvert", () => {
  test("execute a notebook and keep its outputs in their cells", async () => {
    const path = notebook("good.ipynb", [
      "const n = 20",
      "console.log('out'); console.error('err'); n * 2",
      { source: "throw new Error('on purpose')", tags: ["raises-exception"] },
      "n + 1",
    ]);
    await run(
      venvProgram("jupyter-nbconvert"),
      ["--to", "notebook", "--execute", "--output", "done.ipynb", path],
      options,
    );
    const { cells } = JSON.parse(readFileSync(join(folder, "done.ipynb"), "utf8")) as {
      cells: { outputs: Record<string, unknown>[] }[];
    };
    expect(cells[0]?.outputs).toEqual([]);
    expect(cells[1]?.outputs).toMatchObject([
      { output_type: "stream", name: "stdout", text: ["out\n"] },
      { output_type: "stream", name: "stderr", text: ["err\n"] },
      { output_type: "execute_result", data: { "text/plain": ["40"] } },
    ]);
    expect(cells[2]?.outputs).toMatchObject([{ output_type: "error", ename: "Error", evalue: "on purpose" }]);
    expect(cells[3]?.outputs).toMatchObject([{ data: { "text/plain": ["21"] } }]);
  });

  test("a failing cell ends the run with an exit code and a readable log", async () => {
    const path = notebook("bad.ipynb", ["1", "throw new RangeError('odd: 3')"]);
    const failed = run(venvProgram("jupyter-nbconvert"), ["--to", "html", "--execute", path], options);
    const { code, stderr } = (await failed.catch((error: unknown) => error)) as { code: number; stderr: string };
    expect(code).toBe(1);
    expect(stripVTControlCharacters(stderr)).toContain("RangeError: odd: 3");
  });
});

describe("jupyter console", () => {
  test("runs what is typed", async () => {
    const console = run(venvProgram("jupyter-console"), ["--kernel", "typhoon", "--simple-prompt"], options);
    console.child.stdin!.end("const x = 20\nx + 22\n");
    const { stdout } = await console;
    expect(stdout).toContain("42");
  });
});
