import { tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";
import { createHandle } from "../../magics/sql/handle.ts";
import { sqlMagic } from "../../magics/sql.ts";
import { createNotebook, lineCall } from "../magics/context.ts";
import { withServer } from "./servers.ts";

const server = withServer("postgres");
const db = createHandle("pg");

beforeAll(() => addConnection("pg", server.url, "%connect"));
afterAll(() => removeConnection("pg"));

const count = async (table: string): Promise<number> =>
  Number((await db.sql`select count(*) from ${db.sql.id(table)}`).getChildAt(0)!.get(0));

test("a transaction that the server has rolled back is no success", async () => {
  await db.sql`create table ids (id int)`;
  const done = db.transaction(async (tx) => {
    await tx.sql`insert into ids values (100)`;
    await tx.sql`select 1/0`.catch(() => {});
    return "committed";
  });
  await expect(done).rejects.toMatchObject({
    name: "TransactionRollback",
    message: /division by zero.*rolled it back/,
  });
  expect(await count("ids")).toBe(0);

  const after = await db.transaction(async (tx) => {
    await tx.sql`savepoint s`;
    await tx.sql`select 1/0`.catch(() => {});
    await tx.sql`rollback to savepoint s`;
    await tx.sql`insert into ids values (101)`;
    return "committed";
  });
  expect(after).toBe("committed");
  expect(await count("ids")).toBe(1);
});

test("a commit in a cell after an error says that nothing was committed", async () => {
  const { context } = createNotebook();
  const run = (line: string): Promise<unknown> => sqlMagic.run(lineCall(`pg ${line}`), context);
  await run("begin");
  await expect(run("select * from nowhere")).rejects.toThrow(/nowhere/);
  await expect(run("/* all */ commit")).rejects.toMatchObject({
    name: "TransactionRollback",
    message: /"nowhere" does not exist.*rolled it back/s,
  });
  await run("begin");
  await expect(run("select 1/0")).rejects.toThrow(/division/);
  await run("-- away\nrollback");
  await run("begin");
  await run("commit");
});

test("a table that was made anew with other columns is read as it is now", async () => {
  const read = async (): Promise<unknown> =>
    (await db.sql`select * from made order by 1`).toArray().map((row) => row.toJSON() as unknown);
  await db.write(tableFromArrays({ a: Int32Array.of(1, 2) }), "made");
  expect(await read()).toEqual([{ a: 1 }, { a: 2 }]);
  await db.write([{ a: "x", b: 0.5 }], "made", { mode: "replace" });
  expect(await read()).toEqual([{ a: "x", b: 0.5 }]);

  const add = (): Promise<unknown> => db.sql`insert into made (b) values (${0.25}) returning *`;
  await add();
  await db.write([{ b: 1.5, c: true }], "made", { mode: "replace" });
  await add();
  expect(await count("made")).toBe(2);

  const find = (): Promise<unknown> => db.sql`select * from made where b = ${1.5}`;
  await find();
  await db.write([{ b: "1.5" }], "made", { mode: "replace" });
  await expect(find()).rejects.toThrow(/text/);
  await db.write([{ b: 1.5, d: 1 }], "made", { mode: "replace" });
  expect(await find()).toMatchObject({ numRows: 1, numCols: 2 });
});

test("within a transaction too", async () => {
  await db.write([{ a: 1 }], "held", { mode: "replace" });
  await expect(
    db.transaction(async (tx) => {
      await tx.sql`select * from held`;
      await tx.write([{ a: 1, b: 2 }], "held", { mode: "replace" });
      expect(await tx.sql`select * from held`).toMatchObject({ numCols: 2 });
      return "done";
    }),
  ).resolves.toBe("done");
});

test("a list with nothing in it has every type", async () => {
  await db.write([{ n: 1, t: "a", d: new Date(0) }], "typed", { mode: "replace" });
  const none: unknown[] = [];
  for (const column of ["n", "t", "d"]) {
    const name = db.sql.id(column);
    expect((await db.sql`select * from typed where ${name} in (${none})`).numRows).toBe(0);
    expect((await db.sql`select * from typed where ${name} not /* ever */ in ( ${none} )`).numRows).toBe(1);
    expect((await db.sql`select * from typed where not ${name} in (${none}) and true`).numRows).toBe(1);
  }
  expect((await db.sql`select * from typed where ${5} in (${none}) or ${"x"} not in (${none})`).numRows).toBe(1);
});
