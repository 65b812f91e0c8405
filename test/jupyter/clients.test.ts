import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, test } from "vitest";
import { type Ran, runProgram, writeNotebook } from "./programs.ts";

// Each test waits for programs of its own, which mostly load, so they run at the same time.

const folder = mkdtempSync(join(tmpdir(), "typhoon-clients-"));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = { env: { TYPHOON_PLAIN: "1" } };
const failing = "// a comment\n  throw new RangeError('odd: 3')";

/** What everyone who runs notebooks in CI needs of a failure: an exit code, and a log that says what and where. */
function failureAt(place: string): object {
  const frame = "  1 │ // a comment\n> 2 │   throw new RangeError('odd: 3')\n    │   ^";
  return { code: 1, trace: `RangeError: odd: 3\n   ${place}\n${frame}`, escapes: false };
}

function failureOf({ code, stdout, stderr }: Ran): object {
  return {
    code,
    trace: /RangeError: odd: 3\n[^]*?\^/.exec(stderr)?.[0],
    escapes: (stdout + stderr).includes("\u001B"),
  };
}

describe.concurrent("jupyter_kernel_test", () => {
  test("passes in full, every optional part on, nothing skipped", async ({ expect }) => {
    const env = { TYPHOON_HISTORY: join(folder, "own-history.sqlite") };
    const { stderr } = await runProgram(folder, ["python", resolve("test/jupyter/kernel_protocol_test.py")], { env });
    expect(stderr).toMatch(/^OK$/m);
    expect(stderr).toContain("Ran 13 tests");
    expect(stderr).not.toContain("skipped");
  });
});

describe.concurrent("jupyter_client", () => {
  test("starts, runs, restarts and shuts the kernel down", async ({ expect }) => {
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
    const { stdout } = await runProgram(folder, ["python", "-c", script]);
    expect(stdout.trim().split("\n")).toEqual(["['printed\\n']", "['42']", "1", "False"]);
  });
});

describe.concurrent("nbclient", () => {
  test("runs a notebook from Python and gives the failed cell", async ({ expect }) => {
    const path = writeNotebook(folder, "api.ipynb", ["const n: number = 20", "n + 1", failing, "n + 2"]);
    const script = `
import nbformat, sys
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    NotebookClient(notebook).execute()
except CellExecutionError as error:
    print(error.ename, "|", error.evalue)
print([cell.execution_count for cell in notebook.cells])
print(notebook.cells[1].outputs[0].data["text/plain"])
print("\\n".join(notebook.cells[2].outputs[0].traceback))
`;
    const { stdout } = await runProgram(folder, ["python", "-c", script, path], plain);
    expect(stdout).toMatch(/^RangeError \| odd: 3\n\[1, 2, 3, None\]\n21\nRangeError: odd: 3\n {3}In\[3\]:2:3\n/);
  });
});

describe.concurrent("jupyter nbconvert --execute", () => {
  test("keeps the outputs in their cells", async ({ expect }) => {
    const path = writeNotebook(folder, "good.ipynb", [
      "const n = 20",
      "console.log('out'); console.error('err'); n * 2",
      { source: "throw new Error('on purpose')", tags: ["raises-exception"] },
      "n + 1",
    ]);
    const args = ["--to", "notebook", "--execute", "--output", "done.ipynb", path];
    expect((await runProgram(folder, ["jupyter-nbconvert", ...args])).code).toBe(0);
    const cells = readCells("done.ipynb");
    expect(cells[0]?.outputs).toEqual([]);
    expect(cells[1]?.outputs).toMatchObject([
      { output_type: "stream", name: "stdout", text: ["out\n"] },
      { output_type: "stream", name: "stderr", text: ["err\n"] },
      { output_type: "execute_result", data: { "text/plain": ["40"] } },
    ]);
    expect(cells[2]?.outputs).toMatchObject([{ output_type: "error", ename: "Error", evalue: "on purpose" }]);
    expect(cells[3]?.outputs).toMatchObject([{ data: { "text/plain": ["21"] } }]);
  });

  test("keeps the type errors of each cell, also of the first and the last", async ({ expect }) => {
    const wrong = ["const a: number = ''", "1", "const b: number = ''"];
    const path = writeNotebook(folder, "types.ipynb", wrong);
    const args = ["--to", "notebook", "--execute", "--output", "typed.ipynb", path];
    expect((await runProgram(folder, ["jupyter-nbconvert", ...args], plain)).code).toBe(0);
    const told = readCells("typed.ipynb").map(({ outputs }) => JSON.stringify(outputs).match(/TS2322 Type/g)?.length);
    expect(told).toEqual([1, undefined, 1]);
  });

  test("a failing cell ends the run with an exit code and a readable log", async ({ expect }) => {
    const path = writeNotebook(folder, "bad.ipynb", ["1", failing]);
    const ran = await runProgram(folder, ["jupyter-nbconvert", "--to", "html", "--execute", path], plain);
    expect(failureOf(ran)).toEqual(failureAt("In[2]:2:3"));
  });
});

