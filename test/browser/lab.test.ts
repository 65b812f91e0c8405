import { cpSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, type Page, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type JupyterServer, startJupyterServer } from "../jupyter/server.ts";

const chromiumPath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const screenshots = resolve("out/screenshots");

let server: JupyterServer;
let browser: Browser;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-lab-"));
  cpSync("notebooks", folder, { recursive: true });
  mkdirSync(screenshots, { recursive: true });
  server = await startJupyterServer(folder);
  browser = await chromium.launch({ executablePath: chromiumPath, args: flags });
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Opens a notebook in a new browser profile, as a person who comes back does. */
async function open(name: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  await page.goto(`${server.url}lab/tree/${name}?reset&token=${server.token}`);
  await page.locator(".jp-Notebook .jp-Cell").first().waitFor();
  await idle(page);
  return page;
}

const idle = (page: Page): Promise<void> =>
  page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first().waitFor();

async function menu(page: Page, name: string, item: string): Promise<void> {
  await page.locator(".lm-MenuBar-item", { hasText: new RegExp(`^${name}$`) }).click();
  await page.locator(".lm-Menu-item", { hasText: item }).first().click();
}

/** Writes a cell at the end of the notebook and leaves it selected. */
async function appendCell(page: Page, code: string): Promise<void> {
  await page
    .locator(".jp-Notebook .jp-Cell")
    .last()
    .click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  await page.keyboard.press("Enter");
  await page.keyboard.insertText(code);
}

test("chapter 0: run all, save, close, reopen: the table and the plot are there", async () => {
  const page = await open("00-first-cells.ipynb");
  await menu(page, "Run", "Run All Cells");
  await page.locator(".jp-InputPrompt", { hasText: "[*]" }).first().waitFor({ state: "detached" });
  await idle(page);
  expect(
    await page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').allInnerTexts(),
  ).toEqual([expect.stringContaining("a line on standard error")]);
  await page.keyboard.press("Control+s");
  await page.context().close();

  const saved = JSON.parse(readFileSync(join(server.folder, "00-first-cells.ipynb"), "utf8")) as {
    cells: { outputs?: { data?: Record<string, unknown> }[] }[];
  };
  const types = saved.cells.flatMap(({ outputs = [] }) => outputs.flatMap(({ data = {} }) => Object.keys(data)));
  expect(types).toEqual(expect.arrayContaining(["text/html", "application/vnd.plotly.v1+json", "image/png"]));

  const again = await open("00-first-cells.ipynb");
  const table = again.locator(".jp-OutputArea-output table", { hasText: "Charlie" }).first();
  await table.scrollIntoViewIfNeeded();
  await again.screenshot({ path: join(screenshots, "reopened-table.png") });
  expect(await table.innerText()).toContain("Alice");
  const plot = again.locator(".jp-OutputArea-output img").last();
  await plot.scrollIntoViewIfNeeded();
  await again.screenshot({ path: join(screenshots, "reopened-plot.png") });
  expect(await plot.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(300);
  await again.context().close();
});

test("completion, interrupt and restart from the keyboard and the menu", async () => {
  const page = await open("00-first-cells.ipynb");
  await appendCell(page, "const berries = { raspberry: 1, blueberry: 2 }");
  await page.keyboard.press("Control+Enter");
  await idle(page);

  await appendCell(page, "berries.ras");
  await page.keyboard.press("Tab");
  await page.locator(".jp-Notebook .jp-Cell").last().getByText("berries.raspberry").waitFor();
  await page.keyboard.press("Control+Enter");
  await idle(page);

  await appendCell(page, "while (true) {}");
  await page.keyboard.press("Control+Enter");
  await page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]').first().waitFor();
  await menu(page, "Kernel", "Interrupt Kernel");
  await page.locator(".jp-OutputArea-output", { hasText: "Interrupted" }).waitFor();
  await page.screenshot({ path: join(screenshots, "interrupted.png") });
  await idle(page);

  await menu(page, "Kernel", "Restart Kernel…");
  await page.locator(".jp-Dialog .jp-mod-accept").click();
  await idle(page);
  await appendCell(page, "typeof berries");
  await page.keyboard.press("Control+Enter");
  const answer = page.locator(".jp-Notebook .jp-Cell").last().locator(".jp-OutputArea-output");
  expect(await answer.innerText()).toBe("'undefined'");
  await page.context().close();
});
