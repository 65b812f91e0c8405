import { expect, test } from "vitest";
import { type SqlNames, tablesCreatedIn, toSqlTemplate } from "../../kernel/export/sql-text.ts";

function template(sql: string): string {
  const known = ["cars", "limit", "x", "o"];
  const names: SqlNames = {
    created: new Set(),
    find: (name) => known.find((one) => one.toLowerCase() === name.toLowerCase()),
  };
  return toSqlTemplate([sql], names).template;
}

test.each([
  ["select * from cars", "select * from ${cars}"],
  ["from cars", "from ${cars}"],
  ["select * from CARS where n > :x", "select * from ${cars} where n > ${x}"],
  [
    "select cars.n from cars join cars c on c.n = cars.n",
    "select cars.n from ${cars} as cars join ${cars} c on c.n = cars.n",
  ],
  ["select * from x, cars, other", "select * from ${x}, ${cars}, other"],
  ["select (select max(n) from cars) m, x from 'x.csv'", "select (select max(n) from ${cars}) m, x from 'x.csv'"],
  ['select * from "cars" -- from cars', "select * from ${cars} -- from cars"],
  [
    "select extract(year from x), trim(both ' ' from x) from cars",
    "select extract(year from x), trim(both ' ' from x) from ${cars}",
  ],
  ["select a is distinct from x from t", "select a is distinct from x from t"],
  ["with cars as (select 1) select * from cars", "with cars as (select 1) select * from cars"],
  ["with t as (select * from cars) from t, x", "with t as (select * from ${cars}) from t, ${x}"],
  ["select * from main.cars, cars(1)", "select * from main.cars, cars(1)"],
  ["select x, o from t order by x, o", "select x, o from t order by x, o"],
  ["select ':x', a::int, [1, 2][1:x] from t", "select ':x', a::int, [1, 2][1:x] from t"],
  ["summarize cars", "summarize ${cars}"],
  ["pivot cars on x using sum(o)", "pivot ${cars} on x using sum(o)"],
  ["from (unpivot cars on x into name n value v)", "from (unpivot ${cars} on x into name n value v)"],
  ["copy cars to 'x.csv'", "copy ${cars} to 'x.csv'"],
  ["select '`', '\\\\', '${x}'", "select '\\`', '\\\\\\\\', '\\${x}'"],
  [":unknown", ":unknown"],
])("%s", (sql, expected) => {
  expect(template(sql)).toBe(`\`${expected}\``);
});

test("a name that a table of the database may have stays, and the variable is given", () => {
  const names: SqlNames = {
    created: new Set(["cars"]),
    find: (name) => (/^(cars|Users)$/i.test(name) ? name : undefined),
  };
  expect(toSqlTemplate(["select * from cars c, Users where n > :Users"], names)).toMatchObject({
    template: "`select * from cars c, ${Users} where n > ${Users}`",
    given: ["cars"],
  });
  expect(toSqlTemplate(["with t as (from Users) from t, cars"], names, true)).toMatchObject({
    template: "`with t as (from Users) from t, cars`",
    given: ["Users", "cars"],
  });
});

test("finds the tables that a notebook creates", () => {
  const created = `%%sql\ncreate or replace temp table if not exists main."My ""cars""" as select 1; CREATE VIEW Seen as from x
%sql --persist rows as kept
%sql shop --persist --mode x
%sql --persist rows
await db.write(rows, "main.written", { mode: "replace" }); await sql\`alter table a rename to renamed\``;
  expect(tablesCreatedIn(created)).toEqual(['my "cars"', "seen", "kept", "rows", "written", "renamed"]);
});

test.each([
  ["select 1", true],
  ["create table t (a int)", false],
  ["create table t (a int); from t", true],
  ["-- a note\nwith a as (select 1) from a;", true],
  ["insert into t values (1)", true],
  ["set threads = 1", false],
])("%j returns a table: %s", (sql, returns) => {
  expect(toSqlTemplate([sql], { created: new Set(), find: () => undefined }).returns).toBe(returns);
});
