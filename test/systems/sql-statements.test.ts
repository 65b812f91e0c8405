import type { Table } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";
import { createHandle } from "../../magics/sql/handle.ts";
import { sqlMagic } from "../../magics/sql.ts";
import { cellCall, createNotebook } from "../magics/context.ts";
import { withServer } from "./servers.ts";

const pg = withServer("postgres");
const maria = withServer("mysql");

beforeAll(async () => {
  await addConnection("pg", pg.url, "%connect");
  await addConnection("maria", maria.url, "%connect");
  await addConnection("lite", "sqlite::memory:", "%connect");
});
afterAll(async () => {
  for (const name of ["pg", "maria", "lite"]) await removeConnection(name);
});

async function run(name: string, text: string): Promise<unknown> {
  const table = (await sqlMagic.run(cellCall(name, text), createNotebook().context)) as Table | undefined;
  const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
  const all = table?.toArray().map((row: { toJSON(): unknown }) => row.toJSON());
  return all && JSON.parse(JSON.stringify(all, plain));
}

describe("statements with others in their body are run whole", () => {
  test("MariaDB: routines, triggers, compound statements, delimiter lines", async () => {
    await run(
      "maria",
      `create table tt (a int);
       create or replace procedure p1(x int) begin
         declare i int default 0;
         while i < x do insert into tt values (case when i = 1 then 10 else i end); set i = i + 1; end while;
         if x > 2 then insert into tt values (if(x = 3, 33, 0)); end if;
       end;
       create trigger tr before insert on tt for each row begin set new.a = new.a + 1; set new.a = new.a * 2; end;
       call p1(3);`,
    );
    expect(await run("maria", "select a from tt order by a")).toEqual([{ a: 2 }, { a: 6 }, { a: 22 }, { a: 68 }]);
    expect(
      await run(
        "maria",
        `delete from tt; begin not atomic declare x int default 3; insert into tt values (x); end; select a from tt`,
      ),
    ).toEqual([{ a: 8 }]);
    expect(
      await run(
        "maria",
        "delimiter //\ncreate or replace function f1(x int) returns int begin set x = x + 1; return x; end//\ndelimiter ;\nselect f1(4) as n",
      ),
    ).toEqual([{ n: 5 }]);
    expect(await run("maria", "begin; insert into tt values (5); rollback; select count(*) as n from tt")).toEqual([
      { n: 1 },
    ]);
  });

  test("PostgreSQL: begin atomic, dollar quotes", async () => {
    expect(
      await run(
        "pg",
        `create table tt (a int);
         create function f1(x int) returns int language sql begin atomic
           insert into tt values (x); select case when x = 1 then 10 end; end;
         create procedure p1() language plpgsql as $$ begin insert into tt values (2); end $$;
         call p1(); select f1(1) as n`,
      ),
    ).toEqual([{ n: 10 }]);
    expect(await run("pg", "select count(*) as n from tt")).toEqual([{ n: 2 }]);
  });

  test("SQLite: triggers", async () => {
    expect(
      await run(
        "lite",
        `create table t (a int);
         create trigger tr after insert on t begin update t set a = a + 1; update t set a = case a when 6 then 12 end; end;
         insert into t values (5); select a from t`,
      ),
    ).toEqual([{ a: 12 }]);
  });
});

describe.each(["pg", "maria", "lite"])("what to write instead on %s", (name) => {
  const { sql } = createHandle(name);
  const says = (query: Promise<unknown>): Promise<string> => query.then(String, String);

  test("a text that stands for a table", async () => {
    for (const query of [sql`select * from ${"orders"}`, sql`select 1 from\n${"a"} x join ${"b"} y on true`])
      expect(await says(query)).toMatch(/A bound value cannot name a table.*sql\.id\(name\)/s);
    expect(await says(sql`select from ${sql.id("t")} where 1 = ${"x"} limit`)).not.toMatch(/cannot name a table/);
  });

  test("a table that stands for a value", async () => {
    const table = await sql`select 1 as a`;
    const said = await says(sql`select 1 where 1 = ${table}`);
    expect(said).toMatch(/is a table.*from or join/s);
    expect(said).not.toMatch(/typhoon_/);
  });
});

test("a body that is cut says how to keep it whole", async () => {
  const cut = run(
    "maria",
    "create procedure p9(a int) not deterministic reads sql data label: if a then select 1; end if",
  );
  await expect(cut).rejects.toThrow(/delimiter \/\//);
  await expect(run("maria", "create procedure p9(a int) begin select 1,; end")).rejects.not.toThrow(/delimiter/);
  await expect(run("pg", "create view v as select; sellect 1")).rejects.not.toThrow(/delimiter/);
});

test.each(["pg", "maria"])("--bench on %s undoes what each run changes", async (name) => {
  const bench = (text: string): Promise<unknown> => run(`${name} --bench 3`, text);
  await run(name, "create table benched (a int); insert into benched values (1), (2)");
  expect(await bench("insert into benched select a from benched")).toMatchObject([{ runs: 3, rows: 2 }]);
  expect(await run(name, "select count(*) as n from benched")).toEqual([{ n: 2 }]);
  const made = await bench("create table made_anew (a int)").then(() => "undone", String);
  expect(made).toMatch(name === "maria" ? /MySQL.* cannot undo this statement/ : /^undone$/);
  await expect(run(name, "select * from made_anew")).rejects.toThrow(/made_anew/);
});
