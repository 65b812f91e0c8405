import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, cell, menu, outputs, run, screenshot, shown, start, startLab, status } from "./lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const imports = `import { button, checkbox, hbox, interact, select, slider, text, vbox, widget } from "typhoon-kernel";\n`;

/** Drags a slider's handle to a part of its width. */
async function drag(page: Page, slider: Locator, part: number): Promise<void> {
  const bar = await slider.locator(".noUi-base").boundingBox();
  const handle = await slider.locator(".noUi-handle").boundingBox();
  if (!bar || !handle) throw new Error("the slider is not drawn");
  const y = bar.y + bar.height / 2;
  await page.mouse.move(handle.x + handle.width / 2, y);
  await page.mouse.down();
  await page.mouse.move(bar.x + bar.width * part, y, { steps: 12 });
  await page.mouse.up();
}

async function save(page: Page): Promise<void> {
  await page.keyboard.press("Control+s");
  await page.locator(".jp-mod-dirty").waitFor({ state: "detached" });
}

/** The notebook that a page shows. */
function nameOf(page: Page): string {
  return new URL(page.url()).pathname.split("/").at(-1)!;
}

test("controls call their handlers, whose prints appear below the cell that added them", async () => {
  const page = await lab.openCells(
    `${imports}const size = slider({ min: 0, max: 10, value: 2, description: "size" });
const colour = select(["red", "green", "blue"], { description: "colour" });
const name = text({ description: "name" });
const fast = checkbox({ description: "fast" });
const go = button("Go", undefined, { buttonStyle: "success", icon: "check" });
vbox([size, colour, name, hbox([fast, go])])`,
    `size.on((now, old) => console.log("size", now, "was", old));
colour.on((now) => console.log("colour", now));
name.on((now) => console.log("name", now));
fast.on((now) => console.log("fast", now));
go.on(() => { console.log("clicked"); size.value = 7; throw new RangeError("too far") });
"listening"`,
    "[size.value, colour.value, name.value, fast.value]",
  );
  await run(page, 0);
  await cell(page, 0).locator(".widget-slider").waitFor();
  await run(page, 1);
  await drag(page, cell(page, 0).locator(".widget-slider"), 1);
  await shown(page, 1, "size 10");
  await cell(page, 0).locator("select").selectOption("blue");
  await shown(page, 1, "colour blue");
  await cell(page, 0).locator("input[type=text]").fill("Ada");
  await shown(page, 1, "name Ada");
  await cell(page, 0).locator("input[type=checkbox]").check();
  await shown(page, 1, "fast true");
  await cell(page, 0).locator("button.jupyter-button").click();
  await shown(page, 1, "clicked");
  await shown(page, 1, "RangeError: too far");
  await cell(page, 0).locator(".widget-readout", { hasText: "7" }).waitFor();
  await run(page, 2);
  expect(await shown(page, 2, "Ada")).toContain("[ 7, 'blue', 'Ada', true ]");
  await screenshot(page, "widgets");
  await page.context().close();
});

test("interact runs its function at every change and shows its output in place of the last", async () => {
  const page = await lab.openCells(
    `${imports}interact(({ n, kind, loud }) => {
  console.log("times", n);
  if (kind === "none") throw new RangeError("no such kind");
  display.html\`<b class="made">\${kind.repeat(n)}</b>\`;
  return loud ? kind.toUpperCase() : kind;
}, { n: [0, 8], kind: ["ab", "cd", "none"], loud: false });`,
  );
  await run(page, 0);
  const area = cell(page, 0).locator(".widget-output");
  await area.locator("b.made", { hasText: /^abababab$/ }).waitFor();
  await cell(page, 0).locator("select").selectOption("cd");
  await area.locator("b.made", { hasText: /^cdcdcdcd$/ }).waitFor();
  await cell(page, 0).locator("input[type=checkbox]").check();
  await area.getByText("'CD'").waitFor();
  await drag(page, cell(page, 0).locator(".widget-slider"), 0);
  await area.getByText("times 0").waitFor();
  await drag(page, cell(page, 0).locator(".widget-slider"), 1);
  await area.locator("b.made", { hasText: /^cd{8}$|^(?:cd){8}$/ }).waitFor();
  expect(await area.locator("b.made").count()).toBe(1);
  await screenshot(page, "interact");
  await cell(page, 0).locator("select").selectOption("none");
  await area.getByText("RangeError: no such kind").waitFor();
  expect(await area.locator("b.made").count()).toBe(0);
  // Nothing went anywhere else.
  expect(await outputs(page, 0).count()).toBe(1 + (await area.locator(".jp-OutputArea-output").count()));
  await screenshot(page, "interact-error");
  await page.context().close();
});

