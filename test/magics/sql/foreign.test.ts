import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Table, tableFromArrays } from "apache-arrow";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../../magics/connections/registry.ts";
import { attach, detach } from "../../../magics/sql/attach.ts";
import { findDatabase } from "../../../magics/sql/databases.ts";
import { createHandle, sql } from "../../../magics/sql/handle.ts";
import { sqlMagic } from "../../../magics/sql.ts";
import { findTables, namesUsed } from "../../../magics/sql/find-tables.ts";
import { cellCall, createNotebook, lineCall } from "../context.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-foreign-"));
const csv = join(folder, "cities.csv");
const [duck, lite] = [createHandle("duck"), createHandle("lite")];

beforeAll(async () => {
  await addConnection("duck", `duckdb:${join(folder, "f.duckdb")}`, "%connect");
  await addConnection("lite", `sqlite:${join(folder, "f.sqlite")}`, "%connect");
  writeFileSync(csv, "id,city\n1,Ulm\n2,Bonn\n");
  await lite.write(
    [
      { id: 1, value: 1.5, note: "a" },
      { id: 2, value: 2.5, note: null },
    ],
    "orders",
    { key: "id" },
  );
  await duck.write([{ id: 2, name: "Ada" }], "people");
});
afterEach(() => detach("lite") && detach("duck"));
afterAll(async () => {
  await removeConnection("duck");
  await removeConnection("lite");
  await sql.close();
  rmSync(folder, { recursive: true });
});

function rows(table: unknown): unknown[] {
  const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
  return JSON.parse(
    JSON.stringify(
      (table as Table).toArray().map((row: { toJSON(): unknown }) => row.toJSON()),
      plain,
    ),
  ) as unknown[];
}

function notebook(names: Record<string, unknown>) {
  const { context } = createNotebook({ names });
  return (line: string, body?: string): Promise<unknown> =>
    sqlMagic.run(body === undefined ? lineCall(line) : cellCall(line, body), context);
}

const postgres = { dollarQuotes: true, nestedComments: true, slices: true };
const uses = (text: string): string[] =>
  findTables(text, postgres).map(
    ({ use, path, file, alias }) => `${use} ${path?.join(".") ?? `'${file}'`}${alias === undefined ? "" : ` ${alias}`}`,
  );

describe("the tables that a statement names", () => {
  test.each([
    ["select a from x, y as z where b in (select c from w)", ["reads x", "reads y z", "reads w"]],
    ['select * from a.b join "c d".e f on f.x = b.x, g', ["reads a.b", "reads c d.e f", "reads g"]],
    ["select extract(year from t), trim(both 'x' from u), substring(s from 2) from v", ["reads v"]],
    ["select a is distinct from 'x.csv' from y", ["reads y"]],
    ["with q as (select * from r) select * from q, lateral (select 1 from s) l", ["reads r", "reads q", "reads s"]],
    ["select * from (a join b on a.x = b.x), 'f.csv' where c in (1, d)", ["reads a", "reads b", "reads 'f.csv'"]],
    ["insert into t(a, b) select a, b from u", ["changes t", "reads u"]],
    ["delete from t where a = (select 1 from u)", ["changes t", "reads u"]],
    ["update t set a = 1 from u where t.x = u.x", ["changes t", "reads u"]],
    ["create table if not exists t as select * from u", ["changes t", "reads u"]],
    ["select * from f(1), generate_series(1, 2) g, t for update", ["reads t"]],
    ["select 'from x' -- from y\nfrom /* z */ t union all select 1 from u order by 1, 2", ["reads t", "reads u"]],
    ["drop table a.b", ["changes a.b"]],
    ["from t", ["reads t"]],
    ["select * from a.", ["reads a"]],
    ["select * from where x = 1", []],
    ["select * from a join on a.x = 1, b", ["reads a", "reads b"]],
    ['select * from "where" w, a.where', ["reads where w", "reads a.where"]],
  ])("%s", (text, expected) => expect(uses(text)).toEqual(expected));
});

test.each([
  ["select a, t.b from x t where c > 1", ["a", "b", "c"]],
  ["select count(*), a * 2 from x", ["a"]],
  ["select * from x", undefined],
  ["select x.* from x", undefined],
  ["select x from x", undefined],
  ["from x", undefined],
  ["select sum(a) from x natural join y", undefined],
])("%s needs of x: %j", (text, expected) => {
  const used = namesUsed(text, postgres, ["x", "t"]);
  const wanted = expected?.filter((name) => used?.has(name));
  expect(used && wanted).toEqual(expected);
});

