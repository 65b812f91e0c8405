import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../../magics/connections/registry.ts";
import { createHandle } from "../../../magics/sql/handle.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-transaction-"));

beforeAll(async () => {
  await addConnection("duck", `duckdb:${join(folder, "t.duckdb")}`, "%connect");
  await addConnection("lite", `sqlite:${join(folder, "t.sqlite")}`, "%connect");
});
afterAll(async () => {
  await removeConnection("duck");
  await removeConnection("lite");
  rmSync(folder, { recursive: true });
});

describe.each(["duck", "lite"])("%s", (name) => {
  const db = createHandle(name);
  const values = async (): Promise<number[]> =>
    (await db.sql`select a from t order by 1`).toArray().map((row: { a: unknown }) => Number(row.a));

  beforeEach(async () => void (await db.sql`drop table if exists t; create table t (a int not null)`));

  test("what runs still is waited for before the commit, and what follows it", async () => {
    const done: string[] = [];
    await db.transaction(async (tx) => {
      void tx.sql`insert into t values (1)`.then(() => done.push("first"));
      void tx
        .write([{ a: 2 }], "t", { mode: "append" })
        .then(() => tx.sql`insert into t values (3)`)
        .then(() => done.push("last"));
      await tx.sql`select 1`;
    });
    expect(done).toEqual(["first", "last"]);
    expect(await values()).toEqual([1, 2, 3]);
  });

  test("an error of what nobody awaited fails the transaction", async () => {
    const lost = db.transaction(async (tx) => {
      await tx.sql`insert into t values (1)`;
      tx.sql`insert into t values (null)`.catch(() => {});
    });
    await expect(lost).rejects.toThrow(/null/i);
    expect(await values()).toEqual([]);
    const kept = db.transaction(async (tx) => {
      await tx.sql`insert into t values (1)`;
      await Promise.all([tx.sql`insert into t values (null)`, tx.sql`insert into t values (2)`]);
    });
    await expect(kept).rejects.toThrow(/null/i);
    expect(await values()).toEqual([]);
  });

  test("a query that was made and never run is refused", async () => {
    const forgotten = db.transaction(async (tx) => {
      await tx.sql`insert into t values (1)`;
      void tx.sql`insert into   t
        values (${2})`;
    });
    await expect(forgotten).rejects.toThrow("a query of the transaction was not awaited: insert into t values (${…})");
    expect(await values()).toEqual([]);
  });

  test("queries that are part of others, and fragments, need no await", async () => {
    await db.transaction(async (tx) => {
      const part = tx.sql`select 1 as a`;
      const unused = tx.sql`where a = 2`;
      await tx.sql`insert into t select a from (${part}) x`;
      void unused;
    });
    expect(await values()).toEqual([1]);
  });
});
