import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Table, tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { displaySymbol } from "../../../display/mimebundle.ts";
import { addConnection, removeConnection } from "../../../magics/connections/registry.ts";
import { findDatabase } from "../../../magics/sql/databases.ts";
import { createHandle, sql } from "../../../magics/sql/handle.ts";
import { writeTable } from "../../../magics/sql/write.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-write-"));

beforeAll(async () => {
  await addConnection("duck", `duckdb:${join(folder, "w.duckdb")}`, "%connect");
  await addConnection("lite", `sqlite:${join(folder, "w.sqlite")}`, "%connect");
});
afterAll(async () => {
  await removeConnection("duck");
  await removeConnection("lite");
  await sql.close();
  rmSync(folder, { recursive: true });
});

function rows(table: Table): unknown[] {
  return table.toArray().map((row: { toJSON(): unknown }) => row.toJSON());
}

const cars = tableFromArrays({ id: Int32Array.of(1, 2, 3), name: ["a", null, "it's 🦆"] });

describe.each(["duck", "lite"])("%s", (name) => {
  const db = createHandle(name);
  const read = async (table: string): Promise<unknown[]> =>
    rows(await db.sql`select * from ${db.sql.id(table)} order by 1`);
  const all = [
    { id: 1, name: "a" },
    { id: 2, name: null },
    { id: 3, name: "it's 🦆" },
  ];
  const found = (list: unknown[]): unknown =>
    JSON.parse(JSON.stringify(list, (_, value) => (typeof value === "bigint" ? Number(value) : value)));

  test("a new table has the rows, its key and what it was told as a line", async () => {
    const written = await db.write(cars, "cars", { key: "id" });
    expect(written).toMatchObject({ table: "cars", rows: 3 });
    expect(written[displaySymbol]()).toEqual({
      "text/plain": expect.stringMatching(/^cars \(\w+\): 3 rows, \d+ B, \d\.\d\d s$/),
    });
    expect(found(await read("cars"))).toEqual(all);
    await expect(db.sql`insert into cars values (1, 'again')`).rejects.toThrow(/constraint|unique/i);
  });

  test("a table that is there is refused, and told what to do", async () => {
    await expect(db.write(cars, "cars")).rejects.toThrow(
      /cars is there already\. Give the mode append, replace or upsert/,
    );
    await expect(db.write(cars, "nowhere", { mode: "append" })).rejects.toThrow(/no table nowhere to append to/);
  });

  test("append adds, upsert changes and adds, replace makes anew", async () => {
    await db.write([{ ID: 4, NAME: "d" }], "cars", { mode: "append" });
    await db.write(
      [
        { name: "A", id: 1 },
        { name: "e", id: 5 },
      ],
      "cars",
      { mode: "upsert", key: "id" },
    );
    expect(found(await read("cars"))).toEqual([
      { id: 1, name: "A" },
      ...all.slice(1),
      { id: 4, name: "d" },
      { id: 5, name: "e" },
    ]);
    await db.write([{ other: 1.5 }], "cars", { mode: "replace" });
    expect(found(await read("cars"))).toEqual([{ other: 1.5 }]);
  });

  test("columns are checked against the table", async () => {
    await db.write(cars, "checked", { key: ["id"] });
    const append = { mode: "append" } as const;
    await expect(db.write([{ id: 9, nme: "x" }], "checked", append)).rejects.toThrow(
      /table checked has no column "nme"\. Did you mean name\?/,
    );
    await expect(db.write([{ id: 9, weight: 1 }], "checked", append)).rejects.toThrow(
      /no column "weight"\. It has id, name/,
    );
    await expect(db.write([{ id: 9 }], "checked", { mode: "upsert" })).rejects.toThrow(/Say which columns are the key/);
    await expect(db.write([{ id: 9 }], "checked", { mode: "upsert", key: "idd" })).rejects.toThrow(
      /rows have no column "idd", which is to be the key\. Did you mean id\?/,
    );
    await expect(db.write([{ a: 1, A: 2 }], "twice")).rejects.toThrow(/two columns are named "A"/);
    await expect(db.write(cars, "checked", { mode: "add" as never })).rejects.toThrow(
      /no mode "add"\. It is one of create/,
    );
    await db.write([{ id: 7 }], "checked", append);
    expect(found(await read("checked"))).toContainEqual({ id: 7, name: null });
  });

  test("an error in the midst of a stream, or of the rows, leaves nothing", async () => {
    async function* broken(): AsyncGenerator<Table> {
      yield cars;
      throw new RangeError("the source broke");
    }
    await expect(db.write(broken(), "half")).rejects.toThrow("the source broke");
    await expect(db.sql`select * from half`).rejects.toThrow(/half/);
    await db.write(cars, "whole", { key: "id" });
    async function* twice(): AsyncGenerator<Table> {
      yield tableFromArrays({ id: Int32Array.of(10), name: ["new"] });
      yield cars;
    }
    await expect(db.write(twice(), "whole", { mode: "append" })).rejects.toThrow(/constraint|unique/i);
    await expect(db.write(broken(), "whole", { mode: "replace" })).rejects.toThrow("the source broke");
    expect(found(await read("whole"))).toEqual(all);
  });

  test("an interrupt leaves nothing, and ends within a second", async () => {
    const controller = new AbortController();
    const reached = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<Table> {
      for (let i = 0; ; i++) {
        yield tableFromArrays({ id: Int32Array.from({ length: 10_000 }, (_, j) => i * 10_000 + j) });
        if (i === 3) reached.resolve();
      }
    }
    const writing = writeTable(await findDatabase(name), endless(), "endless", {}, controller.signal);
    await reached.promise;
    const begun = performance.now();
    controller.abort(new DOMException("Interrupted", "AbortError"));
    await expect(writing).rejects.toThrow("Interrupted");
    expect(performance.now() - begun).toBeLessThan(1000);
    await expect(db.sql`select * from endless`).rejects.toThrow(/endless/);
  });

  test("within a transaction the rows are there with it, or not at all", async () => {
    await db.transaction(async (tx) => {
      await tx.write(cars, "inside");
      await tx.write([{ id: 4, name: "d" }], "inside", { mode: "append" });
    });
    const lost = db.transaction(async (tx) => {
      await tx.write([{ id: 5, name: "e" }], "inside", { mode: "append" });
      throw new Error("no");
    });
    await expect(lost).rejects.toThrow("no");
    expect(found(await read("inside"))).toHaveLength(4);
  });
});

