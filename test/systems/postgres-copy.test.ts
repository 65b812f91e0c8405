import { expect, test } from "vitest";
import type { Batch, Column, ColumnType } from "../../magics/columnar/columnar.ts";
import { never, withDatabase } from "./postgres-session.ts";

const { run, session, another } = withDatabase();

/** Rows of a query as batches, read from another session while they are written. */
async function rowsOfQuery(sql: string): Promise<{ columns: readonly Column[]; batches: AsyncIterable<Batch> }> {
  return (await another()).start({ sql, values: [] }, never);
}

test("many rows of many types are the same in the table", async () => {
  const select = `select i, i::int8 * 1000000007 as b, i / 7.0::float8 as f, (i * 1.25)::numeric(12, 2) as d, 'text ' || i as t,
    timestamptz '2024-01-01' + i * interval '1 s' as at, date '2020-01-01' + i % 1000 as day, i % 2 = 0 as even, array[i, null] as a,
    nullif(i % 3, 0)::int2 as n, (i || '12345678901234567890')::numeric(38, 5) as big, (-i / 1000.0)::numeric(10, 3) as neg
    from generate_series(1, 100000) i`;
  await run(`create table copied as ${select} limit 0`);
  const { columns, batches } = await rowsOfQuery(select);
  expect(await session().insert("copied", columns, batches, never)).toBe(100_000);
  expect((await run(`select count(*) from (select * from copied except ${select}) d`)).rows).toEqual([["0"]]);
});

const values: readonly (readonly [string, string, string])[] = [
  ["integer", "select 1 as v", "bigint"],
  ["integer", "select -1 as v", "smallint"],
  ["integer", "select 5 as v", "numeric"],
  ["bigint", "select 5::int8 as v", "integer"],
  ["real", "select 0.5::real as v", "double precision"],
  ["text", "select '{\"a\":1}' as v", "jsonb"],
  ["text", "select '2024-01-01' as v", "date"],
  ["text", "select '0123abcd-ef01-2345-6789-abcdefabcdef' as v", "uuid"],
  ["timestamp", "select timestamp '2024-01-01' as v", "timestamptz"],
  ["date", "select date '2024-01-01' as v", "timestamp"],
  ["null", "select null::void as v", "integer"],
  ["struct", "select row(1, 'é') as v", "jsonb"],
];

test.for(values)("%s (%s) goes into a column of type %s", async ([, select, type]) => {
  await run("drop table if exists other_type");
  await run(`create table other_type (v ${type})`);
  const { columns, batches } = await rowsOfQuery(select);
  expect(await session().insert("other_type", columns, batches, never)).toBe(1);
});

test("what does not fit is refused, and nothing of it is there", async () => {
  await run("create table narrow (v smallint)");
  await run("begin");
  const { columns, batches } = await rowsOfQuery("select i as v from generate_series(1, 100000) i");
  await expect(session().insert("narrow", columns, batches, never)).rejects.toMatchObject({
    name: "NumericValueOutOfRange",
  });
  await run("rollback");
  expect((await run("select count(*) from narrow")).rows).toEqual([["0"]]);
  await run("create table strict (v varchar(3) not null)");
  const long = await rowsOfQuery("select repeat('x', 4) as v");
  await expect(session().insert("strict", long.columns, long.batches, never)).rejects.toMatchObject({
    code: "22001",
    detail: expect.stringContaining("line 1"),
  });
  const none = await rowsOfQuery("select 1 as nope");
  await expect(session().insert("strict", none.columns, none.batches, never)).rejects.toMatchObject({
    name: "UndefinedColumn",
  });
  expect((await run("select 1")).rows).toEqual([["1"]]);
});

test("timestamps of other units, fixed lists and bytes that Arrow tables hold are written", async () => {
  const type = (kind: ColumnType): Column => ({ name: "v", type: kind });
  const longs = new Uint8Array(BigInt64Array.of(1_700_000_000n).buffer);
  await run("create table units (v timestamptz)");
  const batch = { length: 1, columns: [{ length: 1, nullCount: 0, values: longs }] };
  for (const unit of ["second", "nanosecond"] as const)
    await session().insert("units", [type({ kind: "timestamp", unit, timezone: "UTC" })], once(batch), never);
  expect((await run("select v from units order by v")).rows).toEqual([
    ["1970-01-01 00:00:01.700000Z"],
    ["2023-11-14 22:13:20.000000Z"],
  ]);
});

test("a source that fails, or an abort, leaves nothing, and the session goes on", async () => {
  await run("create table half (v integer)");
  const { columns, batches } = await rowsOfQuery("select i as v from generate_series(1, 1000000) i");
  const failing = (async function* () {
    let count = 0;
    for await (const batch of batches) {
      if (count++ > 3) throw new RangeError("the source is broken");
      yield batch;
    }
  })();
  await expect(session().insert("half", columns, failing, never)).rejects.toThrow("the source is broken");
  const stop = new AbortController();
  const waiting = (async function* (): AsyncGenerator<Batch> {
    yield* (await rowsOfQuery("select 1 as v")).batches;
    stop.abort(new Error("stopped"));
    await new Promise(() => {});
  })();
  const at = performance.now();
  await expect(session().insert("half", columns, waiting, stop.signal)).rejects.toThrow("stopped");
  expect(performance.now() - at).toBeLessThan(1000);
  expect((await run("select count(*) from half")).rows).toEqual([["0"]]);
});

test("a server that refuses is heard before the source has ended", async () => {
  await run("create table checked (v integer check (v < 10))");
  let given = 0;
  const { columns, batches } = await rowsOfQuery("select i as v from generate_series(1, 3000000) i");
  const counted = (async function* () {
    for await (const batch of batches) {
      given += batch.length;
      yield batch;
    }
  })();
  await expect(session().insert("checked", columns, counted, never)).rejects.toMatchObject({ name: "CheckViolation" });
  expect(given).toBeLessThan(3_000_000);
});

async function* once(batch: Batch): AsyncGenerator<Batch> {
  yield batch;
}
