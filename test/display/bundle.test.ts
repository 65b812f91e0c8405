import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import * as arrow from "apache-arrow";
import { describe, expect, test } from "vitest";
import { toMimeBundle } from "../../display/bundle.ts";
import { plot } from "../../display/plot.ts";

async function text(value: unknown): Promise<unknown> {
  return (await toMimeBundle(value)).data["text/plain"];
}

async function mimes(value: unknown): Promise<string[]> {
  return Object.keys((await toMimeBundle(value)).data).toSorted();
}

describe("plain values", () => {
  test("are inspected without colours", async () => {
    expect(await text(3)).toBe("3");
    expect(await text("abc")).toBe("'abc'");
    expect(await text(10n)).toBe("10n");
    expect(await text([1, { a: new Map([["k", null]]) }])).toBe("[ 1, { a: Map(1) { 'k' => null } } ]");
    expect(await mimes(Promise.resolve(1))).toEqual(["text/plain"]);
    expect(await text(new RangeError("odd"))).toMatch(/^RangeError: odd\n/);
  });

  test("that are long typed arrays show their first elements", async () => {
    expect(await text(new Uint8Array(5_000))).toMatch(
      /^Uint8Array\(5000\) \[\n(?: +0,.*\n)+ +\.\.\. 4900 more items\n\]$/,
    );
  });

  test("that are large and nested fold as HTML without script", async () => {
    const big = {
      "<b>": Array.from({ length: 300 }, (_, at) => ({ at, list: [at] })),
      map: new Map([["k", { deep: [1] }]]),
    };
    const { data } = await toMimeBundle(big);
    const html = String(data["text/html"]);
    expect(html).toContain("<details");
    expect(html).toContain("&lt;b&gt;");
    expect(html).toContain("… 200 more");
    expect(html).not.toMatch(/<script|<b>/);
    expect(Buffer.byteLength(html)).toBeLessThan(64 * 1024);
    expect(await mimes({ a: 1 })).toEqual(["text/plain"]);
  });

  test("that are rows are text and a table", async () => {
    const { data } = await toMimeBundle([
      { a: 1, b: "x" },
      { a: 2, b: null },
    ]);
    expect(data["text/plain"]).toBe("[ { a: 1, b: 'x' }, { a: 2, b: null } ]");
    expect(data["text/html"]).toContain("2 rows × 2");
    expect(await mimes([{ a: 1 }, { b: 2 }, { c: 3 }])).toEqual(["text/plain"]);
  });
});

