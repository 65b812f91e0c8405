import { spawnSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import * as arrow from "apache-arrow";
import { describe, expect, test } from "vitest";
import { toMimeBundle } from "../../display/bundle.ts";
import { figure } from "../../display/figure.ts";
import { plot } from "../../display/plot.ts";

const plotly = "application/vnd.plotly.v1+json";
const cars = [
  { power: 130, mpg: 18, origin: "USA", year: "1970-01-01" },
  { power: 95, mpg: 24, origin: "Japan", year: "1971-01-01" },
  { power: 88, mpg: null, origin: "USA", year: "1972-01-01" },
];

/** Width and height in a PNG's header. */
function pngSize(base64: unknown): number[] {
  const bytes = Buffer.from(String(base64), "base64");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

describe("plot", () => {
  test("makes a trace for each colour, with titles from the columns", () => {
    const { data, layout } = plot(cars, { x: "power", y: "mpg", color: "origin", title: "Cars" });
    expect(data.map(({ type, mode, name }) => [type, mode, name])).toEqual([
      ["scatter", "markers", "USA"],
      ["scatter", "markers", "Japan"],
    ]);
    expect(data[0]).toMatchObject({ x: Float64Array.of(130, 88), y: Float64Array.of(18, Number.NaN) });
    expect(layout).toMatchObject({
      title: { text: "Cars" },
      xaxis: { title: { text: "power" } },
      yaxis: { title: { text: "mpg" } },
    });
  });

  test("chooses its kind by the columns", () => {
    const kinds = [
      { x: "power" },
      { x: "origin" },
      { x: "year", y: "mpg" },
      { x: "origin", y: "mpg" },
      { x: "power", y: "mpg" },
      { y: "mpg" },
    ].map((options) =>
      plot(cars, options)
        .data.map(({ type, mode }) => mode ?? type)
        .join(" "),
    );
    expect(kinds).toEqual(["histogram", "bar", "lines", "bar", "markers", "lines"]);
    expect(plot(cars, { x: "origin" }).data[0]).toEqual({ type: "bar", x: ["USA", "Japan"], y: [2, 1] });
  });

  test("passes other options to the layout, where they win", () => {
    const { layout } = plot(cars, {
      x: "power",
      y: ["mpg", "power"],
      kind: "line",
      xaxis: { title: { text: "hp" } },
      height: 300,
    });
    expect(layout).toMatchObject({
      height: 300,
      xaxis: { title: { text: "hp" } },
      yaxis: { title: { text: "mpg, power" } },
    });
  });

  test("reads Arrow tables: 64-bit integers, nulls, instants and dictionaries", () => {
    const table = new arrow.Table({
      n: arrow.vectorFromArray([1n, null, 3n], new arrow.Int64()),
      at: arrow.vectorFromArray([0, 1, 2], new arrow.TimestampMillisecond("UTC")),
      s: arrow.vectorFromArray(["a", "b", "a"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
    });
    const { data } = plot(table, { x: "at", y: "n", color: "s" });
    expect(data.map(({ name, x, y }) => [name, x, y])).toEqual([
      ["a", ["1970-01-01 00:00:00", "1970-01-01 00:00:00.002"], Float64Array.of(1, 3)],
      ["b", ["1970-01-01 00:00:00.001"], Float64Array.of(Number.NaN)],
    ]);
  });

  test("reads an object of columns and a danfojs frame", () => {
    expect(plot({ a: [1, 2], b: Float32Array.of(3, 4) }, { x: "a", y: "b" }).data[0]).toMatchObject({
      y: Float64Array.of(3, 4),
    });
    const frame = {
      columns: ["a", "b"],
      values: [
        [1, "x"],
        [2, "y"],
      ],
      shape: [2, 2],
    };
    expect(plot(frame, { x: "b", y: "a" }).data[0]).toMatchObject({ type: "bar", x: ["x", "y"] });
  });

  test("says what to do about a missing column, a wrong kind or other data", () => {
    expect(() => plot(cars, { x: "hp" })).toThrow('plot: no column "hp"; the columns are power, mpg, origin, year');
    expect(() => plot(cars)).toThrow('say which columns to draw, as in { x: "power" }');
    expect(() => plot(cars, { x: "mpg", kind: "pie" as "bar" })).toThrow('no kind "pie"; kinds are scatter, line');
    expect(() => plot(cars, { x: "mpg", type: "bar" })).toThrow("named by kind, not type; kinds are scatter, line");
    expect(() => plot(3)).toThrow("give an Arrow table");
  });
});

describe("a figure", () => {
  test("is shown for Plotly with typed arrays as bytes, as a PNG of two pixels each, and in words, without HTML", async () => {
    const { data, metadata } = await toMimeBundle(plot(cars, { x: "power", y: "mpg", title: "Cars" }));
    expect(Object.keys(data)).toEqual([plotly, "image/png", "text/plain"]);
    expect(data[plotly]).toMatchObject({
      data: [{ x: { dtype: "f8", bdata: Buffer.from(Float64Array.of(130, 95, 88).buffer).toString("base64") } }],
    });
    expect(pngSize(data["image/png"])).toEqual([1400, 900]);
    expect(metadata["image/png"]).toEqual({ width: 700, height: 450 });
    expect(data["text/plain"]).toBe('scatter plot "Cars": 3 points, x power, y mpg');
  }, 20_000);

  test("in Plotly's own form is drawn at its own size", async () => {
    const form = {
      data: [{ type: "bar", x: ["a", "b"], y: [1n, 2n] }],
      layout: { title: { text: "Counts" }, width: 300, height: 200 },
    };
    const { data } = await toMimeBundle(form);
    expect(data[plotly]).toMatchObject({ data: [{ y: [1, 2] }] });
    expect(pngSize(data["image/png"])).toEqual([600, 400]);
    expect(data["text/plain"]).toBe('bar plot "Counts": 2 points');
  }, 20_000);

  test.each(["heatmap", "contour", "histogram2d"])(
    "draws a %s without a browser's canvas",
    async (type) => {
      const values =
        type === "histogram2d"
          ? { x: [1, 2, 2], y: [1, 1, 3] }
          : {
              z: [
                [1, 2],
                [3, 4],
              ],
            };
      const { data } = await toMimeBundle(figure({ data: [{ type, ...values }], layout: { width: 200, height: 150 } }));
      expect(pngSize(data["image/png"])).toEqual([400, 300]);
    },
    20_000,
  );

  test("that needs WebGL or a map has a note in place of the image", async () => {
    const { data } = await toMimeBundle(
      figure({
        data: [
          {
            type: "surface",
            z: [
              [1, 2],
              [3, 4],
            ],
          },
        ],
      }),
    );
    expect(data["image/png"]).toBeUndefined();
    expect(data["text/plain"]).toMatch(/surface plot: 4 points\n\(no image: surface needs a browser/);
  });

  test("that Plotly refuses is still shown in words", async () => {
    const { data } = await toMimeBundle(figure({ data: [{ type: "scatter", x: 5, y: "?" }], layout: { xaxis: 7 } }));
    expect(data["text/plain"]).toMatch(/^scatter plot: 0 points/);
  }, 20_000);

  test("is not drawn for a terminal, only where its bundle is asked for or captured", () => {
    const api = JSON.stringify(new URL("../../kernel/api.ts", import.meta.url).href);
    const program = `const { capture, display, figure, toMimeBundle } = await import(${api});
      const bars = figure({ data: [{ type: "bar", y: [1] }] });
      display(bars).update(bars);
      console.log(process.getActiveResourcesInfo().includes("MessagePort"));
      const { outputs } = await capture(() => void display(bars));
      console.log("image/png" in outputs[0].data, "image/png" in (await toMimeBundle(bars)).data);`;
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect(child).toMatchObject({ stdout: "bar plot: 1 point\nbar plot: 1 point\nfalse\ntrue true\n", stderr: "" });
  }, 20_000);

  test("does not hold the process open once it is drawn", async () => {
    const code = `import(${JSON.stringify(new URL("../../display/bundle.ts", import.meta.url).href)}).then(async ({ toMimeBundle }) => {
      await toMimeBundle({ data: [{ type: "bar", y: [1] }] });
    })`;
    const worker = new Worker(code, { eval: true, execArgv: ["--no-warnings"] });
    const exit = await new Promise((resolve) => worker.once("exit", resolve));
    expect(exit).toBe(0);
  }, 30_000);
});
