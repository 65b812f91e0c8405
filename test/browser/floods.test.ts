import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, bringIntoView, edit, outputs, run, screenshot, shown, start, startLab, status } from "./lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

/** The longest time between two ticks of the page's own thread while something happens, in ms. */
async function longestFreeze(page: Page, during: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const state = { longest: 0, last: performance.now() };
    Object.assign(globalThis, { freeze: state });
    setInterval(() => {
      const now = performance.now();
      state.longest = Math.max(state.longest, now - state.last);
      state.last = now;
    }, 20);
  });
  await during();
  return page.evaluate(() => (globalThis as unknown as { freeze: { longest: number } }).freeze.longest);
}

/** Drawing a flood takes a browser on a busy machine long. */
const drawMs = 60_000;

async function interrupt(page: Page): Promise<void> {
  await page.locator('[data-command="notebook:interrupt-kernel"], button[title^="Interrupt"]').first().click();
}

test(
  "a flood of text without end: its notice is seen, the page answers, the button interrupts, a later cell runs",
  { timeout: 180_000 },
  async () => {
    const page = await lab.openCells('for (let i = 0;; i++) console.log("line " + i)', "'still' + ' here'");
    page.setDefaultTimeout(drawMs);
    const freeze = await longestFreeze(page, async () => {
      await start(page, 0);
      await shown(page, 0, "the output goes on");
      await edit(page, 1);
      await page.keyboard.type(" + '!'");
      await interrupt(page);
      await shown(page, 0, "Interrupted");
      await status(page, "idle");
    });
    // JupyterLab itself draws 1 MB of text in a second or so, on a busy machine in several.
    expect(freeze).toBeLessThan(20_000);
    const notice = outputs(page, 0).filter({ hasText: "left out" }).last();
    expect(await notice.innerText()).toMatch(
      /^… [\d,]+ lines \([\d.]+ [MG]B\) left out\. %config output\.text = 10 MB, or TYPHOON_OUTPUT_TEXT, raises the limit of 1 MB$/,
    );
    await bringIntoView(notice);
    await screenshot(page, "flood-text");
    await run(page, 1);
    expect(await shown(page, 1, "here")).toBe("'still here!'");
    await page.context().close();
  },
);

test(
  "ten thousand displays, 100,000 updates and an animation leave a notebook of sane size",
  { timeout: 180_000 },
  async () => {
    const page = await lab.openCells(
      'for (let i = 0; i < 10_000; i++) display("display " + i)',
      "const bar = display(0)\nfor (let i = 1; i <= 100_000; i++) bar.update(i)",
      "for (let i = 0; i < 10_000; i++) {\n  display.clear({ wait: true })\n  console.log(\"picture \" + i)\n}\n'the result'",
    );
    page.setDefaultTimeout(drawMs);
    for (const index of [0, 1, 2]) await run(page, index);
    await status(page, "idle");
    expect(await shown(page, 1, "100000")).toBe("100000");
    expect((await shown(page, 2, "picture")).trim()).toBe("picture 9999");
    await screenshot(page, "flood-displays");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+s");
    await page.locator(".jp-mod-dirty").waitFor({ state: "detached" });
    const path = join(lab.folder, new URL(page.url()).pathname.split("/").at(-1)!);
    const text = readFileSync(path, "utf8");
    expect(text.length).toBeLessThan(1e6);
    const [displays, , animation] = (JSON.parse(text) as { cells: { outputs: object[] }[] }).cells;
    expect(displays!.outputs.length).toBe(1_011);
    expect(JSON.stringify(displays!.outputs.at(-1))).toContain("display 9999");
    expect(JSON.stringify(displays!.outputs.at(-11))).toContain("8,990 displays left out");
    expect(JSON.stringify(animation!.outputs.at(-1))).toContain("'the result'");
    await page.context().close();
  },
);
