import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Table } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../../magics/connections/connect.ts";
import { addConnection, removeConnection } from "../../../magics/connections/registry.ts";
import { sqlMagic } from "../../../magics/sql.ts";
import { createHandle, sql as notebookSql } from "../../../magics/sql/handle.ts";
import { cellCall, createNotebook, lineCall } from "../context.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-sql-"));
const shop = createHandle("shop");

beforeAll(async () => {
  await addConnection("shop", `duckdb:${join(folder, "shop.duckdb")}`, "%connect");
  await shop.sql`create table orders(id int primary key, value decimal(10, 2))`;
});
afterAll(async () => {
  await removeConnection("shop");
  rmSync(folder, { recursive: true });
});

function rows(table: unknown): unknown[] {
  return (table as Table).toArray().map((row: { toJSON(): unknown }) => row.toJSON());
}

async function count(): Promise<number> {
  const [row] = rows(await shop.sql`select count(*)::int n from orders`) as { n: number }[];
  return row!.n;
}

test("the notebook's own database has a handle as well", async () => {
  const own = await connect("duckdb");
  await own.sql`create or replace table here as select 7 as n`;
  expect(rows(await notebookSql`from here`)).toEqual([{ n: 7 }]);
  await notebookSql.close();
});

describe("a transaction", () => {
  test("is committed when its work resolves, to what that returns", async () => {
    const before = await count();
    const value = await shop.transaction(async ({ sql }) => {
      await sql`insert into orders values (${before + 1}, ${"1.50"})`;
      return "done";
    });
    expect([value, await count()]).toEqual(["done", before + 1]);
  });

  test("is rolled back when its work throws, and not seen meanwhile", async () => {
    const before = await count();
    const work = shop.transaction(async ({ sql }) => {
      await sql`insert into orders values (${before + 1}, 1)`;
      expect(await count()).toBe(before);
      throw new RangeError("no");
    });
    await expect(work).rejects.toThrow(new RangeError("no"));
    expect(await count()).toBe(before);
  });

  test("takes one query after the other, also of several begun at once", async () => {
    const sums = await shop.transaction(({ sql }) =>
      Promise.all([1, 2, 3].map(async (n) => rows(await sql`select ${n}::int n`)[0])),
    );
    expect(sums).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test("takes no query once it has ended", async () => {
    const leaked = await shop.transaction(async ({ sql }) => sql);
    await expect(leaked`select 1`).rejects.toThrow("%sql: the transaction has ended. Await its queries inside it");
  });

  test("has the isolation that the database has", async () => {
    await expect(shop.transaction(async () => 1, { isolation: "serializable" })).rejects.toThrow(
      "DuckDB has one isolation level only; leave it out",
    );
  });
});

test("a transaction that a query begins and fails in is rolled back", async () => {
  const before = await count();
  const { context } = createNotebook();
  const cell = cellCall("shop", `begin; insert into orders values (${before + 1}, 1); select * from nowhere`);
  await expect(sqlMagic.run(cell, context)).rejects.toThrow("nowhere does not exist");
  expect(await count()).toBe(before);
});

test("one that was begun in an earlier cell stays open, for the notebook's session", async () => {
  const before = await count();
  const { context } = createNotebook();
  const run = (line: string): Promise<unknown> => sqlMagic.run(lineCall(line), context);
  await run("shop begin");
  await run(`shop insert into orders values (${before + 1}, 1)`);
  await expect(run("shop selec 1")).rejects.toThrow("syntax error");
  await run("shop commit");
  expect(await count()).toBe(before + 1);
});

test("names are quoted, texts pasted and values cast", async () => {
  const { sql } = shop;
  const [row] = rows(
    await sql`select ${sql.cast("12.30", "decimal(10, 2)")} + 1 as ${sql.id('a "b"')}, ${sql.raw("2")} c`,
  );
  expect(Object.keys(row as object)).toEqual(['a "b"', "c"]);
  expect(() => sql.cast(1, "int); drop table orders; --")).toThrow("is no SQL type");
});

test("closed, it opens again with what its file has", async () => {
  const before = await count();
  await shop.close();
  expect(await count()).toBe(before);
});

test("a query that takes too long is cancelled", async () => {
  const { context } = createNotebook();
  const endless = "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range % 7 = 3";
  const start = performance.now();
  await expect(sqlMagic.run(cellCall("shop --timeout 300ms", endless), context)).rejects.toMatchObject({
    name: "TimeoutError",
    message: "%sql: the query took longer than 300 ms and was cancelled. Give --timeout more, or ask for less",
  });
  expect(performance.now() - start).toBeLessThan(1500);
  expect(rows(await sqlMagic.run(lineCall("shop select 1 a"), context))).toEqual([{ a: 1 }]);
});

test("--dry-run shows what would run, checked but not run", async () => {
  const before = await count();
  const notebook = createNotebook({ names: { id: before + 1 } });
  await sqlMagic.run(cellCall("shop --dry-run", "insert into orders values (:id, 1)"), notebook.context);
  expect(notebook.printed()).toBe(
    `insert into orders values ($1, 1)\n  $1 = ${before + 1}\n-- not run; DuckDB v1.5.6 on shop takes it\n`,
  );
  const wrong = sqlMagic.run(cellCall("shop --dry-run", "select 1;\nselect nothing from orders"), notebook.context);
  await expect(wrong).rejects.toThrow(/LINE 3: select nothing from orders\n +\^/);
  expect(await count()).toBe(before);
});

test("options that do not go together are refused", async () => {
  const { context } = createNotebook();
  await expect(sqlMagic.run(lineCall("--stream --dry-run select 1"), context)).rejects.toThrow(
    "--stream and --dry-run do not go together",
  );
});
