import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays, type Table } from "apache-arrow";
import { afterAll, expect, test } from "vitest";
import { toMimeBundle } from "../../display/bundle.ts";
import { sqlMagic } from "../../magics/sql.ts";
import { runQuery } from "../../magics/sql/run.ts";
import { notebookDatabase } from "../../magics/sql/databases.ts";
import { sql } from "../../magics/sql/handle.ts";
import { cellCall, createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

const cars = tableFromArrays({ origin: ["Japan", "Europe", "USA"], n: Int32Array.from([1, 2, 3]) });
const endless = "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range % 7 = 3";
const never = new AbortController().signal;

afterAll(() => sql.close());

function rows(table: unknown): unknown[] {
  return (table as Table).toArray().map((row: { toJSON(): unknown }) => row.toJSON());
}

testMagic(sqlMagic, {
  wrong: ["", "--no-such-option", "--limit x select 1"],
  short: lineCall("select 1"),
  long(ready) {
    queueMicrotask(ready);
    return lineCall(endless);
  },
});

/** A notebook with variables, which runs `%sql line` or, with a body, `%%sql line`. */
function notebook(names: Record<string, unknown>) {
  const { context } = createNotebook({ names });
  const run = (line: string, body?: string): Promise<unknown> =>
    sqlMagic.run(body === undefined ? lineCall(line) : cellCall(line, body), context);
  return { run, names: context.names };
}

test("a hostile value stays a value", async () => {
  const origin = "Japan'; drop table t; --\0\"$1 ${x} 🦆";
  expect(rows(await sql`select ${origin} as a`)).toEqual([{ a: origin }]);
});

test("values of every kind arrive as they are", async () => {
  const date = new Date("2024-02-29T12:34:56.789Z");
  const values = await sql`select ${7} i, ${2 ** 40} l, ${0.1} d, ${2n ** 100n}::varchar h, ${true} b, ${null} n,
    ${date}::varchar t, ${new Uint8Array([0, 255])} x, ${[1, 2.5, null]}::varchar list, ${{ a: [1], b: "c" }}::varchar s`;
  expect(rows(values)).toEqual([
    {
      i: 7,
      l: BigInt(2 ** 40),
      d: 0.1,
      h: String(2n ** 100n),
      b: true,
      n: null,
      t: "2024-02-29 12:34:56.789+00",
      x: new Uint8Array([0, 255]),
      list: "[1.0, 2.5, NULL]",
      s: "{'a': [1], 'b': c}",
    },
  ]);
});

test("a table in a template is a relation, an array after `in` its items", async () => {
  expect(rows(await sql`select n from ${cars} where n in (${[1, 3]}) and origin <> ${"USA"}`)).toEqual([{ n: 1 }]);
  expect(rows(await sql`select n from ${cars} where n not in (${[]})`)).toHaveLength(3);
});

test("names are quoted, fragments keep their values, raw text is pasted", async () => {
  const where = sql`where ${sql.id('a"b')} > ${1}`;
  const table =
    await sql`select * from (select 1 ${sql.id('a"b')} union all select 2) ${where} order by ${sql.raw("1")}`;
  expect(rows(table)).toEqual([{ 'a"b': 2 }]);
});

test("several statements run in turn; the last one's result counts", async () => {
  const table =
    await sql`create or replace table several as select 1 a; insert into several values (${2}); from several;`;
  expect(rows(table)).toEqual([{ a: 1 }, { a: 2 }]);
  expect((await sql`select 1 a; drop table several`).numRows).toBe(1);
});

test("queries of one notebook wait for each other", async () => {
  const all = await Promise.all([1, 2, 3].map((n) => sql`select ${n}::int n`));
  expect(all.flatMap(rows)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test("a stream gives batches, and the notebook's connection is free meanwhile", async () => {
  let count = 0;
  for await (const batch of sql`from range(300_000) t(i)`.stream()) {
    count += batch.numRows;
    expect((await sql`select 1`).numRows).toBe(1);
  }
  expect(count).toBe(300_000);
});

test("interrupting a query rejects at once and leaves the connection usable", async () => {
  const stop = new AbortController();
  const query = runQuery(notebookDatabase(), { strings: [endless], values: [] }, { signal: stop.signal, startLine: 1 });
  const queued = runQuery(notebookDatabase(), { strings: ["select 1 a"], values: [] }, { signal: never, startLine: 1 });
  setTimeout(() => stop.abort(new Error("stopped")), 100);
  await expect(query).rejects.toThrow("stopped");
  expect(rows(await queued)).toEqual([{ a: 1 }]);
});

test("a process that exits does not wait for its query", () => {
  const api = new URL("../../magics/sql.ts", import.meta.url).href;
  const program = `import { sql } from ${JSON.stringify(api)};
    await sql\`select 1\`;
    process.stdout.write("ready");
    sql\`${endless}\`.catch(() => {});
    setTimeout(() => process.exit(3), 100);`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    timeout: 4000,
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 3, stdout: "ready" });
});

test.each([
  ["select *\n  from nosuch_table", "CatalogException", "LINE 3:   from nosuch_table\n               ^"],
  ["select 'ä' ä, foo", "BinderException", "LINE 2: select 'ä' ä, foo\n                      ^"],
  ["select 1;\n\nselec 2", "ParserException", "LINE 4: selec 2\n        ^"],
  ["select\n  'x'::int", "ConversionException", "LINE 3:   'x'::int"],
])("the error of %j points at its line", async (text, name, place) => {
  const error: unknown = await notebook({})
    .run("", text)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name, message: expect.stringContaining(place) });
});

