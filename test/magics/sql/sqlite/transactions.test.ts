import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../../../magics/connections/registry.ts";
import { createHandle } from "../../../../magics/sql/handle.ts";
import { sqlMagic } from "../../../../magics/sql.ts";
import { createNotebook, lineCall } from "../../context.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-sqlite-"));
const db = createHandle("counts");

beforeAll(async () => {
  await addConnection("counts", `sqlite:${join(folder, "counts.db")}?busy_timeout=4s`, "%connect");
  await addConnection("reader", `sqlite:${join(folder, "counts.db")}?mode=ro`, "%connect");
  await db.sql`create table counts (n int)`;
  await db.sql`insert into counts values (0)`;
});
afterAll(async () => {
  await removeConnection("counts");
  await removeConnection("reader");
  rmSync(folder, { recursive: true });
});

test("transactions that read and then write come one after the other", { timeout: 30_000 }, async () => {
  const add = (): Promise<unknown> =>
    db.transaction(async ({ sql }) => {
      const n = Number((await sql`select n from counts`).getChildAt(0)!.get(0));
      await sql`update counts set n = ${n + 1}`;
    });
  await Promise.all(Array.from({ length: 10 }, add));
  expect(Number((await db.sql`select n from counts`).getChildAt(0)!.get(0))).toBe(10);
});

test("a file that is only read has transactions too, and SQLite has one isolation", async () => {
  const reader = createHandle("reader");
  const read = reader.transaction(async ({ sql }) => (await sql`select n from counts`).numRows);
  await expect(read).resolves.toBe(1);
  await expect(db.transaction(async () => 1, { isolation: "serializable" })).rejects.toThrow(
    "one isolation level only",
  );
});

test("a transaction that has read, and cannot write any more, says how to begin it", async () => {
  const { context } = createNotebook();
  const run = (line: string): Promise<unknown> => sqlMagic.run(lineCall(`counts ${line}`), context);
  await db.sql`pragma journal_mode = wal`;
  await run("begin");
  await run("select * from counts");
  await db.transaction(({ sql }) => sql`insert into counts values (5)`);
  await expect(run("insert into counts values (6)")).rejects.toMatchObject({ name: "DatabaseBusy" });
  await expect(run("insert into counts values (6)")).rejects.toThrow("begin immediate");
  await run("rollback");
});