const counterModule = `
function render({ model, el }) {
  const button = document.createElement("button");
  button.className = "counter";
  const bytes = document.createElement("span");
  bytes.className = "bytes";
  const show = () => {
    button.textContent = "count is " + model.get("count");
    const view = model.get("data");
    const floats = new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4);
    bytes.textContent = "floats " + floats.join(" ");
  };
  button.onclick = () => {
    const { buffer, byteOffset, byteLength } = model.get("data");
    const next = new Float32Array(buffer, byteOffset, byteLength / 4).map((value) => value * 2);
    model.set("count", model.get("count") + 1);
    model.set("data", new DataView(next.buffer));
    model.save_changes();
    model.send({ told: model.get("count") }, undefined, [new Uint8Array([1, 2, 3])]);
  };
  model.on("change", show);
  model.on("msg:custom", (content, buffers) => { el.dataset.said = content.say + " " + buffers[0].byteLength; });
  show();
  el.append(button, bytes);
}
export default { render };
`;

test("a widget's module counts, draws its bytes and hears messages, both ways", async () => {
  const page = await lab.openCells(
    `${imports}const counter = widget({
  esm: ${JSON.stringify(counterModule)},
  css: ".counter { background: rgb(1, 2, 3); color: white }",
  state: { count: 0, data: new Float32Array([1, 2.5]) },
});
counter.on("count", (now, old) => console.log(\`count \${old} → \${now}\`));
counter.onMessage((content, [bytes]) => console.log("told", content, bytes));
counter`,
    `counter.state.count += 10;
counter.state.data = Float32Array.of(0.5, 4, 8);
counter.send({ say: "hello" }, { buffers: [new Uint8Array(5)] });
counter`,
    "counter.state.data",
  );
  await run(page, 0);
  const counter = cell(page, 0).locator(".counter");
  await counter.filter({ hasText: "count is 0" }).waitFor();
  await cell(page, 0).getByText("floats 1 2.5").waitFor();
  expect(await counter.evaluate((node) => getComputedStyle(node).backgroundColor)).toBe("rgb(1, 2, 3)");
  await counter.click();
  await shown(page, 0, "count 0 → 1");
  await shown(page, 0, "told { told: 1 } Uint8Array(3) [ 1, 2, 3 ]");
  await cell(page, 0).getByText("floats 2 5").waitFor();
  await run(page, 1);
  // Both views follow.
  for (const index of [0, 1]) {
    await cell(page, index).locator(".counter", { hasText: "count is 11" }).waitFor();
    await cell(page, index).getByText("floats 0.5 4 8").waitFor();
  }
  await cell(page, 0).locator('[data-said="hello 5"]').waitFor();
  await cell(page, 1).locator(".counter").click();
  await counter.filter({ hasText: "count is 12" }).waitFor();
  await run(page, 2);
  expect(await shown(page, 2, "Float32Array")).toContain("Float32Array(3) [ 1, 8, 16 ]");
  await screenshot(page, "anywidget");
  await page.context().close();
});

const twoWidgets = [
  `${imports}const n = slider({ min: 0, max: 10, value: 2, description: "n" });
const bytes = widget({ esm: ${JSON.stringify(counterModule)}, state: { count: 3, data: new Float32Array([1, 2]) } });
vbox([n, bytes])`,
  `interact(({ w }) => "w is " + w, { w: ["x", "y"] });`,
] as const;

