import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { load } from "../../magics/load.ts";
import { createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-load-"));
const path = join(folder, "clean.ts");
writeFileSync(path, "export const n = 1;\n");
afterAll(() => rmSync(folder, { recursive: true }));

testMagic(load, { wrong: ["", "--no-such-option", "a b"], short: lineCall(path) });

test("%load replaces the cell by the file, below the command", async () => {
  const notebook = createNotebook();
  await load.run(lineCall(template`${path}`), notebook.context);
  expect(notebook.nextInputs).toEqual([{ text: `// %load ${path}\nexport const n = 1;\n`, replace: true }]);
});

test("an assigned %load gives the text and leaves the cell", async () => {
  const notebook = createNotebook();
  expect(await load.run(lineCall(path, { assigned: true }), notebook.context)).toBe("export const n = 1;\n");
  expect(notebook.nextInputs).toEqual([]);
});

test("a file that is not there is an error that names it", async () => {
  const wrong = load.run(lineCall(join(folder, "no.ts")), createNotebook().context);
  await expect(wrong).rejects.toThrow(`%load: there is no ${join(folder, "no.ts")}`);
});