describe("tables and figures inside other values", () => {
  const table = arrow.tableFromArrays({ name: ["Ulm", "<Bonn>"], n: Int32Array.of(1, 2) });
  const summary = "Table { 2 rows × 2: name Dictionary<Utf8>, n Int32 }";

  test("are one line each of the text, and small tables of the tree", async () => {
    const { data } = await toMimeBundle([table, table]);
    expect(data["text/plain"]).toBe(`[\n  ${summary},\n  ${summary}\n]`);
    expect(data["text/html"]).toMatch(/<summary><i>1<\/i>: Table \{ 2 rows × 2[^]*<td>&lt;Bonn&gt;<\/td>/);
    expect(await text({ deep: { map: new Map([["k", table.batches[0]]]) } })).toContain("RecordBatch { 2 rows × 2:");
    expect(await text([table.getChildAt(1)])).toBe("[ Vector { 2 values: Int32 } ]");
    expect(await text([{ id: 1, table }])).toBe(`[ { id: 1, table: ${summary} } ]`);
    expect((await toMimeBundle([{ id: 1, table }])).data["text/html"]).toContain("<td>Table { 2 rows × 2 }</td>");
  });

  test("leave the cell's objects as they were", async () => {
    const frozen = Object.freeze(arrow.tableFromArrays({ a: [1] }));
    await toMimeBundle([table, frozen]);
    expect(Reflect.ownKeys(table)).not.toContain(inspect.custom);
  });

  test("frames and figures too", async () => {
    const frame = { columns: ["a"], shape: [1, 1], values: [[1]], dtypes: ["int32"] };
    expect(await text({ frame })).toBe("{ frame: DataFrame { 1 row × 1: a int32 } }");
    const shown = plot({ a: [1, 2] }, { x: "a" });
    expect(await text([shown])).toBe("[ Figure { histogram plot: 2 points, x a, y count } ]");
    expect(await mimes([shown, shown])).toEqual(["text/plain"]);
  });

  test("are bounded where there are many", async () => {
    const { data } = await toMimeBundle(Array.from({ length: 1_000 }, () => table));
    expect(JSON.stringify(data).length).toBeLessThan(100_000);
  });
});

test("a tree is indented without its style too", async () => {
  const { data } = await toMimeBundle({ list: Array.from({ length: 50 }, (_, at) => ({ at, text: "x".repeat(80) })) });
  expect(data["text/html"]).toContain('<div style="padding-left:1.5em"><div>');
});

describe("hostile values", () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const circular: Record<string, unknown> = { list: Array.from({ length: 50 }, (_, at) => ({ at })) };
  circular["self"] = circular;
  const trap = (): never => {
    throw new Error("no");
  };
  const hostile: Record<string, unknown> = {
    "getter that throws": {
      get data() {
        return trap();
      },
      get columns() {
        return trap();
      },
    },
    "proxy that throws": new Proxy(
      {},
      { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap },
    ),
    "proxy that has everything": new Proxy({}, { get: () => () => 1 }),
    "revoked proxy": revoked.proxy,
    circular,
    "null prototype": Object.assign(Object.create(null), { a: 1 }),
    "inspection that throws": { [inspect.custom]: trap },
    "array of ten million": Array.from({ length: 1e7 }),
    "sparse array": Object.assign([], { 5: 1, 99: 2 }),
    "very many keys": Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`k${at}`, at])),
    "huge text": "x".repeat(5e6),
    "wide tree": Array.from({ length: 100 }, () =>
      Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => ({}))),
    ),
    "symbol toString": { toString: trap, [Symbol.toPrimitive]: trap },
  };
  test.each(Object.keys(hostile))("%s is shown in bounded size", async (name) => {
    const { data } = await toMimeBundle(hostile[name]);
    expect(typeof data["text/plain"]).toBe("string");
    expect(JSON.stringify(data).length).toBeLessThan(200_000);
  });
});

