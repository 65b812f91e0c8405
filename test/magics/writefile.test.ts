import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writefile } from "../../magics/writefile.ts";
import { cellCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-writefile-"));
const path = join(folder, "a b.txt");
afterAll(() => rmSync(folder, { recursive: true }));

testMagic(writefile, { wrong: ["", "--no-such-option", "a b"], short: cellCall(join(folder, "short"), "x") });

test("%%writefile writes, overwrites and appends, and says which", async () => {
  const notebook = createNotebook();
  await writefile.run(cellCall(`"${path}"`, "one ${two}\n"), notebook.context);
  expect(readFileSync(path, "utf8")).toBe("one ${two}\n");
  await writefile.run(cellCall(`"${path}"`, "größer"), notebook.context);
  await writefile.run(cellCall(`-a "${path}"`, "two"), notebook.context);
  expect(readFileSync(path, "utf8")).toBe("größer\ntwo\n");
  expect(notebook.printed()).toBe(`Wrote ${path}\nOverwrote ${path}\nAppended to ${path}\n`);
});

test("a missing folder is an error that says how to make it", async () => {
  const wrong = writefile.run(cellCall(join(folder, "no", "file"), "x"), createNotebook().context);
  await expect(wrong).rejects.toThrow(`there is no folder ${join(folder, "no")}; make it first`);
});

test("a folder in place of the file is an error", async () => {
  const wrong = writefile.run(cellCall(folder, "x"), createNotebook().context);
  await expect(wrong).rejects.toThrow(`this is a folder, give a file: ${folder}`);
});
