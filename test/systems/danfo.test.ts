import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Seen, type TestKernel, startTestKernel } from "../kernel/harness.ts";

// The real danfo.js, of the package registry: it is large and brings TensorFlow, so it is no dependency of the project's own.

let kernel: TestKernel;
let installed: Seen;

beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "block", TYPHOON_PLAIN: "1" } });
  installed = await kernel.run("%npm add danfojs-node@1.2.0");
  await kernel.run(
    'import { DataFrame, concat, merge, toDateTime } from "danfojs-node"\nimport { toColumns } from "typhoon-kernel"',
  );
  await kernel.run(`const frame = new DataFrame({
  day: ["2024-01-01", "2024-01-02", "2024-01-03"].map((day) => new Date(day)),
  n: [1, 2, NaN],
  city: ["Ulm", null, "Bonn"],
  big: [1n, 2n ** 60n, 3n],
})`);
}, 300_000);
afterAll(() => kernel?.shutdown());

/** Runs a cell that has to end well, and returns its result's text. */
async function result(code: string): Promise<string | undefined> {
  const { error, result: text } = await kernel.run(code);
  expect(error).toBeUndefined();
  return text;
}

test("it installs with its overrides, below it only", () => {
  expect(installed.error).toBeUndefined();
  const { overrides } = JSON.parse(readFileSync(join(kernel.folder, "package.json"), "utf8")) as { overrides: object };
  expect(overrides).toEqual({
    "danfojs-node": { xlsx: "0.18.5", "@tensorflow/tfjs-node": "npm:@tensorflow/tfjs@4.22.0" },
  });
});

test("a frame is shown as a table: dates, 64-bit integers, nulls", async () => {
  const { published } = await kernel.run("frame");
  const { data } = published.find(({ header }) => header.msg_type === "execute_result")!.content as {
    data: Record<string, string>;
  };
  expect(data["text/plain"]!.split("\n").slice(3)).toEqual([
    "2024-01-01T00:00:00.000Z        1  Ulm                       1",
    "2024-01-02T00:00:00.000Z        2  null    1152921504606846976",
    "2024-01-03T00:00:00.000Z      NaN  Bonn                      3",
    "3 rows × 4",
  ]);
  expect(data["text/html"]).toContain("<table");
});

test("a series is shown as a column, and what describe gives has its index", async () => {
  expect(await result('frame.column("n")')).toMatch(/^ +n\nfloat32\n─+\n +1\n +2\n +NaN\n3 rows × 1$/);
  expect(await result('frame.loc({ columns: ["n"] }).dropNa().describe()')).toMatch(
    /^index +n\n[^]*\ncount +2\nmean +1.5\n/,
  );
});

test("a frame goes into SQL by name and in a template, with NaN as null, and a series too", async () => {
  await kernel.run("%%sql found <<\nselect city, n, day, big from frame order by day");
  expect(await result("found")).toMatch(/city +n +day +big\nUtf8 +Int32 +Timestamp\(µs, UTC\) +Int64\n/);
  expect(await result("found.toArray().map((row) => [row.n, row.big])")).toBe(
    "[ [ 1, 1n ], [ 2, 1152921504606846976n ], [ null, 3n ] ]",
  );
  const count =
    "(await sql`select count(n)::integer as n from ${frame} where day > ${new Date(2024, 0, 1, 12)}`).get(0)?.n";
  expect(await result(count)).toBe("1");
  await kernel.run('const series = frame.column("n")');
  expect(await result("(await sql`select sum(n)::integer as sum from ${series}`).get(0)?.sum")).toBe("3");
});

test("a table becomes a frame, with dates as dates", async () => {
  await kernel.run("const back = new DataFrame(toColumns(found))");
  expect(await result("back.shape")).toBe("[ 3, 4 ]");
  expect(await result("back.dtypes")).toBe("[ 'string', 'float32', 'datetime', 'int32' ]");
  expect(await result("back.values[0]")).toBe("[ 'Ulm', 1, 2024-01-01T00:00:00.000Z, 1n ]");
  expect(await result('back.column("n").mean()')).toBe("1.5");
});

test("plot draws a frame and a series", async () => {
  expect(await result('plot(frame, { x: "day", y: "n", title: "Days" })')).toContain('line plot "Days": 3 points');
  expect(await result('plot(series, { x: "n", kind: "histogram" })')).toContain("histogram");
});

// The right column of the table in notebooks/07a-tables.ipynb.
test.each([
  ['frame.loc({ columns: ["n", "city"] })', "3 rows × 2"],
  ['frame.query(frame.column("n").gt(1))', "1 row × 5"],
  ['frame.sortValues("n", { ascending: false })', "3 rows × 5"],
  ['frame.groupby(["city"]).col(["n"]).sum()', "3 rows × 2"],
  ['merge({ left: frame, right: frame, on: ["city"], how: "inner" })', "3 rows × 7"],
  ["frame.fillNa(0)", "3 rows × 4"],
  ["frame.dropNa()", "1 row × 4"],
  ['frame.column("n").fillNa(0).cumSum()', "3 rows × 1"],
])("%s", async (code, size) => {
  expect((await result(code))?.split("\n").at(-1)).toBe(size);
});