describe("a table of the notebook, on a server", () => {
  const cars = tableFromArrays({ id: Int32Array.of(1, 2), note: ["x", "y"] });

  test("in a template and by its name, also with an alias and in a transaction", async () => {
    expect(rows(await lite.sql`select o.value, c.note from orders o join ${cars} c on c.id = o.id order by 1`)).toEqual(
      [
        { value: 1.5, note: "x" },
        { value: 2.5, note: "y" },
      ],
    );
    const run = notebook({ cars, some: [{ n: 5 }] });
    expect(
      rows(await run("lite select cars.note from orders join cars on cars.id = orders.id where orders.id = 2")),
    ).toEqual([{ note: "y" }]);
    expect(rows(await run("lite", "select s.n from some s"))).toEqual([{ n: 5 }]);
    await run("lite", "begin; insert into orders select 3, n, 'z' from some");
    expect(rows(await run("lite", "select count(*) n from orders, cars"))).toEqual([{ n: 6 }]);
    await run("lite rollback");
    expect(rows(await run("lite", "select count(*) n from orders, cars"))).toEqual([{ n: 4 }]);
  });

  test("a variable that holds other rows counts at the next query, and one of the database comes first", async () => {
    const names = { part: [{ n: 1 }] };
    const { context } = createNotebook({ names });
    const ask = async (): Promise<unknown[]> => rows(await sqlMagic.run(lineCall("lite select n from part"), context));
    expect(await ask()).toEqual([{ n: 1 }]);
    context.names.set("part", tableFromArrays({ n: Int32Array.of(2, 3) }));
    expect(await ask()).toEqual([{ n: 2 }, { n: 3 }]);
    expect(rows(await notebook({ orders: cars })("lite select count(*) n, max(value) v from orders"))).toEqual([
      { n: 2, v: 2.5 },
    ]);
  });

  test("a name that is nothing is the database's error, at its place", async () => {
    await expect(notebook({ cars: 1 })("lite", "select *\nfrom cars")).rejects.toThrow(/LINE 3: from cars\n {13}\^/);
  });

  test("copies are dropped, and nothing of them is left", async () => {
    await notebook({ some: [{ n: 5 }] })("lite select * from some");
    const database = await findDatabase("lite");
    await lite.sql`select 1`;
    const left = await database.exclusive(new AbortController().signal, async (session) => {
      const result = await session.start(
        { sql: "select count(*) n from sqlite_temp_schema where name like 'typhoon%'", values: [] },
        new AbortController().signal,
      );
      const [batch] = await Array.fromAsync(result.batches);
      return Number(new BigInt64Array(batch!.columns[0]!.values!.slice().buffer)[0]);
    });
    // The Arrow table of the test before lives on.
    expect(left).toBeLessThanOrEqual(2);
  });
});

test("a file in FROM is read by the notebook's DuckDB for a database that cannot", async () => {
  expect(
    rows(
      await lite.sql`select city, value from ${lite.sql.raw(`'${csv}'`)} join orders on orders.id = cities.id order by 1`,
    ),
  ).toEqual([
    { city: "Bonn", value: 2.5 },
    { city: "Ulm", value: 1.5 },
  ]);
  await expect(lite.sql`select * from 'nowhere.csv'`).rejects.toThrow(/nowhere\.csv/);
});

describe("an attached connection", () => {
  test("is read in the notebook's DuckDB and in another connection, as it is now", async () => {
    await attach("lite");
    await attach("duck", { as: "other" });
    const query = () =>
      sql`select o.id, p.name, o.value from lite.orders o left join other.people p using (id) order by 1`;
    expect(rows(await query())).toEqual([
      { id: 1, name: null, value: 1.5 },
      { id: 2, name: "Ada", value: 2.5 },
    ]);
    await lite.sql`update orders set value = 9 where id = 1`;
    expect(rows(await query())[0]).toMatchObject({ value: 9 });
    await lite.sql`update orders set value = 1.5 where id = 1`;
    expect(
      rows(
        await duck.sql`select orders.id, lite.main.orders.value from lite.main.orders where lite.main.orders.id = 1`,
      ),
    ).toEqual([{ id: 1, value: 1.5 }]);
    expect(rows(await sql`select count(*) n from lite.orders`)).toEqual([{ n: 2 }]);
    expect((await Array.fromAsync(sql`from lite.orders`.stream())).reduce((sum, batch) => sum + batch.numRows, 0)).toBe(
      2,
    );
  });

  test("only the columns that a query names are read", async () => {
    await attach("lite");
    await lite.sql`create table wide(a integer, b integer, c integer)`;
    await lite.sql`insert into wide values (1, 2, 3)`;
    const { context, printed } = createNotebook();
    await sqlMagic.run(lineCall("--dry-run select a from lite.wide where c = 3"), context);
    expect(printed()).toMatch(/from "typhoon_\w+" as "wide"/);
    await expect(sql`select a, b from (select a, c from lite.wide)`).rejects.toThrow(/"b" not found/);
    expect(rows(await sql`select sum(a + c)::int s from lite.wide`)).toEqual([{ s: 4 }]);
  });

  test("cannot be written to, named in a view, or misspelt without being told so", async () => {
    await attach("lite");
    for (const text of [
      "insert into lite.orders select 1",
      "update lite.orders set id = 1",
      "delete from lite.orders",
      "drop table lite.orders",
      "create table lite.t as select 1",
    ])
      await expect(sql`${sql.raw(text)}`).rejects.toThrow(
        /of the attached connection lite, which can only be read here.*connect\("lite"\)/s,
      );
    await expect(sql`create view v as select * from lite.orders`).rejects.toThrow(
      /a view cannot read lite\.orders.*Make a table/s,
    );
    await expect(sql`select * from lite.ordrs`).rejects.toThrow(
      /there is no table lite\.ordrs\. `%sql lite tables` lists them/,
    );
    await expect(attach("litee")).rejects.toThrow(/no connection "litee". Did you mean lite\?/);
    await sql`create table copied as select * from lite.orders`;
    expect(rows(await sql`select count(*) n from copied`)).toEqual([{ n: 2 }]);
  });
});
