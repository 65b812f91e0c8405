import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Table } from "apache-arrow";
import { afterEach, expect, test } from "vitest";
import { setOutput } from "../../../display/output.ts";
import { addConnection, closeConnection, removeConnection } from "../../../magics/connections/registry.ts";
import { createHandle } from "../../../magics/sql/handle.ts";
import { recordingOutput } from "../../display/recording-output.ts";

const endless = "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range % 7 = 3";
const numbers = "select range as i from range(5000000)";

afterEach(async () => {
  setOutput(() => undefined);
  await removeConnection("small");
});

/** A database in memory with so many sessions beside the notebook's. */
async function open(most: number): Promise<ReturnType<typeof createHandle>> {
  await addConnection("small", `duckdb::memory:?pool_max=${most}`, "%connect");
  return createHandle("small");
}

function count(table: Table): number {
  return Number(table.getChildAt(0)!.get(0));
}

test("writes that read from the same database do not wait for each other's sessions", async () => {
  const { sql, write } = await open(1);
  const written = await Promise.all(["a", "b", "c"].map((name) => write(sql`from range(10)`, name)));
  expect(written.map(({ rows }) => rows)).toEqual([10, 10, 10]);
  expect(count(await sql`select count(*) from a`)).toBe(10);
});

test("whoever waits for a session is told why, once, and goes on when one is free", async () => {
  const output = recordingOutput();
  setOutput(() => output);
  const { sql } = await open(1);
  const first = sql`${sql.raw(numbers)}`.stream();
  await first.next();
  const second = sql`from range(3)`.stream();
  const batch = second.next();
  while (output.shown.length === 0) await turn();
  expect(output.shown).toMatchObject([
    {
      text: "typhoon: the one session of small is in use, so this waits. Leave streams by break or return(), end transactions, or allow more by pool_max.\n",
    },
  ]);
  await first.return();
  expect((await batch).value).toMatchObject({ numRows: 3 });
  await second.return();
});

test("a stream that is dropped without an end gives its session back", async () => {
  const { sql } = await open(1);
  await (async () => void (await sql`${sql.raw(numbers)}`.stream().next()))();
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const next = sql`from range(3)`.stream().next();
  const served = next.then(() => true);
  while (!(await Promise.race([served, turn(false)]))) collect();
  expect((await next).value).toMatchObject({ numRows: 3 });
});

test("closing ends what runs, in the notebook's session and beside it", async () => {
  const output = recordingOutput();
  setOutput(() => output);
  const { sql } = await open(4);
  const stream = sql`${sql.raw(numbers)}`.stream();
  await stream.next();
  const query = sql`${sql.raw(endless)}`.then(
    () => "has ended",
    (error: unknown) => String(error),
  );
  while (output.shown.length === 0) await turn(); // its bar
  const start = performance.now();
  await closeConnection("small");
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(await query).toMatch(/closed|[Ii]nterrupt/);
  await expect(stream.next()).rejects.toThrow(/closed|[Ii]nterrupt/);
  expect(count(await sql`select 7`)).toBe(7);
});
