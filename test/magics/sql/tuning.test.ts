import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Table, tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { displaySymbol } from "../../../display/mimebundle.ts";
import { addConnection, removeConnection } from "../../../magics/connections/registry.ts";
import { createHandle, sql } from "../../../magics/sql/handle.ts";
import { type Plan, comparePlans, createPlan } from "../../../magics/sql/plan.ts";
import { fnv1a, shard, shards } from "../../../magics/sql/shard.ts";
import { sqlMagic } from "../../../magics/sql.ts";
import { createNotebook, lineCall } from "../context.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-tuning-"));
const names = ["duck", "lite"];

beforeAll(async () => {
  await addConnection("duck", `duckdb:${join(folder, "t.duckdb")}`, "%connect");
  await addConnection("lite", `sqlite:${join(folder, "t.sqlite")}`, "%connect");
  for (const name of names)
    await createHandle(name).write(
      Array.from({ length: 2500 }, (_, i) => ({
        id: i,
        kind: `k${i % 7}`,
        moment: new Date(Date.UTC(2024, 0, 1, 0, 0, i)),
      })),
      "events",
    );
});
afterAll(async () => {
  for (const name of names) await removeConnection(name);
  await sql.close();
  rmSync(folder, { recursive: true });
});

function rows(table: unknown): unknown[] {
  return (table as Table).toArray().map((row: { toJSON(): unknown }) => row.toJSON());
}

const { context } = createNotebook();
const run = (line: string): Promise<unknown> => sqlMagic.run(lineCall(line), context);
const text = (plan: Plan): string => String((plan[displaySymbol]() as Record<string, unknown>)["text/plain"]);

describe("a plan", () => {
  test("is a tree, and another with an index; side by side they show what changed", async () => {
    const lite = createHandle("lite");
    const query = lite.sql`select * from events where kind = ${"k1"}`;
    const before = await lite.explain(query);
    await lite.sql`create index by_kind on events(kind)`;
    const after = await lite.explain(query);
    expect([text(before), text(after)]).toEqual([
      expect.stringContaining("SCAN events"),
      expect.stringContaining("USING INDEX by_kind"),
    ]);
    const shown = comparePlans(before, after)[displaySymbol]() as Record<string, string>;
    expect(shown["text/plain"]).toMatch(/^before\nSCAN events.*after\nSEARCH events.*neither plan has figures/s);
    expect(shown["text/html"]).not.toContain("<script");
  });

  test("is measured by --analyze, which changes nothing", async () => {
    const plan = (await run("duck --analyze delete from events where id < 100")) as Plan;
    expect(plan.isMeasured).toBe(true);
    expect(text(plan)).toMatch(/DELETE.*ms/s);
    expect(rows(await createHandle("duck").sql`select count(*)::int n from events`)).toEqual([{ n: 2500 }]);
    expect(text((await run("duck --explain select kind, count(*) from events group by kind")) as Plan)).toMatch(
      /rows expected/,
    );
  });

  test("of what is no query is the database's error at its place, several statements are refused", async () => {
    await expect(run("duck --explain select nothing from events")).rejects.toThrow(/LINE 1:.*nothing.*\n +\^/);
    await expect(run("duck --explain select 1; select 2")).rejects.toThrow(/one statement at a time/);
    await expect(createHandle("duck").explain("select 1" as never)).rejects.toThrow(
      /written without await, as in db\.explain/,
    );
    expect(() => comparePlans({} as Plan, {} as Plan)).toThrow(/before is no plan/);
  });

  test("shows its figures, and escapes what it shows", () => {
    const plan = (cost: number, actualMs: number): Plan =>
      createPlan({
        sql: "",
        isMeasured: true,
        root: {
          label: "Join <b>",
          details: ["on a < b"],
          cost,
          rows: 1234,
          actualRows: 5,
          actualMs,
          children: [
            { label: "Scan", details: [], children: [] },
            { label: "Index", details: ["key"], children: [] },
          ],
        },
      });
    expect(text(plan(10, 2))).toBe(
      "Join <b>  (cost 10 · 1,234 rows expected · 5 rows · 2 ms)\n│   on a < b\n├─ Scan\n└─ Index\n       key",
    );
    const shown = comparePlans(plan(1200, 52), plan(8, 0.4))[displaySymbol]() as Record<string, string>;
    expect(shown["text/html"]).toContain("Join &lt;b&gt;");
    expect(shown["text/plain"]).toMatch(/cost 1,200 → 8 \(150 times less\) · ms 52 → 0\.4 \(130 times less\)$/);
    const same = comparePlans(plan(8, 0.4), plan(8, 0.2))[displaySymbol]() as Record<string, string>;
    expect(same["text/plain"]).toMatch(/cost 8 → 8 \(the same\) · ms 0\.4 → 0\.2 \(2 times less\)$/);
  });
});

