import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { venvEnv, venvProgram } from "../jupyter/server.ts";
import { type Lab, bringIntoView, finished, menu, screenshot, startLab, status } from "./lab.ts";

const chapter = "00-first-cells.ipynb";

interface Notebook {
  readonly cells: readonly { cell_type: string; source: string | string[]; outputs?: readonly Output[] }[];
}
interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

let lab: Lab;
let saved: Notebook;

const read = (): Notebook => JSON.parse(readFileSync(join(lab.folder, chapter), "utf8")) as Notebook;

beforeAll(async () => {
  lab = await startLab();
  const page = await lab.open(chapter);
  await menu(page, "Run", "Run All Cells");
  // The chapter asks for a name.
  const question = page.locator(".jp-Stdin-input");
  await question.fill("Grace");
  await question.press("Enter");
  const last = read().cells.findLastIndex(({ cell_type: type }) => type === "code");
  await finished(page, last);
  await status(page, "idle");
  const stored = page.waitForResponse(
    (response) => response.request().method() === "PUT" && response.url().includes(`/api/contents/${chapter}`),
  );
  await menu(page, "File", "Save Notebook");
  await stored;
  await page.context().close();
  saved = read();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

interface Seen {
  readonly table: string;
  /** Pixels of the picture itself, and its height on the page. */
  readonly plotWidth: number;
  readonly plotHeight: number;
}

/** Scrolls to a table and to the last plot, and says what is there. */
async function lookAt(page: Page, name: string): Promise<Seen> {
  const table = page.locator(".jp-OutputArea-output table", { hasText: "Charlie" }).first();
  await bringIntoView(table);
  const text = await table.innerText();
  await screenshot(page, `${name}-table`);
  const plot = page.locator(".jp-OutputArea-output img").last();
  await bringIntoView(plot);
  await screenshot(page, `${name}-plot`);
  return {
    table: text,
    plotWidth: await plot.evaluate((image: HTMLImageElement) => image.naturalWidth),
    plotHeight: (await plot.boundingBox())?.height ?? 0,
  };
}

const above = (least: number): unknown => expect.toSatisfy((value: number) => value > least);
const tableAndPlot = {
  table: expect.stringMatching(/name\s+age[^]*Alice\s+30\s+Bob\s+25\s+Charlie\s+35/) as string,
  plotWidth: above(300),
  plotHeight: above(200),
};

test("all of it runs, and what it shows is saved", () => {
  const shown = saved.cells.flatMap(({ outputs = [] }) => outputs);
  const types = shown.flatMap(({ data = {} }) => Object.keys(data));
  expect(types).toEqual(expect.arrayContaining(["text/html", "application/vnd.plotly.v1+json", "image/png"]));
  const failed = saved.cells.filter(({ outputs = [] }) => outputs.some(({ output_type: type }) => type === "error"));
  // One cell throws on purpose.
  expect(failed.map(({ source }) => [source].flat().join("").trim().split("\n").at(-1))).toEqual(["half(3)"]);
  expect(JSON.stringify(shown)).toContain("Welcome, Grace");
});

test("reopened in a new browser profile, the table and the plot are there", async () => {
  const page = await lab.open(chapter);
  expect(await lookAt(page, "reopened")).toEqual(tableAndPlot);
  // Neither JupyterLab nor what the cells show asked another machine for anything.
  expect(lab.refused).toEqual([]);
  await page.context().close();
});

test("as an HTML page without a network, the table and the plot are there", async () => {
  const convert = promisify(execFile);
  const notebook = join(lab.folder, chapter);
  await convert(venvProgram("jupyter"), ["nbconvert", "--to", "html", notebook], { env: venvEnv(lab.folder) });
  const context = await lab.profile();
  const page = await context.newPage();
  const before = lab.refused.length;
  await page.goto(pathToFileURL(notebook.replace(/ipynb$/, "html")).href);
  expect(await lookAt(page, "page")).toEqual(tableAndPlot);
  // nbconvert's own template asks for these on every page; what a cell shows asks for nothing.
  const own = /require\.js|mathjax|mermaid/;
  expect(lab.refused.slice(before).filter((url) => !own.test(url))).toEqual([]);
  await context.close();
});
