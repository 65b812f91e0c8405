import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Table, tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Batch } from "../../../magics/columnar/columnar.ts";
import { copyRows } from "../../../magics/sql/into-copy.ts";
import { addConnection, removeConnection } from "../../../magics/connections/registry.ts";
import { createHandle, sql } from "../../../magics/sql/handle.ts";
import { sqlMagic } from "../../../magics/sql.ts";
import { cellCall, createNotebook, lineCall } from "../context.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-into-test-"));
const file = (name: string): string => join(folder, name);
const lite = createHandle("lite");

beforeAll(async () => {
  await addConnection("lite", `sqlite:${file("i.sqlite")}`, "%connect");
  await lite.sql`create table t as with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select i, 'n' || i as name from n`;
});
afterAll(async () => {
  await removeConnection("lite");
  await sql.close();
  rmSync(folder, { recursive: true });
});

function rows(table: unknown): unknown[] {
  return (table as Table).toArray().map((row: { toJSON(): unknown }) => row.toJSON());
}

/** A file is being written, or the rows for it to the disk. */
const hasBegun = (): boolean =>
  leftovers().length > 0 ||
  readdirSync(tmpdir()).some(
    (name) => name.startsWith("typhoon-into-") && existsSync(join(tmpdir(), name, "rows.duckdb")),
  );

const { context } = createNotebook({ names: { least: 998 } });
const run = (line: string, body?: string): Promise<unknown> =>
  sqlMagic.run(body === undefined ? lineCall(line) : cellCall(line, body), context);
/** Files of the folder that are neither a result nor the database. */
const leftovers = (): string[] => readdirSync(folder).filter((name) => name.startsWith("."));

describe.each(["duckdb", "lite"])("--into of %s", (name) => {
  const source =
    name === "lite" ? "select i, name from t" : "select i::bigint as i, 'n' || i as name from range(1, 1001) r(i)";

  test.each(["parquet", "csv", "csv.gz", "tsv", "json", "ndjson"])("%s has all rows", async (extension) => {
    const path = file(`${name}.${extension}`);
    const written = await run(`${name} --into ${path} ${source} -- a comment`);
    expect(written).toMatchObject({ table: path, rows: 1000 });
    expect(rows(await sql`select count(*)::int n, sum(i)::int s, max(name) m from ${sql.raw(`'${path}'`)}`)).toEqual([
      { n: 1000, s: 500_500, m: "n999" },
    ]);
    expect(leftovers()).toEqual([]);
  });

  test("arrow has the types and values; --limit and :name count", async () => {
    const path = file(`${name}.arrow`);
    await run(`${name} --into ${path} ${source} where i > :least`);
    expect(rows(tableFromIPC(readFileSync(path)))).toEqual([
      { i: 999n, name: "n999" },
      { i: 1000n, name: "n1000" },
    ]);
    for (const extension of ["arrow", "parquet"]) {
      const written = await run(`${name} --limit 7 --into ${file(`few.${extension}`)} ${source} -- a comment`);
      expect(written).toMatchObject({ rows: 7 });
    }
  });

  test("an error leaves the file that was there, and has its place", async () => {
    const path = file("kept.csv");
    writeFileSync(path, "kept");
    await expect(run(`${name} --into ${path}`, "select\n  nothing_of_that_name")).rejects.toThrow(
      /LINE 3: {3}nothing_of_that_name\n {10}\^/,
    );
    await expect(run(`${name} --into ${path} create table made(a int)`)).rejects.toThrow(/no rows to write|syntax/);
    expect(readFileSync(path, "utf8")).toBe("kept");
    expect(leftovers()).toEqual([]);
  });

  test("an interrupt ends it within a second and leaves nothing", async () => {
    const endless =
      name === "lite"
        ? "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
        : "select a.range from range(100000000) a, range(1000000) b";
    for (const extension of ["parquet", "arrow"]) {
      const path = file(`${name}-endless.${extension}`);
      const { context: own, abort } = createNotebook();
      const running = sqlMagic.run(lineCall(`${name} --into ${path} ${endless}`), own);
      while (!hasBegun() && !(await ended(running)));
      const begun = performance.now();
      abort();
      await expect(running).rejects.toThrow("Interrupted");
      expect(performance.now() - begun).toBeLessThan(1500);
      expect(existsSync(path)).toBe(false);
      expect(leftovers()).toEqual([]);
    }
    expect(rows(await run(`${name} select 1 as one`))).toHaveLength(1);
  }, 20_000);
});

/** True once a promise is settled; waits for a turn of the loop. */
async function ended(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<boolean>((resolve) => void setImmediate(() => resolve(false)));
  return Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    turn,
  ]);
}

