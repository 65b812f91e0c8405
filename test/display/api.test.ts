import { AsyncLocalStorage } from "node:async_hooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { display, settled } from "../../display/api.ts";
import { toMimeBundle } from "../../display/bundle.ts";
import { currentOutput, type Output, setOutput } from "../../display/output.ts";
import { plot } from "../../display/plot.ts";
import { makeWay } from "../../display/queue.ts";
import { recordingOutput, type Shown } from "./recording-output.ts";

// Drawing loads Plotly and a DOM first, which takes seconds where other tests share the processors.
const drawMs = 20_000;

const current = new AsyncLocalStorage<Output>();
beforeAll(() => setOutput(() => current.getStore()));
afterAll(() => setOutput(() => undefined));

async function shownBy(code: () => unknown): Promise<Shown[]> {
  const output = recordingOutput();
  current.run(output, code);
  await settled(output);
  return output.shown;
}

function later(text: string, made: Promise<unknown> = Promise.resolve()): object {
  return { [Symbol.for("Jupyter.display")]: () => made.then(() => ({ "text/plain": text })) };
}

describe("display", () => {
  test("shows a value at once and updates it by its id", async () => {
    const shown = await shownBy(() => display("starting").update("done"));
    expect(shown.map(({ text, update }) => [text, update])).toEqual([
      ["'starting'", false],
      ["'done'", true],
    ]);
    expect(shown[1]?.displayId).toBe(shown[0]?.displayId);
  });

  test("keeps the order of the calls where some values take their time", async () => {
    const first = Promise.withResolvers<unknown>();
    const shown = await shownBy(() => {
      display(later("slow", first.promise));
      const handle = display(later("quick"));
      display(3);
      handle.update(4);
      display.clear({ wait: true });
      first.resolve(undefined);
    });
    expect(shown.map(({ text }) => text)).toEqual(["slow", "quick", "3", "4", "clear later"]);
  });

  test("shows a failing value in its place and goes on", async () => {
    const shown = await shownBy(() => {
      display(later("", Promise.reject(new Error("gone"))));
      display.text("after");
    });
    expect(shown[0]?.text).toMatch(/failed: Error: gone/);
    expect(shown[1]?.text).toBe("after");
  });

  test(
    "shows a figure before its image is drawn, and waits for the image at the end",
    async () => {
      const shown = await shownBy(() => {
        display(plot({ a: [1, 2] }, { x: "a" }));
        currentOutput().stream("stdout", "after");
        display("next");
      });
      expect(shown.map(({ text, update }) => [text, update])).toEqual([
        ["histogram plot: 2 points, x a, y count", false],
        ["after", undefined],
        ["'next'", false],
        ["histogram plot: 2 points, x a, y count", true],
      ]);
      expect(Object.keys(shown[0]?.bundle?.data ?? {})).toEqual(["application/vnd.plotly.v1+json", "text/plain"]);
      expect(shown[3]?.displayId).toBe(shown[0]?.displayId);
      expect(shown[3]?.bundle?.data).toHaveProperty("image/png");
    },
    drawMs,
  );

  test(
    "a figure's image does not come over a newer value, nor before the figure",
    async () => {
      const slow = Promise.withResolvers<unknown>();
      const shown = await shownBy(() => {
        display(plot({ a: [1] }, { x: "a" })).update("newer");
        display(later("slow", slow.promise));
        display(plot({ b: [1] }, { x: "b" }));
        // Drawn after the one before it.
        void Promise.resolve(toMimeBundle(plot({ c: [1] }, { x: "c" }))).then(slow.resolve);
      });
      expect(shown.map(({ text, update }) => [text, update])).toEqual([
        ["histogram plot: 1 point, x a, y count", false],
        ["'newer'", true],
        ["slow", false],
        ["histogram plot: 1 point, x b, y count", false],
        ["histogram plot: 1 point, x b, y count", true],
      ]);
    },
    drawMs,
  );

  test("text goes past a display that is still being made, which keeps its place", async () => {
    const slow = Promise.withResolvers<unknown>();
    const shown = await shownBy(() => {
      display(later("slow", slow.promise));
      display("quick");
      makeWay(currentOutput());
      currentOutput().stream("stdout", "after");
      display("last");
      slow.resolve(undefined);
    });
    expect(shown.map(({ text, update }) => [text, update])).toEqual([
      ["{ Symbol(Jupyter.display): [Function: [Jupyter.display]] } …", false],
      ["'quick'", false],
      ["after", undefined],
      ["'last'", false],
      ["slow", true],
    ]);
    expect(shown[4]?.displayId).toBe(shown[0]?.displayId);
  });

  test("a display that was passed does not come over its own newer value", async () => {
    const slow = Promise.withResolvers<unknown>();
    const shown = await shownBy(() => {
      const handle = display(later("slow", slow.promise));
      makeWay(currentOutput());
      handle.update("newer");
      slow.resolve(undefined);
    });
    expect(shown.map(({ text }) => text)).toEqual([expect.stringMatching(/ …$/), "'newer'"]);
  });

  test("takes an id and metadata", async () => {
    const [shown] = await shownBy(() => display(1, { displayId: "one", metadata: { "text/plain": { k: 1 } } }));
    expect(shown).toMatchObject({ displayId: "one", bundle: { metadata: { "text/plain": { k: 1 } } } });
  });

  test("refuses a second value instead of losing it", () => {
    const loose = display as (...values: readonly unknown[]) => unknown;
    expect(() => loose(1, 2)).toThrow("display shows one value: call it once for each, or show a list");
    expect(() => loose(1, { a: 1 })).toThrow("{ displayId, metadata }");
    expect(() => loose(1, {}, 2)).toThrow("shows one value");
    expect(() => (display.html as typeof loose)("a", "b")).toThrow("display.html shows one value");
  });

  test("returns a handle that is not shown as the cell's result", async () => {
    let handle: unknown;
    await shownBy(() => (handle = display(1)));
    expect(await toMimeBundle(handle)).toEqual({ data: {}, metadata: {} });
  });
});