test("a page that is loaded again finds the widgets of the kernel that runs", async () => {
  const page = await lab.openCells(...twoWidgets, "[n.value, bytes.state.count]");
  await run(page, 0);
  await run(page, 1);
  await drag(page, cell(page, 0).locator(".widget-slider"), 1);
  await cell(page, 0).locator(".widget-readout", { hasText: "10" }).waitFor();
  await save(page);
  await page.reload();
  await cell(page, 0).waitFor({ timeout: 45_000 });
  await cell(page, 0).locator(".widget-readout", { hasText: "10" }).waitFor();
  await cell(page, 0).getByText("floats 1 2").waitFor();
  await cell(page, 1).locator(".widget-output").getByText("'w is x'").waitFor();
  await cell(page, 0).locator(".counter").click();
  await cell(page, 1).locator("select").selectOption("y");
  await cell(page, 1).locator(".widget-output").getByText("'w is y'").waitFor();
  await run(page, 2);
  expect(await shown(page, 2, "[")).toBe("[ 10, 4 ]");
  await page.context().close();
});

test("two pages of a notebook follow each other", async () => {
  const page = await lab.openCells(twoWidgets[0]);
  await run(page, 0);
  await save(page);
  const second = await lab.open(nameOf(page));
  await cell(second, 0).locator(".counter").click();
  await cell(page, 0).locator(".counter", { hasText: "count is 4" }).waitFor();
  await cell(page, 0).getByText("floats 2 4").waitFor();
  await drag(page, cell(page, 0).locator(".widget-slider"), 1);
  const readout = cell(second, 0).locator(".widget-readout", { hasText: "10" });
  await readout.waitFor();
  expect(await readout.innerText()).toBe("10");
  await second.context().close();
  await page.context().close();
});

test("a saved notebook shows its widgets again after the kernel has gone", async () => {
  const settings = join(lab.folder, ".jupyter/lab/user-settings/@jupyter-widgets/jupyterlab-manager");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "plugin.jupyterlab-settings"), JSON.stringify({ saveState: true }));
  const page = await lab.openCells(...twoWidgets);
  const name = nameOf(page);
  await run(page, 0);
  await run(page, 1);
  await drag(page, cell(page, 0).locator(".widget-slider"), 1);
  await cell(page, 1).locator("select").selectOption("y");
  await cell(page, 1).locator(".widget-output").getByText("'w is y'").waitFor();
  await save(page);
  await menu(page, "Kernel", "Shut Down Kernel");
  await page.getByText("TypeScript (Typhoon) | Unknown").or(page.getByText("No Kernel")).first().waitFor();
  await page.context().close();
  const saved = JSON.parse(readFileSync(join(lab.folder, name), "utf8")) as { metadata: { widgets?: object } };
  expect(Object.keys(saved.metadata.widgets ?? {})).toEqual(["application/vnd.jupyter.widget-state+json"]);

  const again = await lab.open(name);
  await cell(again, 0).locator(".widget-readout", { hasText: "10" }).waitFor();
  await cell(again, 0).getByText("floats 1 2").waitFor();
  await cell(again, 1).locator(".widget-output").getByText("'w is y'").waitFor();
  await screenshot(again, "widgets-reopened");
  await again.context().close();
});

test("a restart leaves no live widget behind, and the cells make new ones", async () => {
  const page = await lab.openCells(
    `${imports}const m = slider({ value: 5 }); m.on((now) => console.log("now", now)); m`,
  );
  await run(page, 0);
  await cell(page, 0).locator(".widget-slider").waitFor();
  await menu(page, "Kernel", "Restart Kernel…");
  await page.locator(".jp-Dialog .jp-mod-accept").click();
  await status(page, "idle");
  await start(page, 0);
  await cell(page, 0).locator(".widget-readout", { hasText: /^5$/ }).waitFor();
  await drag(page, cell(page, 0).locator(".widget-slider"), 1);
  expect(await shown(page, 0, "now 100")).toContain("now 100");
  await page.context().close();
});
