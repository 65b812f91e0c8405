import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, cell, edit, menu, outputs, run, screenshot, shown, startLab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

const cells = [
  "interface Person { name: string; age: number }\n/** All of us. */\nconst people: Person[] = [{ name: 'Ada', age: 36 }]",
  "const n: number = 'five'",
  "people.map((person) => person.",
  "people",
];

test("type errors stand below their cell, with a link", async () => {
  const page = await lab.openCells(...cells);
  await run(page, 0);
  await run(page, 1);
  expect(await shown(page, 1, "TS2322")).toContain("Type 'string' is not assignable to type 'number'");
  const link = outputs(page, 1).locator("a");
  expect(await link.getAttribute("href")).toContain("ts2322");
  // Those of the run before are gone.
  await run(page, 1);
  await shown(page, 1, "In[3]:1:7");
  expect(await link.count()).toBe(1);
  await screenshot(page, "type-error");
  await page.close();
});

test("Tab completes by types what no value tells, and Shift+Tab shows type and documentation", async () => {
  const page = await lab.openCells(...cells);
  await run(page, 0);
  await run(page, 1);
  await shown(page, 1, "TS2322"); // the server is there
  await edit(page, 2);
  await page.keyboard.press("Tab");
  const items = page.locator(".jp-Completer-item");
  await items.first().waitFor();
  expect(await items.locator(".jp-Completer-match").allInnerTexts()).toEqual(["age", "name"]);
  await screenshot(page, "completion-types");
  await page.keyboard.press("Escape");
  await edit(page, 3);
  await page.keyboard.press("Shift+Tab");
  const tooltip = page.locator(".jp-Tooltip");
  await tooltip.getByText("All of us.").waitFor();
  expect(await tooltip.innerText()).toContain("const people: Person[]");
  await screenshot(page, "hover-types");
  await page.close();
});

const more = [
  "interface Person { name: string; /** In years. */ age: number }\nconst people: Person[] = [{ name: 'Ada', age: 36 }]\nfunction paint(color: 'red' | 'blue', layers: number) { return color }",
  '%sql create table cars (origin varchar, mpg integer, "miles per" double)',
  "p",
  "const text = await readFi",
  "%%sql\nselect  from cars",
  "let one: Person",
  "const n: number = 'five'",
];

const yes = (): boolean => true;
const no = (): boolean => false;

test("the list of completions has kinds, and a name that is not imported yet comes with its import", async () => {
  const page = await lab.openCells(...more);
  await run(page, 0);
  await run(page, 6);
  await shown(page, 6, "TS2322"); // the server is there
  const items = page.locator(".jp-Completer-item");
  await edit(page, 2);
  await page.keyboard.press("Tab");
  await items.first().waitFor();
  const paint = items.filter({ hasText: "paint" }).first();
  expect(await paint.locator(".jp-Completer-typeExtended").innerText()).toBe("function");
  await screenshot(page, "completion-kinds");
  await page.keyboard.press("Escape");
  await edit(page, 3);
  // On a busy machine the first Tab only has the modules read.
  do await page.keyboard.press("Tab");
  while (!(await items.first().waitFor({ timeout: 2_000 }).then(yes, no)));
  await screenshot(page, "completion-import");
  await items.filter({ hasText: "node:fs/promises" }).first().click();
  const editor = cell(page, 3).locator(".cm-content");
  await expect
    .poll(() => editor.innerText())
    .toBe('import { readFile } from "node:fs/promises"\nconst text = await readFile');
  await page.keyboard.type("(");
  expect(await editor.innerText()).toContain("const text = await readFile(");
  await page.close();
});

test("SQL completes by the database, and contextual help shows the members of a type", async () => {
  const page = await lab.openCells(...more);
  await run(page, 0);
  await run(page, 1);
  await run(page, 6);
  await shown(page, 6, "TS2322");
  await edit(page, 4);
  for (let left = " from cars".length; left > 0; left -= 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Tab");
  const items = page.locator(".jp-Completer-item");
  await items.first().waitFor();
  expect((await items.locator(".jp-Completer-match").allInnerTexts()).slice(0, 3)).toEqual([
    '"miles per"',
    "mpg",
    "origin",
  ]);
  await screenshot(page, "completion-sql");
  await page.keyboard.press("Escape");
  await menu(page, "Help", "Show Contextual Help");
  await edit(page, 5);
  const pane = page.locator(".jp-Inspector-content");
  await pane.getByText("In years.").waitFor();
  expect(await pane.innerText()).toContain("age: number");
  await screenshot(page, "inspector-types");
  await page.close();
});
