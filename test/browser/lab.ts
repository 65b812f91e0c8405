import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BrowserContext, type Locator, type Page, chromium } from "playwright-core";
import { startJupyterServer } from "../jupyter/server.ts";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const screenshots = resolve("out/screenshots");

/** A Jupyter server over a copy of the notebooks, and a browser. */
export interface Lab extends AsyncDisposable {
  /** Root folder of the server's contents. */
  readonly folder: string;
  /** Requests to other machines, which were refused. */
  readonly refused: readonly string[];
  /** A new browser profile, without a network beyond this machine. */
  profile(): Promise<BrowserContext>;
  /** Opens a notebook in a new browser profile, as a person who comes back does. */
  open(name: string): Promise<Page>;
  /** Opens a new notebook of these cells, with a kernel of its own. */
  openCells(...cells: readonly string[]): Promise<Page>;
}

/** Starts JupyterLab's server and Chromium. */
export async function startLab(): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-lab-"));
  cpSync("notebooks", folder, { recursive: true });
  const [server, browser] = await Promise.all([
    startJupyterServer(folder),
    chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: flags }),
  ]);
  const refused: string[] = [];
  const pages = new Map<string, Page>();
  let notebooks = 0;

  async function profile(): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(15_000);
    await context.route(isElsewhere, (route) => {
      refused.push(route.request().url());
      return route.abort();
    });
    return context;
  }

  async function open(name: string): Promise<Page> {
    const page = await (await profile()).newPage();
    pages.set(name, page);
    await page.goto(`${server.url}lab/tree/${name}?reset&token=${server.token}`);
    await cell(page, 0).waitFor();
    // The toolbar says idle even before there is a kernel; the status bar does not.
    await page.getByText("TypeScript (Typhoon) | Idle").waitFor();
    await status(page, "idle");
    return page;
  }

  return {
    folder,
    refused,
    profile,
    open,
    openCells(...cells) {
      const name = `cells-${++notebooks}.ipynb`;
      writeFileSync(join(folder, name), JSON.stringify(notebook(cells)));
      return open(name);
    },
    async [Symbol.asyncDispose]() {
      // A page that is still open is a failed test's.
      for (const [name, page] of pages) if (!page.isClosed()) await screenshot(page, `failed-${name}`);
      await browser.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function isElsewhere(url: URL): boolean {
  return /^(https?|wss?):$/.test(url.protocol) && url.hostname !== "127.0.0.1";
}

function notebook(cells: readonly string[]): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "typhoon", display_name: "TypeScript (Typhoon)", language: "typescript" } },
    cells: cells.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
  };
}

/** Resolves once the notebook's toolbar shows the kernel in this state. */
export async function status(page: Page, state: "idle" | "busy"): Promise<void> {
  // Its box has no size, so it never counts as visible.
  await indicator(page, state).waitFor({ state: "attached" });
}

/** The kernel's state in the notebook's toolbar. */
export function indicator(page: Page, state: "idle" | "busy"): Locator {
  return page.locator(`.jp-Notebook-ExecutionIndicator[data-status="${state}"]`);
}

/** A cell by its place in the notebook, from 0. */
export function cell(page: Page, index: number): Locator {
  return page.locator(".jp-Notebook .jp-Cell").nth(index);
}

/** What is shown below a cell. */
export function outputs(page: Page, index: number): Locator {
  return cell(page, index).locator(".jp-OutputArea-output");
}

/** Waits for an output with this in its text, and returns the text. */
export async function shown(page: Page, index: number, part: string): Promise<string> {
  return outputs(page, index).filter({ hasText: part }).last().innerText();
}

/** Puts the cursor at the end of a cell. */
export async function edit(page: Page, index: number): Promise<void> {
  await cell(page, index).locator(".jp-InputArea-editor .cm-content").click();
  await page.keyboard.press("Control+End");
}

/** Starts a cell without waiting for it. */
export async function start(page: Page, index: number): Promise<void> {
  await edit(page, index);
  await page.keyboard.press("Control+Enter");
}

/** Runs a cell to its end. */
export async function run(page: Page, index: number): Promise<void> {
  await start(page, index);
  await finished(page, index);
}

/** Resolves once a cell has its number. */
export async function finished(page: Page, index: number): Promise<void> {
  await cell(page, index)
    .locator(".jp-InputPrompt", { hasText: /\[\d+\]:/ })
    .waitFor({ state: "attached" });
}

/** Scrolls until an element is drawn: JupyterLab lays out cells only when they come near. */
export async function bringIntoView(element: Locator): Promise<void> {
  await element.first().evaluate(async (node) => {
    const isDrawn = (): boolean => {
      const { top, bottom } = node.getBoundingClientRect();
      return bottom > top && top >= 0 && bottom <= innerHeight && node.checkVisibility({ contentVisibilityAuto: true });
    };
    // Two frames without a change: the cells above have their sizes.
    for (let still = 0; still < 2; still = isDrawn() ? still + 1 : 0) {
      node.scrollIntoView({ block: "center" });
      await new Promise((done) => requestAnimationFrame(done));
    }
  });
}

/** Chooses an item of the menu bar. */
export async function menu(page: Page, name: string, ...items: readonly string[]): Promise<void> {
  await page.locator(".lm-MenuBar-item", { hasText: new RegExp(`^${name}$`) }).click();
  for (const item of items) {
    await page.locator(".lm-Menu-item", { has: page.locator(`.lm-Menu-itemLabel:text-is("${item}")`) }).click();
  }
}

/** Keeps a picture for people to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