test("a query of one database is written to another as it comes, also from and to the notebook's", async () => {
  const [duck, lite, own] = [createHandle("duck"), createHandle("lite"), createHandle("duckdb")];
  await own.write(sql`select i::int as id, 'n' || i as name from range(100000) t(i)`, "many");
  await lite.write(own.sql`from many`, "many", { key: "id" });
  await duck.write(lite.sql`select * from many where id < ${50_000}`, "many");
  expect(rows(await duck.sql`select count(*)::int n, sum(id)::int s, min(name) a from many`)).toEqual([
    { n: 50_000, s: 1_249_975_000, a: "n0" },
  ]);
});

test("types are exact in the new table", async () => {
  const duck = createHandle("duck");
  const source = sql`select 1::utinyint a, 2::smallint b, 3::hugeint::decimal(38,0) c, '1.20'::decimal(9,2) d, date '2024-02-29' e,
    timestamptz '2024-02-29 12:00:00+00' f, time '10:11:12.000013' g, [1, null] h, {x: 1, y: 'z'} i, '\\x00\\xFF'::blob j, interval '1 month 2 days 3 us' k`;
  await duck.write(source, "typed");
  const described = rows(
    await duck.sql`select string_agg(column_type, ' ' order by column_name) t from (describe typed)`,
  );
  expect(described).toEqual([
    {
      t: "UTINYINT SMALLINT DECIMAL(38,0) DECIMAL(9,2) DATE TIMESTAMP WITH TIME ZONE TIME INTEGER[] STRUCT(x INTEGER, y VARCHAR) BLOB INTERVAL",
    },
  ]);
  expect(rows(await duck.sql`select columns(*)::varchar from typed`)).toEqual(
    rows(await sql`select columns(*)::varchar from (${source})`),
  );
});
