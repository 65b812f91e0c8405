import { afterAll, expect, test } from "vitest";
import { runQuery } from "../../../magics/sql/run.ts";
import { notebookDatabase } from "../../../magics/sql/databases.ts";
import { sql } from "../../../magics/sql/handle.ts";

afterAll(() => sql.close());

const template = (text: string) => ({ strings: [text], values: [] });
const never = new AbortController().signal;

async function expectUsable(): Promise<void> {
  expect((await sql`select 42 as answer`).toArray().map((row) => row.toJSON())).toEqual([{ answer: 42 }]);
}

test("a result of many batches has every row once and in order", async () => {
  const table = await sql`from range(1_000_001) t(i)`;
  expect(table.batches.length).toBeGreaterThan(1);
  let next = 0n;
  for (const value of table.getChildAt(0)!) if (value === next) next++;
  expect([table.numRows, next]).toEqual([1_000_001, 1_000_001n]);
});

test("a limit ends a result that has no end", async () => {
  const table = await runQuery(notebookDatabase(), template("from range(1_000_000_000_000) t(i)"), {
    signal: never,
    startLine: 1,
    limit: 200_000,
  });
  expect(table?.numRows).toBe(200_000);
  await expectUsable();
});

test("an error after many rows is told, and the connection stays usable", async () => {
  const late = "select case when i = 3_000_000 then error('row is bad')::bigint else i end from range(9_000_000) t(i)";
  await expect(sql`${sql.raw(late)}`).rejects.toThrow("row is bad");
  await expectUsable();
});

test("an interrupt while rows come in rejects at once, and the connection stays usable", async () => {
  const signal = AbortSignal.timeout(30);
  const query = runQuery(notebookDatabase(), template("from range(1_000_000_000_000) t(i)"), { signal, startLine: 1 });
  await expect(query).rejects.toThrow("aborted due to timeout");
  await expectUsable();
});
