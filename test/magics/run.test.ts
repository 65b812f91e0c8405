import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../../magics/run.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const code = (source: string | string[]): object => ({ cell_type: "code", source });

testMagic(run, {
  wrong: ["", "--no-such-option", "a b"],
  short: lineCall(file("short.ts", "1")),
  long: () => lineCall(file("long.ts", "ready(); new Promise(() => {})")),
});

test("%run runs a file in the notebook's names and returns its value", async () => {
  const { context } = createNotebook({ names: { n: 20 } });
  expect(await run.run(lineCall(file("a.ts", "var m = n + 1; m * 2")), context)).toBe(42);
  expect(context.names.get("m")).toBe(21);
});

test("%run runs the code cells of a notebook in order", async () => {
  const cells = [
    code(["var log = ['a'];\n", "1"]),
    { cell_type: "markdown", source: "log.push('no')" },
    code(" \n"),
    code("log.push('b')"),
  ];
  const { context } = createNotebook();
  expect(await run.run(lineCall(file("b.ipynb", { cells, metadata: {} })), context)).toBe(2);
  expect(context.names.get("log")).toEqual(["a", "b"]);
});

test("%run stops at the first cell that fails, whose trace names file and cell", async () => {
  const cells = [code("var before = 1"), code("throw new RangeError('odd')"), code("var after = 1")];
  const { context } = createNotebook();
  const failing = run.run(lineCall(file("c.ipynb", { cells })), context);
  await expect(failing).rejects.toMatchObject({ name: "RangeError", stack: expect.stringContaining("c.ipynb#2:1") });
  expect([context.names.has("before"), context.names.has("after")]).toEqual([true, false]);
});

test.each([
  ["not a notebook", "d.ipynb", "{}", "is not a notebook of format 4"],
  ["broken JSON", "e.ipynb", "{", "is not a notebook of format 4"],
  [
    "another language",
    "f.ipynb",
    { cells: [], metadata: { kernelspec: { language: "python" } } },
    "is a python notebook",
  ],
])("%s is refused", async (_, name, content, message) => {
  await expect(run.run(lineCall(file(name, content)), createNotebook().context)).rejects.toThrow(message);
});

test("a file that is not there is refused with its path", async () => {
  const missing = run.run(lineCall("no.ts"), createNotebook().context);
  await expect(missing).rejects.toThrow(`%run: there is no ${join(process.cwd(), "no.ts")}`);
});
