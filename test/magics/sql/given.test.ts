import { tableFromArrays } from "apache-arrow";
import { expect, test } from "vitest";
import { connect, sql } from "../../../kernel/api.ts";

const rows = (table: { toArray(): unknown[] }): unknown[] => table.toArray().map((row) => Object.values(row as object));
const users = tableFromArrays({ who: ["variable"] });

test("variables that are given are read where the database has no table of that name", async () => {
  expect(rows(await sql.given({ Users: users })`select who from users`)).toEqual([["variable"]]);
  await sql`create temp table users as select 'table' as who`;
  expect(rows(await sql.given({ users })`select who from users`)).toEqual([["table"]]);
  await sql`drop table users`;
  expect(rows(await sql.given({ users })`select who from users`)).toEqual([["variable"]]);
});

test("on a connection too, by all that runs a query", async () => {
  const db = await connect("sqlite::memory:", { as: "given_lite" });
  const names = { users, other: 1 };
  expect(rows(await db.sql.given(names)`select who from users`)).toEqual([["variable"]]);
  expect((await db.bench(db.sql.given(names)`select who from users`, { runs: 1 })).numRows).toBe(1);
  const found: unknown[] = [];
  for await (const batch of db.sql.given(names)`select who from users`.stream()) found.push(...rows(batch));
  expect(found).toEqual([["variable"]]);
  await db.sql`create table users as select 'table' as who`;
  expect(rows(await db.sql.given(names)`select who from users`)).toEqual([["table"]]);
  await expect(db.sql.given(names)`select * from other`).rejects.toThrow(/other/);
  await db.close();
});