describe("an Arrow file", () => {
  const columns = [{ name: "x", type: { kind: "float", bits: 64 } }] as const;
  async function* batches(count: number, seen: { given: number }): AsyncGenerator<Batch, void> {
    for (; seen.given < count; seen.given += 1) {
      const values = new Uint8Array(8_000_000);
      yield { length: 1_000_000, columns: [{ length: 1_000_000, nullCount: 0, values }] };
    }
  }
  const copy = (path: string, count: number, signal: AbortSignal, seen = { given: 0 }): Promise<void> =>
    copyRows(
      { columns, batches: batches(count, seen), rows: undefined },
      { path, copy: undefined, limit: undefined, signal },
    );

  test.skipIf(!existsSync("/dev/full")).each([1, 3, 30])("of %i batches says that the disk is full", async (count) => {
    await expect(copy("/dev/full", count, new AbortController().signal)).rejects.toThrow(/ENOSPC/);
  });

  test.skipIf(process.platform === "win32")("that waits for a slow disk is given up at an interrupt", async () => {
    const pipe = file("pipe");
    execFileSync("mkfifo", [pipe]);
    const opened = open(pipe, "r");
    const stop = new AbortController();
    const seen = { given: 0 };
    const running = copy(pipe, 1000, stop.signal, seen);
    const reader = await opened;
    for (let before = -1; before !== seen.given || seen.given === 0;) {
      before = seen.given;
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
    }
    stop.abort(new Error("stopped"));
    const failed = running.catch((error: unknown) => error);
    const { length } = await reader.readFile();
    await reader.close();
    expect(await failed).toMatchObject({ message: "stopped" });
    expect(length).toBeLessThan(30_000_000);
    expect(seen.given).toBeLessThan(20);
  });
});

test("a file of no known format, or in no folder, is refused", async () => {
  await expect(run("--into out.xlsx select 1")).rejects.toThrow(/says its format: \.parquet, \.csv/);
  await expect(run("--into out.parquet.gz select 1")).rejects.toThrow(/says its format/);
  await expect(run(`--into ${file("none/out.csv")} select 1`)).rejects.toThrow(/there is no folder .*Make it first/);
  await expect(run("--into a.csv --stream select 1")).rejects.toThrow(/do not go together/);
  mkdirSync(file("some"));
  expect(await createHandle().into(sql`select ${"it's"} as a`, file("some/a b'c.csv"))).toMatchObject({ rows: 1 });
  expect(readFileSync(file("some/a b'c.csv"), "utf8")).toBe("a\nit's\n");
});

test("--persist writes a variable's rows and says how it went", async () => {
  const book = createNotebook({ names: { people: [{ id: 1, name: "Ada" }] } });
  const write = (line: string): Promise<unknown> => sqlMagic.run(lineCall(line), book.context);
  expect(await write("lite --persist people --key id")).toMatchObject({ table: "people", rows: 1 });
  expect(await write("lite --persist people --mode upsert --key id as people")).toMatchObject({ rows: 1 });
  expect(await write("--persist people as others")).toMatchObject({ table: "others", rows: 1 });
  expect(rows(await lite.sql`select name from people`)).toEqual([{ name: "Ada" }]);
  await expect(write("lite --persist peple")).rejects.toThrow(/no variable peple\. Did you mean people\?/);
  await expect(write("lite --persist people")).rejects.toThrow(/people is there already/);
  expect(await write('lite --persist people as "x "".y";')).toMatchObject({ table: 'x ".y' });
  expect(await write("lite --persist people as main.`a b`")).toMatchObject({ table: "main.a b" });
  expect(rows(await lite.sql`select name from "x "".y" union select name from main."a b"`)).toEqual([{ name: "Ada" }]);
  expect(String(await lite.write([{ a: 1 }], "told"))).toMatch(/^told \(lite\): 1 row, /);
  await expect(write('lite --persist people as "a" b')).rejects.toThrow(/takes a variable and a table/);
  await expect(write("lite --persist people as a b")).rejects.toThrow(/takes a variable and a table/);
  await expect(write("lite --mode append select 1")).rejects.toThrow(/--mode says how --persist writes/);
});

test("JSON has null where it has no number", async () => {
  const nan = sql`select 'nan'::double as a, ['inf'::float, 1] as b, {x: '-inf'::double, y: ['nan'::double], "q""": 2.5::double} as c,
    map {'k': 'nan'::double, 'l': 0.5} as d, array_value('nan'::double, 2) as "e e", null::double as f, [[null, 'nan'::double]] as g, 'NaN' as h, null::struct(x double) as i`;
  const expected = {
    a: null,
    b: [null, 1],
    c: { x: null, y: [null], 'q"': 2.5 },
    d: { k: null, l: 0.5 },
    "e e": [null, 2],
    f: null,
    g: [[null, null]],
    h: "NaN",
    i: null,
  };
  const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
  await createHandle().into(nan, file("nan.json"));
  expect(read(file("nan.json"))).toEqual([expected]);
  await createHandle().into(nan, file("nan.ndjson"));
  expect(read(file("nan.ndjson"))).toEqual(expected);
  await lite.into(lite.sql`select 1e999 as a, 0.5 as b`, file("lite.json"));
  expect(read(file("lite.json"))).toEqual([{ a: null, b: 0.5 }]);
});

test("a column that is there twice is told before the file is written", async () => {
  const twice = lite.into(lite.sql`select 1 as a, 2 as "A"`, file("twice.parquet"));
  await expect(twice).rejects.toThrow(/two columns of the query are named "A"\. Rename one/);
  expect(leftovers()).toEqual([]);
});