describe.concurrent("jupyter execute", () => {
  test("runs a notebook and saves it", async ({ expect }) => {
    const path = writeNotebook(folder, "execute.ipynb", ["const n = 20", "n * 2"]);
    const { code, stderr } = await runProgram(folder, ["jupyter-execute", path, "--output=executed"]);
    expect(stderr).toContain("Save executed results");
    expect(code).toBe(0);
    expect(readCells("executed.ipynb")[1]?.outputs).toMatchObject([{ data: { "text/plain": ["40"] } }]);
  });

  test("a failing cell ends the run with an exit code and a readable log", async ({ expect }) => {
    const path = writeNotebook(folder, "execute-bad.ipynb", ["1", "2", failing]);
    expect(failureOf(await runProgram(folder, ["jupyter-execute", path], plain))).toEqual(failureAt("In[3]:2:3"));
  });
});

describe.concurrent("jupyter run", () => {
  test("runs a file, or what comes on stdin, as one cell", async ({ expect }) => {
    writeFileSync(join(folder, "script.ts"), "const n: number = 20\nconsole.log({ n })\nn + 22");
    const ran = await runProgram(folder, ["jupyter-run", "--kernel=typhoon", "script.ts"], plain);
    expect(ran).toMatchObject({ code: 0, stdout: "{ n: 20 }\n42" });
    const input = "for (const word of ['a', 'b']) console.log(word)";
    const piped = await runProgram(folder, ["jupyter-run", "--kernel=typhoon"], { ...plain, input });
    expect(piped).toMatchObject({ code: 0, stdout: "a\nb\n" });
  });

  test("a file that fails ends it with an exit code and a readable log", async ({ expect }) => {
    writeFileSync(join(folder, "bad.ts"), failing);
    const ran = await runProgram(folder, ["jupyter-run", "--kernel=typhoon", "bad.ts"], plain);
    expect(failureOf(ran)).toEqual(failureAt("In[1]:2:3"));
  });
});

describe.concurrent("jupyter console", () => {
  test("runs what is typed, and goes on after an error", async ({ expect }) => {
    const { stdout, stderr, code } = await runProgram(
      folder,
      ["jupyter-console", "--kernel=typhoon", "--simple-prompt"],
      {
        ...plain,
        input: "const x = 20\nx + 22\nthrow new RangeError('odd: 3')\nx + 1\n",
      },
    );
    expect(stdout).toContain("Out[2]: 42\n");
    expect(stderr).toContain("RangeError: odd: 3\n   In[3]:1:1\n");
    expect(stdout).toContain("Out[4]: 21\n");
    expect(code).toBe(0);
  });
});

function readCells(name: string): { outputs: Record<string, unknown>[] }[] {
  return (JSON.parse(readFileSync(join(folder, name), "utf8")) as { cells: { outputs: Record<string, unknown>[] }[] })
    .cells;
}
