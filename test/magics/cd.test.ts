import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cd } from "../../magics/cd.ts";
import { createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";

const start = process.cwd();
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "typhoon-cd-")));
  mkdirSync(join(folder, "my data"));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true });
});

test("without a folder to go back to, %cd - says what to give", async () => {
  await expect(cd.run(lineCall("-"), createNotebook().context)).rejects.toThrow("no folder to go back to; give one");
});

testMagic(cd, { wrong: ["--no-such-option", "a b"] });

test("%cd changes the folder and goes back", async () => {
  const notebook = createNotebook();
  await cd.run(lineCall("'my data'"), notebook.context);
  expect(process.cwd()).toBe(join(folder, "my data"));
  await cd.run(lineCall("-"), notebook.context);
  expect(process.cwd()).toBe(folder);
  expect(notebook.printed()).toBe(`${join(folder, "my data")}\n${folder}\n`);
});

test("%cd takes a value, and an assigned result prints nothing", async () => {
  const notebook = createNotebook();
  const to = await cd.run(lineCall(template`${"my data"}`, { assigned: true }), notebook.context);
  expect([to, process.cwd(), notebook.printed()]).toEqual([join(folder, "my data"), join(folder, "my data"), ""]);
});

test("%cd alone and %cd ~ go home", async () => {
  const { context } = createNotebook();
  expect(await cd.run(lineCall("", { assigned: true }), context)).toBe(homedir());
  expect(await cd.run(lineCall("~", { assigned: true }), context)).toBe(homedir());
});

test("a folder that is not there is an error that says where we are", async () => {
  const wrong = cd.run(lineCall("nowhere"), createNotebook().context);
  await expect(wrong).rejects.toThrow(`there is no ${join(folder, "nowhere")} (the working directory is ${folder}`);
});
