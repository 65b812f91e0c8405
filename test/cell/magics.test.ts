import { expect, test } from "vitest";
import { type Call, createNotebook } from "./run-cells.ts";

async function callsOf(...sources: string[]): Promise<{ value: unknown; calls: readonly Call[] }> {
  const notebook = createNotebook();
  let value: unknown;
  for (const source of sources) value = await notebook.run(source);
  return { value, calls: notebook.calls };
}

const line = (...strings: string[]): object => ({ line: { strings, values: expect.anything() } });

// Each line: a cell, the magic it calls, and part of the call.
const calls: [cell: string, name: string, call: object][] = [
  ["%sql select 1", "sql", { form: "line", assigned: false, startLine: 1, ...line("select 1") }],
  ["  %sql indented", "sql", line("indented")],
  [
    "const a = 7\n%sql a = ${a} or b = \\${x}",
    "sql",
    { startLine: 2, line: { strings: ["a = ", " or b = ${x}"], values: [7] } },
  ],
  ["%sql ${[1, '}', `${2}`].length}", "sql", { line: { strings: ["", ""], values: [3] } }],
  ["const r = %sql select 1", "sql", { assigned: true, ...line("select 1") }],
  ["let r\nr = %sql select 1\n(2)", "sql", { assigned: true, startLine: 2, ...line("select 1") }],
  ["%sql r << select 1", "sql", { assigned: true, ...line("select 1") }],
  ["%sh cat << END", "sh", { assigned: false, ...line("cat << END") }],
  ["%%html page <<\n<b>", "html", { assigned: true, body: { strings: ["<b>"], values: [] } }],
  ["%time -n 10 -r 2 1 + 1", "time", { ...line("-n 10 -r 2 "), source: "1 + 1" }],
  ["%time -n x 1", "time", { ...line("-n x "), source: "1" }],
  ["%time -n 10", "time", { ...line("-n 10"), source: "" }],
  ["const n = 1, o = { 1: 2 };\n%time -n in o", "time", { ...line(""), source: "-n in o" }],
  ["const n = 1;\n%time -n + n", "time", { ...line(""), source: "-n + n" }],
  ["const n = 1;\n%time -n - 2 + n", "time", { ...line(""), source: "-n - 2 + n" }],
  ["%sh ls \\\n  -l", "sh", line("ls   -l")],
  ["%cd ${a}", "cd", line("${a}")],
  [
    "%%sql\nselect ${1 + 1}\nfrom t",
    "sql",
    {
      form: "cell",
      startLine: 2,
      line: { strings: [""], values: [] },
      body: { strings: ["select ", "\nfrom t"], values: [2] },
    },
  ],
  ["%%sql shop big << --stream\nselect 1", "sql", { assigned: true, line: { strings: ["shop --stream"], values: [] } }],
  ["// said before\n\n%%html\n<b>${x}</b>", "html", { startLine: 4, body: { strings: ["<b>${x}</b>"], values: [] } }],
  ["%time 1 + 1", "time", { source: "1 + 1" }],
  ["%sql?", "%sql", { level: 0 }],
  ["%sql??", "%sql", { level: 1 }],
  ["?sql", "sql", { level: 0 }],
  ["const x = 1;\nx?", "x", { level: 0 }],
];

test.each(calls)("%j calls its magic", async (cell, name, call) => {
  const result = await callsOf(cell);
  expect(result.calls).toMatchObject([{ name, call }]);
});

// Each line: a cell without a magic, and its value.
const plain: [cell: string, value: unknown][] = [
  ["const a = 7, b = 4\na\n% b", 3],
  ["const a = 7, b = 4\na\n%b", 3],
  ["const a = 7, sql = 4;\n(a\n%sql)", 3],
  ["`\n%sql select 1\n`", "\n%sql select 1\n"],
  ["/*\n%sql\n*/ 1", 1],
  ["const x = 1\nx?\n2\n: 3", 2],
  ["/[`/%]/.test('%')", true],
];

test.each(plain)("%j has no magic", async (cell, value) => {
  const result = await callsOf(cell);
  expect(result).toEqual({ value, calls: [] });
});

test("a magic's value is the cell's, or the name's", async () => {
  expect((await callsOf("%sql select 1")).value).toBe("result of sql");
  expect((await callsOf("const r = %sql select 1\n[r]")).value).toEqual(["result of sql"]);
  expect((await callsOf("%%sql cars <<\nselect 1", "[cars]")).value).toEqual(["result of sql"]);
});

test("code given to a magic is the notebook's code", async () => {
  expect(
    (
      await callsOf(
        "%%time\nconst q = 3; function f() { return q }\nimport { sep } from 'node:path'\nf()",
        "[f(), q, sep.length]",
      )
    ).value,
  ).toEqual([3, 3, 1]);
  expect((await callsOf("const z = %time await Promise.resolve(4)", "z")).value).toBe(4);
  expect((await callsOf("%%time\n1 + 1")).value).toBe(2);
});

test("code given to a magic may have magics, code magics too", async () => {
  const { calls: made, value } = await callsOf(
    "%%time\n%sql select 1\n%time const deep = 5\nconst b = %sh ls",
    "[deep, b]",
  );
  expect(made.map(({ name }) => name)).toEqual(["time", "sql", "time", "sh"]);
  expect(value).toEqual([5, "result of sh"]);
  expect((await callsOf("%%time\n%%sql r <<\nselect 1", "r")).value).toBe("result of sql");
  expect((await callsOf("%time %sql select 1")).value).toBe("result of sql");
});

test("of two magics whose code ends at one place, the outer runs the inner", async () => {
  const notebook = createNotebook();
  expect(await notebook.run("%%time\n%time 5")).toBe(5);
  expect(notebook.calls.map(({ call }) => call["form"])).toEqual(["cell", "line"]);
});

test.each(["%cd; 5", "const here = %cd; here", "%cd, 5"])("%j: a magic takes the whole line", async (cell) => {
  const message = expect.stringMatching(/^%cd takes the whole line/);
  await expect(callsOf(cell)).rejects.toMatchObject({ name: "UsageError", message });
});

test("an error in nested code points at its own line", async () => {
  await expect(callsOf("%%time\n1;\n%nothing here")).rejects.toMatchObject({ name: "UsageError", line: 3, column: 1 });
});
