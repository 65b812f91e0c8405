import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram, writeNotebook } from "./programs.ts";

// Each call of tslab's API in a notebook, with the data that tslab 1.0.22 sends for it.
const calls: readonly (readonly [code: string, data: Record<string, unknown>])[] = [
  [`tslab.display.javascript("1 + 1")`, { "text/javascript": "1 + 1" }],
  [`tslab.display.html("<b>ts</b>lab")`, { "text/html": "<b>ts</b>lab" }],
  [`tslab.display.markdown("# tslab")`, { "text/markdown": "# tslab" }],
  [`tslab.display.latex("$x^2$")`, { "text/latex": "$x^2$" }],
  [`tslab.display.svg("<svg/>")`, { "image/svg+xml": "<svg/>" }],
  [`tslab.display.png(bytes)`, { "image/png": "AQID" }],
  [`tslab.display.jpeg(Buffer.from(bytes))`, { "image/jpeg": "AQID" }],
  [`tslab.display.gif(bytes)`, { "image/gif": "AQID" }],
  [`tslab.display.pdf(bytes.subarray(1))`, { "application/pdf": "AgM=" }],
  [`tslab.display.text("text")`, { "text/plain": "text" }],
  [`tslab.display.raw("text/csv", "a,b")`, { "text/csv": "a,b" }],
  [`tslab.display.raw("application/octet-stream", bytes)`, { "application/octet-stream": "AQID" }],
  [`tslab.display.raw("application/json", { a: [1] } as any)`, { "application/json": { a: [1] } }],
  [`display.html("<i>named import</i>")`, { "text/html": "<i>named import</i>" }],
  [`required.display.html("<i>required</i>")`, { "text/html": "<i>required</i>" }],
  [`report("a local module")`, { "text/markdown": "**a local module**" }],
  [`{ const one = tslab.newDisplay(); one.text("first"); one.html("<b>last</b>") }`, { "text/html": "<b>last</b>" }],
  [`const later = tslab.newDisplay(); later.text("0 %")`, { "text/plain": "100 %" }],
];

const imports = [
  `import * as tslab from "tslab"`,
  `import { display, newDisplay, versions } from "tslab"`,
  `import type { Display } from "tslab"`,
  `const required = require("tslab")`,
  `import { report } from "./report"`,
  `const bytes = Uint8Array.of(1, 2, 3)`,
].join("\n");

const others = [
  `later.text("100 %")`,
  `import * as tslab from "tslab"; const whole: Display = tslab.newDisplay(); Object.keys(whole).length`,
  `[await import("tslab"), await import("typhoon-kernel/tslab"), require("tslab")].every((it) => it.display === display)`,
  `console.log(/^1\\.0\\.22\\b/.test(versions.tslab), /^\\d+\\./.test(versions.typescript), versions.node === process.version)`,
];

interface Output {
  readonly output_type: string;
  readonly data?: Record<string, unknown>;
  readonly text?: string | string[];
}

const folder = mkdtempSync(join(tmpdir(), "typhoon-tslab-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The outputs of each cell, as nbconvert stores them. */
let outputs: Output[][];

beforeAll(async () => {
  // The real package, which works only in its own kernel, stands beside the notebook.
  const installed = join(folder, "node_modules", "tslab");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), `{ "name": "tslab", "version": "1.0.22", "main": "public.js" }`);
  writeFileSync(join(installed, "public.js"), `throw new Error("Not ready");`);
  const report = `import { display } from "tslab"; export const report = (s: string) => display.markdown("**" + s + "**")`;
  writeFileSync(join(folder, "report.ts"), report);
  const path = writeNotebook(folder, "tslab.ipynb", [imports, ...calls.map(([code]) => code), ...others]);
  const args = ["jupyter-nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", path];
  const { code, stderr } = await runProgram(folder, args, { env: { TYPHOON_PLAIN: "1" } });
  if (code !== 0) throw new Error(stderr);
  const { cells } = JSON.parse(readFileSync(join(folder, "done.ipynb"), "utf8")) as { cells: { outputs: Output[] }[] };
  outputs = cells.map((cell) => cell.outputs);
}, 60_000);

/** Text stored as lines, as it was sent. */
function joined(value: unknown): unknown {
  return Array.isArray(value) ? value.join("") : value;
}

test.each(calls.map(([code, data], at) => ({ code, data, at: at + 1 })))("$code", ({ data, at }) => {
  const [display, ...more] = outputs[at]!;
  expect(more).toEqual([]);
  expect(display?.output_type).toBe("display_data");
  const shown = Object.fromEntries(Object.entries(display?.data ?? {}).map(([type, value]) => [type, joined(value)]));
  const { "text/plain": plain, ...rich } = shown;
  expect(plain).toEqual(expect.any(String));
  expect({ ...("text/plain" in data && { "text/plain": plain }), ...rich }).toEqual(data);
});

test("a display of an earlier cell is overwritten, and the later cell shows nothing", () => {
  expect(outputs[calls.length + 1]).toEqual([]);
});

test("every import gives the one instance, with all methods and the versions", () => {
  const [all, same, versions] = outputs.slice(calls.length + 2).map(([output]) => output);
  expect(joined(all?.data?.["text/plain"])).toBe("11");
  expect(joined(same?.data?.["text/plain"])).toBe("true");
  expect(joined(versions?.text)).toBe("true true true\n");
});
