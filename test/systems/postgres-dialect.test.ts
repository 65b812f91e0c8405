import { expect, test } from "vitest";
import type { PlanNode } from "../../magics/sql/dialect.ts";
import { dialect } from "../../magics/sql/postgres/dialect.ts";
import { type Found, withDatabase } from "./postgres-session.ts";

const { run } = withDatabase();

function records({ columns, rows }: Found): Record<string, string | null>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
}

async function plan(sql: string, analyze: boolean): Promise<PlanNode> {
  return dialect.readPlan(records(await run(dialect.explain(sql, analyze))));
}

function labels({ label, children }: PlanNode): readonly string[] {
  return [label, ...children.flatMap(labels)];
}

test("the catalog lists tables and views with their columns, and describes a table", async () => {
  await run('create schema "my shop"');
  await run(
    `create table "my shop"."Order's" (id integer primary key, "Who" text not null default 'me', price numeric(8, 2)[])`,
  );
  await run("create view seen as select 1 as one");
  await run("create temporary table passing (n bigint)");
  expect(records(await run(dialect.tables))).toEqual([
    { schema: "my shop", name: "Order's", kind: "table", rows: null },
    { schema: "pg_temp", name: "passing", kind: "table", rows: null },
    { schema: "public", name: "seen", kind: "view", rows: null },
  ]);
  expect(records(await run(dialect.columns))).toEqual([
    { schema: "my shop", name: "Order's", col: "id", type: "integer" },
    { schema: "my shop", name: "Order's", col: "Who", type: "text" },
    { schema: "my shop", name: "Order's", col: "price", type: "numeric(8,2)[]" },
    { schema: "", name: "passing", col: "n", type: "bigint" },
    { schema: "", name: "seen", col: "one", type: "integer" },
  ]);
  const described = await run(dialect.describe(["my shop", "Order's"].map(dialect.quote).join(".")));
  expect(records(described)).toEqual([
    { name: "id", type: "integer", nullable: "f", default: null, key: "t" },
    { name: "Who", type: "text", nullable: "f", default: "'me'::text", key: "f" },
    { name: "price", type: "numeric(8,2)[]", nullable: "t", default: null, key: "f" },
  ]);
  const functions = (await run(dialect.functions!)).rows.map(([name]) => name);
  expect(functions).toEqual(expect.arrayContaining(["abs", "generate_series", "jsonb_agg", "pg_sleep"]));
  expect(functions).not.toContain("int4in");
});

test("a plan is a tree with costs, and with times where it was run", async () => {
  await run("create table big as select i as id, i % 10 as kind from generate_series(1, 20000) i");
  await run("create table small as select i as id from generate_series(1, 5) i");
  await run("create index big_id on big (id)");
  await run("analyze big");
  await run("analyze small");
  const estimated = await plan("select * from big b where id = 7", false);
  expect(estimated).toMatchObject({
    label: "Index Scan using big_id on big b",
    details: ["Index Cond: (id = 7)"],
    rows: 1,
    children: [],
  });
  expect(estimated.cost).toBeGreaterThan(0);
  expect(estimated.actualRows).toBeUndefined();
  const measured = await plan(
    "select kind, count(*) from big left join small using (id) where kind < 3 group by kind",
    true,
  );
  expect(measured).toMatchObject({ label: "HashAggregate", actualRows: 3 });
  expect(measured.details.some((detail) => /^Execution Time: [\d.]+ ms$/.test(detail))).toBe(true);
  expect(labels(measured)).toEqual(["HashAggregate", "Hash Left Join", "Seq Scan on big", "Hash", "Seq Scan on small"]);
  expect(labels(await plan("insert into small select 6", false))[0]).toBe("Insert on small");
});

test("every Arrow type has a type that a table can be made of", async () => {
  const child = { name: "item", type: { kind: "int", bits: 8, signed: false } } as const;
  const types = [
    { kind: "null" },
    { kind: "bool" },
    ...([8, 16, 32, 64] as const).flatMap((bits) =>
      [true, false].map((signed) => ({ kind: "int", bits, signed }) as const),
    ),
    { kind: "float", bits: 32 },
    { kind: "float", bits: 64 },
    { kind: "decimal", precision: 38, scale: 9 },
    { kind: "utf8" },
    { kind: "binary" },
    { kind: "date" },
    { kind: "interval" },
    { kind: "time", unit: "microsecond" },
    { kind: "timestamp", unit: "second" },
    { kind: "timestamp", unit: "microsecond", timezone: "UTC" },
    { kind: "enum", bits: 8, values: ["a"] },
    { kind: "list", child: { name: "item", type: { kind: "fixedList", size: 2, child } } },
    { kind: "struct", children: [child] },
    { kind: "map", key: child, value: child },
  ] as const;
  const names = types.map((type) => dialect.typeName(type));
  await run(`${dialect.createTemporary} every (${names.map((name, i) => `c${i} ${name}`).join(", ")})`);
  const { rows } = await run("select string_agg(type, '; ') from (" + dialect.describe("every") + ") d");
  expect(rows[0]![0]).toBe(
    "text; boolean; smallint; smallint; smallint; integer; integer; bigint; bigint; numeric(20,0); real; double precision; " +
      "numeric(38,9); text; bytea; date; interval; time without time zone; timestamp without time zone; " +
      "timestamp with time zone; text; smallint[]; jsonb; jsonb",
  );
  expect(() => dialect.typeName({ kind: "timestamp", unit: "nanosecond" })).toThrow(/nanoseconds. Cast it/);
});

test("an upsert changes what is there and adds the rest", async () => {
  await run("create table stock (id integer primary key, n integer)");
  await run("insert into stock values (1, 10), (2, 20)");
  await run("create table staging as select * from (values (2, 200), (3, 300)) v(id, n)");
  await run(dialect.upsert('"stock"', '"staging"', ['"id"', '"n"'], ['"id"']));
  expect((await run("select * from stock order by id")).rows).toEqual([
    ["1", "10"],
    ["2", "200"],
    ["3", "300"],
  ]);
});