test("a missing table says which name may be meant", async () => {
  await sql`create or replace table orders(a int)`;
  await expect(notebook({}).run("from order_s")).rejects.toThrow('Did you mean "orders"?');
  await sql`drop table orders`;
});

test.each([
  [() => sql`select '${1}'`, "stands inside the quotes"],
  [() => sql`select ${undefined}`, "undefined cannot be bound"],
  [() => sql`select ${1} a, ${sql.raw("2")} b\nwhere c = ${undefined}`, "It is ${…} number 3, in `where c = ${…}`"],
  [() => sql`from (${sql`select ${undefined}`})`, "It is ${…} number 1, in `select ${…}`"],
  [() => sql`select 1 where 1 in (${[1, undefined]})`, "It is ${…} number 1, in `select 1 where 1 in ( ${…}`"],
  [() => notebook({ nope: undefined }).run("select :nope"), "It is :nope"],
  [() => sql`from ${"c.csv"}`, "Write the path in quotes in the SQL, as in `from 'data/cars.csv'`"],
  [() => sql`select ${() => 1}`, "a function cannot be bound"],
  [() => sql`select ${new Map()}`, "class Map cannot be bound"],
  [() => sql` -- nothing`, "there is no SQL to run"],
  [() => sql`select ${[1, "a"]}`, "of different types"],
])("a value that cannot be bound is refused", async (query, message) => {
  await expect(query()).rejects.toThrow(message);
});

test("sql called with a text says how it is written", () => {
  const call = sql as unknown as (text: string) => unknown;
  expect(() => call("select 1")).toThrow("sql is written before a template, as in sql`select 42`");
});

test("dates and timestamps without end show as infinity", async () => {
  const ends =
    await sql`select 'infinity'::date a, '-infinity'::date b, '-infinity'::timestamp c, 'infinity'::timestamptz d`;
  const { data } = await toMimeBundle(ends);
  expect(String(data["text/plain"]).split("\n")[3]).toMatch(/^infinity +-infinity +-infinity +infinity$/);
  expect(data["text/html"]).toContain("<td>infinity</td><td>-infinity</td><td>-infinity</td><td>infinity</td>");
});

test("notebook tables are found by name, in whatever case, and follow their variable", async () => {
  const { run, names } = notebook({
    Cars: cars,
    list: [
      { a: 1, b: "x" },
      { a: null, c: 2n },
    ],
  });
  expect(rows(await run("select count(*)::int n from cars"))).toEqual([{ n: 3 }]);
  names.set("Cars", tableFromArrays({ z: Int32Array.from([9]) }));
  expect(rows(await run("from cars"))).toEqual([{ z: 9 }]);
  expect(rows(await run("from list"))).toEqual([
    { a: 1, b: "x", c: null },
    { a: null, b: null, c: 2n },
  ]);
  names.clear();
  await expect(run("from cars")).rejects.toThrow("cars does not exist");
});

test("a danfo.js frame or series is a table by its columns and values, in which NaN is missing", async () => {
  const values = [
    [1, "x"],
    [Number.NaN, "y"],
  ];
  const frame = { columns: ["a", "b"], shape: [2, 2], values };
  const series = { $isSeries: true, columns: ["n"], values: [1, 2.5, Number.NaN], shape: [3, 1] };
  const { run } = notebook({ frame, series });
  expect(rows(await run("from frame"))).toEqual([
    { a: 1, b: "x" },
    { a: null, b: "y" },
  ]);
  expect(rows(await run("from series"))).toEqual([{ n: 1 }, { n: 2.5 }, { n: null }]);
});

test("a danfo.js frame in ${…} is a relation, read anew by each query", async () => {
  const frame = { columns: ["a"], shape: [1, 1], values: [[1]] };
  const sum = async (): Promise<unknown> =>
    rows(await sql`select sum(x.a + y.a)::int as n from ${frame} x join ${frame} y on true`);
  expect(await sum()).toEqual([{ n: 2 }]);
  frame.values = [[10]];
  expect(await sum()).toEqual([{ n: 20 }]);
});