describe("values with their own representations", () => {
  const shows = (method: () => unknown): object => ({ [Symbol.for("Jupyter.display")]: method });

  test("are asked, at once or later, by Jupyter's convention", async () => {
    expect((await toMimeBundle(shows(() => ({ "text/html": "<b>1</b>", "text/plain": "one" })))).data).toEqual({
      "text/html": "<b>1</b>",
      "text/plain": "one",
    });
    const { data } = await toMimeBundle(
      shows(async () => ({ "image/png": Uint8Array.of(1, 2), "application/json": { n: 1n } })),
    );
    expect(data["image/png"]).toBe("AQI=");
    expect(data["application/json"]).toEqual({ n: 1 });
    expect(data["text/plain"]).toContain("Jupyter.display");
  });

  test("are asked by _repr_ methods and toHTML", async () => {
    expect(
      (await toMimeBundle({ _repr_html_: () => "<i>x</i>", _repr_latex_: () => "$x$", _repr_png_: () => null })).data,
    ).toMatchObject({ "text/html": "<i>x</i>", "text/latex": "$x$" });
    expect(
      (await toMimeBundle({ _repr_mimebundle_: () => [{ "text/markdown": "**b**" }, { k: 1 }] })).metadata,
    ).toEqual({ k: 1 });
    expect((await toMimeBundle({ toHTML: () => "<table>" })).data["text/html"]).toBe("<table>");
  });

  test("show why a method failed, and the value", async () => {
    const failing = Object.assign(
      shows(() => {
        throw new RangeError("odd");
      }),
      { n: 1 },
    );
    expect(await text(failing)).toMatch(/Jupyter\.display"\)\] of this value failed: RangeError: odd\n\{[^]*n: 1/);
    expect(
      await text({
        _repr_html_: async () => {
          throw new Error("late");
        },
      }),
    ).toMatch(/_repr_html_ of this value failed: Error: late/);
    expect(await text(shows(() => 5))).toMatch(/failed: TypeError: it returned no MIME data/);
  });
});

describe("values of libraries", () => {
  test("Arrow tables and vectors", async () => {
    expect(await mimes(arrow.tableFromArrays({ a: [1] }))).toEqual([
      "application/vnd.apache.arrow.stream",
      "text/html",
      "text/plain",
    ]);
    expect(await text(arrow.vectorFromArray([1n, null], new arrow.Int64()))).toContain("2 rows × 1");
  });

  test("danfojs frames with dates and 64-bit integers", async () => {
    const frame = {
      shape: [2, 2],
      columns: ["d", "n"],
      values: [
        [new Date(0), 1n],
        [null, 2n],
      ],
      dtypes: ["datetime", "int64"],
    };
    expect(await text(frame)).toBe(
      [
        "d                             n",
        "datetime                  int64",
        "────────────────────────  ─────",
        "1970-01-01T00:00:00.000Z      1",
        "null                          2",
        "2 rows × 2",
      ].join("\n"),
    );
  });

  test("danfojs series, whose values are no rows, and an index that is more than the rows' numbers", async () => {
    const series = {
      $isSeries: true,
      shape: [2, 1],
      columns: ["n"],
      values: [1, 20],
      dtypes: ["int32"],
      index: [0, 1],
    };
    expect(await text(series)).toBe(["    n", "int32", "─────", "    1", "   20", "2 rows × 1"].join("\n"));
    const described = { shape: [2, 1], columns: ["n"], values: [[3], [4]], dtypes: ["float32"], index: ["min", "max"] };
    expect(await text(described)).toBe(
      [
        "index         n",
        "string  float32",
        "──────  ───────",
        "min           3",
        "max           4",
        "2 rows × 2",
      ].join("\n"),
    );
  });

  test("Arquero tables and Polars frames", async () => {
    const arquero = {
      columnNames: () => ["a"],
      numRows: () => 1,
      get: (_name: string, row: number) => row + 5,
      toHTML: () => "<p>",
    };
    expect(await text(arquero)).toContain("5\n1 row × 1");
    const polars = {
      columns: ["a"],
      shape: { height: 1_000, width: 1 },
      head: (n: number) => ({ rows: () => Array.from({ length: n }, (_, row) => [row]) }),
    };
    expect(await text(polars)).toContain("19\n20 of 1,000 rows × 1");
  });

  test("Vega and Vega-Lite specifications by their schema", async () => {
    const spec = {
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      mark: "bar",
      data: { values: [{ a: 1n }] },
    };
    const { data } = await toMimeBundle(spec);
    expect(data["application/vnd.vegalite.v5+json"]).toMatchObject({ data: { values: [{ a: 1 }] } });
    expect(data["text/plain"]).toBe("Vega-Lite v5: mark bar, 1 row");
    expect(await mimes({ $schema: "https://vega.github.io/schema/vega/v6.json" })).toEqual([
      "application/vnd.vega.v5+json",
      "text/plain",
    ]);
  });

  test("images by their first bytes, of any realm", async () => {
    const gif = "R0lGODlhAQABAAAAACw=";
    expect((await toMimeBundle(Buffer.from(gif, "base64"))).data["image/gif"]).toBe(gif);
    const jpeg: unknown = runInNewContext("Uint8Array.of(0xff, 0xd8, 0xff, 0)");
    expect(await mimes(jpeg)).toEqual(["image/jpeg", "text/plain"]);
    expect(await mimes(Uint8Array.of(1, 2, 3))).toEqual(["text/plain"]);
  });

  test("elements by their markup", async () => {
    const svg = { nodeType: 1, localName: "svg", outerHTML: "<svg><g/></svg>" };
    expect((await toMimeBundle(svg)).data["image/svg+xml"]).toBe('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>');
  });

  test("an answer of a server that looks like a figure is none", async () => {
    expect(await mimes({ data: [{ type: "user", id: 1 }] })).toEqual(["text/plain"]);
  });
});
