import { expect, test } from "vitest";
import { type SqlNames, toSqlTemplate } from "../../kernel/export/sql-text.ts";

function template(sql: string, created: readonly string[] = []): string {
  const known = ["cars", "limit", "x", "o"];
  const names: SqlNames = {
    created: new Set(created),
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

test("a table that SQL has created wins over a variable", () => {
  expect(template("select * from cars", ["cars"])).toBe("`select * from cars`");
  expect(template("create or replace temp table if not exists cars as select 1; from cars")).toContain("; from cars`");
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
