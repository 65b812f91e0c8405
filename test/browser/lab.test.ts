import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Lab,
  cell,
  edit,
  indicator,
  menu,
  outputs,
  run,
  screenshot,
  shown,
  start,
  startLab,
  status,
} from "./lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const completions = (page: Page): ReturnType<Page["locator"]> => page.locator(".jp-Completer-item");

test("Tab completes the members of a variable", async () => {
  const page = await lab.openCells("const berries = { raspberry: 1, blueberry: 2 }", "berries.", "berries.rasp");
  await run(page, 0);
  await edit(page, 1);
  await page.keyboard.press("Tab");
  await completions(page).filter({ hasText: "blueberry" }).waitFor();
  await screenshot(page, "completion");
  await page.keyboard.press("Escape");
  await edit(page, 2);
  await page.keyboard.press("Tab");
  await completions(page).filter({ hasText: "raspberry" }).waitFor();
  await page.keyboard.press("Enter");
  await cell(page, 2).getByText("berries.raspberry").waitFor();
  await run(page, 2);
  expect(await shown(page, 2, "1")).toBe("1");
  await page.context().close();
});

test("a loop without end: busy while other requests are answered, until it is interrupted", async () => {
  const page = await lab.openCells("const kept = { first: 7, second: 8 }", "while (true) {}", "kept.", "kept.first");
  await run(page, 0);
  await start(page, 1);
  await status(page, "busy");
  await edit(page, 2);
  await page.keyboard.press("Tab");
  await completions(page).filter({ hasText: "second" }).waitFor();
  await page.keyboard.press("Escape");
  await completions(page).first().waitFor({ state: "hidden" });
  // The second answer comes after all messages of the first, its own idle among them.
  await page.keyboard.press("Tab");
  await completions(page).filter({ hasText: "second" }).waitFor();
  expect(await indicator(page, "busy").count()).toBe(1);
  await page.keyboard.press("Escape");
  await menu(page, "Kernel", "Interrupt Kernel");
  await shown(page, 1, "Interrupted");
  await status(page, "idle");
  await screenshot(page, "interrupted");
  await run(page, 3);
  expect(await shown(page, 3, "7")).toBe("7");
  await page.context().close();
});

test("a restart forgets the variables", async () => {
  const page = await lab.openCells("const berries = 2", "typeof berries");
  await run(page, 0);
  await run(page, 1);
  await shown(page, 1, "'number'");
  await menu(page, "Kernel", "Restart Kernel…");
  await page.locator(".jp-Dialog .jp-mod-accept").click();
  await start(page, 1);
  expect(await shown(page, 1, "undefined")).toBe("'undefined'");
  await status(page, "idle");
  await page.context().close();
});

test("input asks in the page and returns what is typed", async () => {
  const page = await lab.openCells(
    'const name = await input("name? ");\n`Hello ${name}`',
    'await input.password("secret? ")',
  );
  await start(page, 0);
  const box = page.locator(".jp-Stdin-input");
  await box.waitFor();
  await screenshot(page, "input");
  await page.keyboard.type("Ada");
  await page.keyboard.press("Enter");
  expect(await shown(page, 0, "Hello")).toBe("'Hello Ada'");
  await start(page, 1);
  // Typing shows nothing.
  const hidden = page.locator('.jp-Stdin-input[type="password"]');
  await hidden.fill("xyz");
  await hidden.press("Enter");
  expect(await shown(page, 1, "xyz")).toBe("'xyz'");
  await page.context().close();
});

test("an error shows its traceback in colours", async () => {
  const page = await lab.openCells(
    'function half(n: number) {\n  if (n % 2) throw new RangeError(`odd: ${n}`, { cause: new Error("why") })\n  return n / 2\n}\nhalf(3)',
    "console.log({ a: 1, b: 'text' }); console.error('a line on standard error')",
    "const broken = ;",
  );
  await run(page, 0);
  expect(await shown(page, 0, "RangeError: odd: 3")).toContain("In[1]:2:");
  expect(await outputs(page, 0).locator("span.ansi-red-fg, span.ansi-red-intense-fg").count()).toBeGreaterThan(0);
  await run(page, 1);
  await run(page, 2);
  expect(await shown(page, 2, "SyntaxError")).toContain("In[3]:1:16");
  await screenshot(page, "errors");
  await page.context().close();
});

test("a question mark behind a magic shows its help", async () => {
  const page = await lab.openCells("%sql?");
  await run(page, 0);
  await shown(page, 0, "DuckDB");
  expect(await outputs(page, 0).locator("pre code").count()).toBeGreaterThan(0);
  await screenshot(page, "help");
  await page.context().close();
});