describe("kinds of text", () => {
  test("templates of HTML escape values, lists and fragments not twice", async () => {
    const items = ["<a>", 2, null].map((item) => display.html.fragment`<li>${item}</li>`);
    const [shown] = await shownBy(() => display.html`<ul title="${'"'}">${items}</ul>${"&"}`);
    expect(shown?.bundle?.data["text/html"]).toBe('<ul title="&quot;"><li>&lt;a&gt;</li><li>2</li><li></li></ul>&amp;');
  });

  test("an HTML display in a template is not escaped twice", async () => {
    const shown = await shownBy(() => display.html`<p>${display.html`<b>${"<"}</b>`}</p>`);
    expect(shown[1]?.bundle?.data["text/html"]).toBe("<p><b>&lt;</b></p>");
  });

  test("a fragment as a value is HTML", async () => {
    expect((await toMimeBundle(display.html.fragment`<b>${"<"}</b>`)).data["text/html"]).toBe("<b>&lt;</b>");
  });

  test("any value is taken as its text", async () => {
    const shown = await shownBy(() => {
      display.html(5);
      display.markdown(null);
      display.text(["a", 1n]);
      display.html(display.html.fragment`<b>${"<"}</b>`);
    });
    expect(shown.map(({ text }) => text)).toEqual(["5", "null", "a,1", "<b>&lt;</b>"]);
  });

  test("each kind has its media type and a plain form", async () => {
    const shown = await shownBy(() => {
      display.markdown("**b**");
      void display.latex`$${1}$`;
      display.svg("<svg/>");
      display.mermaid("graph TD");
      display.javascript("1");
      display.json({ n: 1n, when: new Date(0) });
      display.raw({ "x/y": 1 });
    });
    expect(shown.map(({ bundle }) => bundle?.data)).toEqual([
      { "text/markdown": "**b**", "text/plain": "**b**" },
      { "text/latex": "$1$", "text/plain": "$1$" },
      { "image/svg+xml": "<svg/>", "text/plain": "<svg/>" },
      { "text/vnd.mermaid": "graph TD", "text/plain": "graph TD" },
      { "application/javascript": "1", "text/plain": "1" },
      {
        "application/json": { n: 1, when: "1970-01-01T00:00:00.000Z" },
        "text/plain": '{\n  "n": 1,\n  "when": "1970-01-01T00:00:00.000Z"\n}',
      },
      { "x/y": 1 },
    ]);
  });

  test("images come from bytes, data URLs and files, with their size; what is none says so", async () => {
    const gif = "R0lGODlhAQABAAAAACw=";
    const shown = await shownBy(() => {
      display.image(Buffer.from(gif, "base64"), { width: 5, alt: "dot" });
      display.image(`data:image/gif;base64,${gif}`);
      display.image(new URL("missing.png", import.meta.url));
      display.image(new URL(import.meta.url));
    });
    expect(shown[0]?.bundle).toEqual({
      data: { "image/gif": gif, "text/plain": "dot" },
      metadata: { "image/gif": { width: 5, alt: "dot" } },
    });
    expect(shown[1]?.bundle?.data["image/gif"]).toBe(gif);
    expect(shown[2]?.text).toMatch(/^image file:.*missing\.png not shown: Error: ENOENT/);
    expect(shown[3]?.text).toMatch(/not a PNG, JPEG, GIF, WebP or SVG image$/);
  });
});