test.each(names)("--bench on %s gives the times of its runs", async (name) => {
  const [row] = rows(await run(`${name} --bench 5 select kind, count(*) from events group by kind`)) as Record<
    string,
    number
  >[];
  expect(row).toMatchObject({ runs: 5, rows: 7, plan: "same" });
  expect(row!["min_ms"]).toBeLessThanOrEqual(row!["median_ms"]!);
  expect(row!["median_ms"]).toBeLessThanOrEqual(row!["p95_ms"]!);
  expect(row!["p95_ms"]).toBeLessThanOrEqual(row!["max_ms"]!);
  await expect(run(`${name} --bench 0 select 1`)).rejects.toThrow(/whole number from 1/);
  await expect(run(`${name} --bench 3 select nothing`)).rejects.toThrow(/nothing/);
});

test.each(names)("--bench on %s undoes what each run changes", async (name) => {
  const db = createHandle(name);
  const count = async (): Promise<unknown> => Number((await db.sql`select count(*) as n from events`).get(0)!["n"]);
  const before = await count();
  expect(rows(await run(`${name} --bench 3 delete from events where id < 100`))).toMatchObject([
    { runs: 3, rows: 100 },
  ]);
  await run(`${name} --bench 2 create table benched as select 1 as a`);
  expect(await count()).toBe(before);
  await expect(db.sql`select * from benched`).rejects.toThrow(/benched/);
  await run(`${name} begin`);
  await expect(run(`${name} --bench 2 delete from events`)).rejects.toThrow(/in the open transaction at each run/);
  expect(rows(await run(`${name} --bench 2 select 1 as a`))).toMatchObject([{ runs: 2 }]);
  await run(`${name} rollback`);
  await expect(run(`${name} --bench 2 insert into events select nothing`)).rejects.toThrow(/nothing/);
  expect(await count()).toBe(before);
});

describe.each(names)("pages of %s", (name) => {
  const db = createHandle(name);
  const read = async (key: string | string[], descending = false): Promise<{ sizes: number[]; ids: number[] }> => {
    const pages = await Array.fromAsync(
      db.pages(db.sql`select id, kind, moment from events where id >= ${10} -- a comment`, {
        key,
        size: 1000,
        descending,
      }),
    );
    return {
      sizes: pages.map(({ numRows }) => numRows),
      ids: pages.flatMap((page) => [...page.getChild("id")!].map(Number)),
    };
  };
  const all = Array.from({ length: 2490 }, (_, i) => i + 10);

  test("by a key, two, a time, and from the end, have each row once, in order", async () => {
    expect(await read("id")).toEqual({ sizes: [1000, 1000, 490], ids: all });
    expect(await read("moment")).toEqual({ sizes: [1000, 1000, 490], ids: all });
    expect((await read("id", true)).ids).toEqual(all.toReversed());
    expect((await read(["kind", "id"])).ids.toSorted((a, b) => a - b)).toEqual(all);
  });

  test("need a key that the query gives", async () => {
    const first = (key: string | string[]) => db.pages(db.sql`select id from events`, { key, size: 10 }).next();
    await expect(first([])).rejects.toThrow(/pages need a key/);
    const pages = db.pages(db.sql`select id, null as gap from events`, { key: "gap", size: 10 });
    await pages.next();
    await expect(pages.next()).rejects.toThrow(/the key "gap" is null/);
  });
});

describe("shards", () => {
  const databases = ["a", "b", "c"].map((name) => ({ name }));

  test("a key has its place, by a hash that other languages have", () => {
    expect([fnv1a(""), fnv1a("a"), fnv1a("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
    expect(shard("foobar", databases).name).toBe(databases[0xbf9cf968 % 3]!.name);
    expect(shard(7n, databases)).toBe(shard("7", databases));
    const counts = new Map<string, number>();
    for (let key = 0; key < 3000; key++) {
      const { name } = shard(key, databases, { method: "rendezvous" });
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("rendezvous moves only the keys of the new one", () => {
    const more = [...databases, { name: "d" }];
    const keys = Array.from({ length: 1000 }, (_, i) => `user:${i}`);
    const moved = keys.filter(
      (key) => shard(key, databases, { method: "rendezvous" }).name !== shard(key, more, { method: "rendezvous" }).name,
    );
    expect(moved.every((key) => shard(key, more, { method: "rendezvous" }).name === "d")).toBe(true);
    expect(moved.length).toBeLessThan(330);
  });

  test("all are asked at once and answer as one table; which one failed is said", async () => {
    const handles = shards(names.map((name) => createHandle(name)));
    const table = await handles.all((db) => db.sql`select count(*) as n from events`);
    expect(rows(table)).toEqual([{ n: 2500n }, { n: 2500n }]);
    expect(names).toContain(handles.of("x").name);
    await expect(
      handles.all((db) => (db.name === "lite" ? db.sql`select * from nowhere` : db.sql`select 1 as n`)),
    ).rejects.toThrow(/on lite: .*nowhere/);
    await expect(handles.all(async (db) => tableFromArrays({ [db.name]: [1] }))).rejects.toThrow(
      /lite gives other columns than duck/,
    );
    expect(() => shard("x", [])).toThrow(/no database to choose from/);
    expect(() => shard(null as never, databases)).toThrow(/a key is a text or a number, not null/);
    expect(() => shard("x", databases, { method: "range" as never })).toThrow(/no method "range"/);
  });
});
