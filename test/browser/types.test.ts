import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, edit, outputs, run, screenshot, shown, startLab } from "./lab.ts";

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