test("an array of row objects is a relation where a table stands, and a value elsewhere", async () => {
  const list = [{ a: 1 }, { a: 2 }];
  expect(rows(await sql`select x.a from ${list} x join ${list} y using (a) order by a`)).toEqual(list);
  expect(rows(await sql`select len(${list})::int as n`)).toEqual([{ n: 2 }]);
  expect(rows(await sql`select sum(u.a)::int as n from unnest(${list}) t(u)`)).toEqual([{ n: 3 }]);
  expect(rows(await notebook({ list }).run("select count(*)::int n from :list"))).toEqual([{ n: 2 }]);
  await expect(sql`from ${[1, 2]}`).rejects.toThrow("syntax error");
});

test("a pivot finds its columns, as often as it is asked, and also of a table in a variable", async () => {
  const sales = [
    { year: 1, k: "a", n: 1 },
    { year: 1, k: "b", n: 2 },
    { year: 2, k: "a", n: 4 },
  ];
  const { run, names } = notebook({ sales });
  const query = "pivot sales on k using sum(n)::int group by year order by year";
  const both = [
    { year: 1, a: 1, b: 2 },
    { year: 2, a: 4, b: null },
  ];
  expect(rows(await run(query))).toEqual(both);
  expect(rows(await sql`pivot ${sales} on k using sum(n)::int group by year order by year`)).toEqual(both);
  names.set("sales", [{ year: 3, k: "c", n: 1 }]);
  expect(rows(await run(query))).toEqual([{ year: 3, c: 1 }]);
  await expect(run("pivot nothing on k using sum(n)")).rejects.toThrow("nothing does not exist");
});

test("the database's own table comes before a variable, and `use` keeps variables in reach", async () => {
  await sql`create or replace table cars as select 'own' a`;
  const { run } = notebook({ cars, others: cars });
  expect(rows(await run("from cars"))).toEqual([{ a: "own" }]);
  await sql`drop table cars; create schema if not exists s; use s`;
  expect(rows(await run("select count(*)::int n from others"))).toEqual([{ n: 3 }]);
  await sql`use memory.main`;
});

test(":name binds a notebook variable, except where it is no parameter", async () => {
  const { run } = notebook({ x: 5, list: [1, 5], cars });
  expect(rows(await run("select :x::int a, ':x' b, [7, 8, 9][1:2]::varchar c, $$:x$$ d -- :nothing"))).toEqual([
    { a: 5, b: ":x", c: "[7, 8]", d: ":x" },
  ]);
  expect(rows(await run("select 1 a where 5 in (:list)"))).toEqual([{ a: 1 }]);
  expect(rows(await run("select count(*)::int n from :cars"))).toEqual([{ n: 3 }]);
  await expect(run("select :nope")).rejects.toThrow("there is none of that name");
});

test("files are read by path", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sql-"));
  const file = join(folder, "a b.csv");
  writeFileSync(file, "name,n\nUlm,1\nBonn,2\n");
  try {
    expect(rows(await notebook({}).run(`select sum(n)::int n from '${file}'`))).toEqual([{ n: 3 }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("options come before the SQL", async () => {
  const { run } = notebook({ cars });
  expect(rows(await run("--limit 2", "from range(1_000_000) t(i)"))).toEqual([{ i: 0n }, { i: 1n }]);
  const batches = (await run("--stream --limit 3 from cars")) as AsyncIterable<{ numRows: number }>;
  const counts: number[] = [];
  for await (const { numRows } of batches) counts.push(numRows);
  expect(counts).toEqual([3]);
  await expect(run("--lmit 2 from cars")).rejects.toThrow("unknown option --lmit. Usage: %sql [CONNECTION] [OPTIONS]");
  await expect(run("--limit x", "from cars")).rejects.toThrow("--limit needs a whole number");
  await expect(run("shop", "select 1")).rejects.toThrow('no connection "shop"');
});

test("`tables` lists tables, `schema` the columns of one", async () => {
  await sql`create or replace table listed(a int, b varchar)`;
  const { run } = notebook({});
  expect(rows(await run("tables"))).toContainEqual({ schema: "main", name: "listed", kind: "table", rows: 0n });
  expect(((await run("schema listed")) as Table).getChild("name")?.toJSON()).toEqual(["a", "b"]);
  await sql`drop table listed`;
});

test("after `close` the next query has a new database", async () => {
  await sql`create table gone(a int)`;
  await sql.close();
  await expect(sql`from gone`).rejects.toThrow("gone does not exist");
});
