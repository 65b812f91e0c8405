import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

describe("results", () => {
  test("an Arrow table has HTML, text and an Arrow payload", async () => {
    const { published } = await kernel.run(
      `import { tableFromArrays } from "apache-arrow"
       tableFromArrays({ city: ["Ulm", "Bonn"], people: Int32Array.of(126_000, 331_000) })`,
    );
    const result = published.find(({ header }) => header.msg_type === "execute_result");
    const data = result?.content["data"] as Record<string, string>;
    expect(data["text/plain"]).toContain("2 rows × 2");
    expect(data["text/html"]).toContain("126000");
    expect(data["text/html"]).not.toMatch(/<script/i);
    expect(data["application/vnd.apache.arrow.stream"]).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });

  test("a plot has Plotly's form, a PNG and text, and no HTML", async () => {
    const { published } = await kernel.run(`plot({ x: [1, 2, 3], y: [1, 4, 9] }, { x: "x", y: "y", kind: "line" })`);
    const result = published.find(({ header }) => header.msg_type === "execute_result");
    const data = result?.content["data"] as Record<string, string>;
    expect(Object.keys(data).toSorted()).toEqual(["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
    expect(Buffer.from(data["image/png"]!, "base64").subarray(1, 4).toString()).toBe("PNG");
  });

  test("an object that displays itself, also asynchronously", async () => {
    const { published } = await kernel.run(
      `({ async [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>own</b>" } } })`,
    );
    const result = published.find(({ header }) => header.msg_type === "execute_result");
    expect(result?.content["data"]).toMatchObject({ "text/html": "<b>own</b>" });
  });

  test("a display method that throws is shown as such, and the cell is not lost", async () => {
    const { reply, result } = await kernel.run(
      `({ kept: 1, [Symbol.for("Jupyter.display")]() { throw new Error("bad looks") } })`,
    );
    expect(reply.status).toBe("ok");
    expect(result).toContain("bad looks");
    expect(result).toContain("kept: 1");
  });

  test("undefined and a display handle show nothing", async () => {
    const shown = async (code: string): Promise<number> =>
      (await kernel.run(code)).published.filter(({ header }) => header.msg_type === "execute_result").length;
    expect(await shown("undefined")).toBe(0);
    expect(await shown(`display.text("once")`)).toBe(0);
  });
});

describe("display()", () => {
  test("shows, updates and clears", async () => {
    const { published } = await kernel.run(
      `const live = display("starting"); live.update("done"); display.clear({ wait: true })`,
    );
    const shown = published.filter(({ header }) => /display_data|clear_output/.test(header.msg_type));
    expect(shown.map(({ header }) => header.msg_type)).toEqual(["display_data", "update_display_data", "clear_output"]);
    const ids = shown.slice(0, 2).map(({ content }) => (content["transient"] as { display_id: string }).display_id);
    expect(ids[0]).toBe(ids[1]);
    expect(shown[1]?.content["data"]).toMatchObject({ "text/plain": "'done'" });
    expect(shown[2]?.content).toEqual({ wait: true });
  });

  test("keeps the order of calls where one display takes longer", async () => {
    const { displays } = await kernel.run(
      `display({ async [Symbol.for("Jupyter.display")]() { await new Promise((r) => setTimeout(r, 50)); return { "text/plain": "slow" } } })
       display("quick"); 1`,
    );
    expect(displays.map((data) => data["text/plain"])).toEqual(["slow", "'quick'"]);
  });

  test("a figure is shown before the prints after it, and gets its image by an update before the cell ends", async () => {
    const { published } = await kernel.run(
      `display(plot({ x: [1, 2], y: [3, 4] }, { x: "x", y: "y" })); console.log("after"); display("last")`,
    );
    const seenTypes = published.map(({ header }) => header.msg_type).filter((type) => /display_data|stream/.test(type));
    expect(seenTypes).toEqual(["display_data", "stream", "display_data", "update_display_data"]);
    const [first, , , image] = published.filter(({ header }) => /display_data|stream/.test(header.msg_type));
    expect(Object.keys(first?.content["data"] as object)).toEqual(["application/vnd.plotly.v1+json", "text/plain"]);
    expect(image?.content["data"]).toHaveProperty("image/png");
    expect(image?.content["metadata"]).toEqual({ "image/png": { width: 700, height: 450 } });
    expect(image?.content["transient"]).toEqual(first?.content["transient"]);
  });

  test("a captured figure is one output with its image", async () => {
    await kernel.run(`%%capture kept\ndisplay(plot({ y: [1] }, { x: "y" })); display("next")`);
    const { result } = await kernel.run("kept.outputs.map(({ data }) => Object.keys(data).at(-2))");
    expect(result).toBe("[ 'image/png', undefined ]");
  });

  test("a timer of a cell that has ended displays under that cell", async () => {
    const { reply, published } = await kernel.run(`setTimeout(() => display("late"), 30); 1`);
    const id = published[0]?.parent_header.msg_id;
    const late = await new Promise<string | undefined>((done) => {
      kernel.onPublished(({ header, parent_header: parent }) => {
        if (header.msg_type === "display_data") done(parent.msg_id);
      });
    });
    expect(reply.status).toBe("ok");
    expect(late).toBe(id);
  });

  const loop = `for await (const n of progress(Array.from({ length: 300 }, (_, i) => i), { label: "counting" })) await new Promise((r) => setTimeout(r, 1))`;

  test("a progress bar has one display and at most four updates a second", async () => {
    const watched = await startTestKernel({ env: { CI: undefined } });
    const start = performance.now();
    const { published } = await watched.run(loop);
    const seconds = (performance.now() - start) / 1000;
    await watched.shutdown();
    const types = published.map(({ header }) => header.msg_type);
    expect(types.filter((type) => type === "display_data")).toHaveLength(1);
    const updates = types.filter((type) => type === "update_display_data").length;
    expect(updates).toBeGreaterThan(0);
    expect(updates).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 1);
  });

  test("in CI, where nobody watches, progress is one line at the end", async () => {
    const unwatched = await startTestKernel({ env: { CI: "true" } });
    const { stdout, displays } = await unwatched.run(loop);
    await unwatched.shutdown();
    expect(displays).toEqual([]);
    expect(stdout).toMatch(/^counting .*300.*\n$/);
  });
});

describe("what cannot be sent", () => {
  test("a display that is no JSON is an error under its cell, and nothing comes twice", async () => {
    const { displays, reply, error } = await kernel.run(
      `display.text("before"); display.raw({ "application/json": 1n }); display.text("after")`,
    );
    expect(displays.filter((data) => "text/plain" in data).map((data) => data["text/plain"])).toEqual([
      "before",
      "after",
    ]);
    expect([reply.status, error ?? ""]).toEqual(["ok", expect.stringMatching(/BigInt|^$/)]);
    expect((await kernel.run("1")).result).toBe("1");
  });

  test("an error after a display that never comes is shown", async () => {
    const { error } = await kernel.run(
      `display({ [Symbol.for("Jupyter.display")]: () => new Promise(() => {}) }); throw new Error("mine")`,
    );
    expect(error).toBe("Error: mine");
  });
});
