import { describe, expect, test } from "vitest";
import { postgresSyntax as postgres, tokenize } from "../../../magics/sql/lexer.ts";
import { syntax as mysql } from "../../../magics/sql/mysql/syntax.ts";
import { splitTokens } from "../../../magics/sql/split.ts";
import { syntax as sqlite } from "../../../magics/sql/sqlite/syntax.ts";
import type { Syntax } from "../../../magics/sql/dialect.ts";

function split(text: string, syntax: Syntax): string[] {
  return splitTokens(text, syntax).map((tokens) => text.slice(tokens[0]!.start, tokens.at(-1)!.end).trim());
}

/** How statements are split alone, and with others behind and before them. */
function splitAll(statements: readonly string[], syntax: Syntax): unknown {
  const mixed = statements.flatMap((statement) => [statement, "select 1"]);
  return [...statements.map((statement) => split(`${statement};`, syntax)), split(mixed.join(";\n"), syntax)];
}

/** As `splitAll`, where each is whole. */
function whole(statements: readonly string[]): unknown {
  return [...statements.map((statement) => [statement]), statements.flatMap((statement) => [statement, "select 1"])];
}

describe("MySQL and MariaDB", () => {
  test("a compound statement is one, whatever it holds", () => {
    const statements = [
      "create procedure p() begin select 1 as a; select 2 as b; end",
      "create definer = `a`@`b` procedure if not exists p (in a decimal(3, 2)) comment 'x;' begin end",
      `create or replace function f(x int) returns int deterministic begin
           declare n int default 0; declare exit handler for sqlexception begin rollback; resignal; end;
           if x > if(n = 1, 2, 3) then set n = case when x is null then 1 else case x when 1 then 2 end end;
           elseif x = 2 then case x when 1 then set n = 1; else begin set n = 2; end; end case;
           else while n < 3 do set n = n + 1; end while; end if;
           l: loop leave l; end loop l; repeat set n = repeat('1', 2); until n > 1 end repeat;
           for i in 1..3 do set n = i; end for;
           return n; end`,
      "create trigger tr before insert on t for each row begin set new.a = 1; set new.b = if(new.a, 1, 2); end",
      "create trigger tr before insert on t for each row if new.a > 1 then set new.a = 1; end if",
      "create trigger tr before insert on t for each row set new.a = case when 1 then 2 end",
      "create procedure p(a int) if a then select 1; else select if(a, 1, 2); end if",
      "create procedure p(a int) select 1 as a",
      "create function f(x int) returns int return x is null",
      "create event e on schedule every 1 day starts now() do begin delete from a; delete from b; end",
      "begin not atomic declare x int default 3; begin insert into tt values (x); end; end",
      "if @a then select 1; end if",
      "while @a < 3 do set @a = @a + 1; end while",
      "create table event (a int, `begin` int, procedure_ int)",
      "begin",
      "select case a when 1 then 2 end, if(a, 1, 2), repeat('a', 3) from t",
      "xa begin 'x'",
    ];
    expect(splitAll(statements, mysql)).toEqual(whole(statements));
  });

  test("routines and packages of Oracle's mode are one too", () => {
    const statements = [
      "create procedure p(a int) as x int; y int := 1; begin select x as z; end",
      "create function f(a int default 1) return int is begin return 1; end",
      "create package p as function f return int; procedure g(a int); end",
      "create package body p as x int; function f return int as begin return 1; end; procedure g(a int) as y int; begin select 1; end; begin set x = 1; end",
    ];
    expect(splitAll(statements, mysql)).toEqual(whole(statements));
  });

  test("delimiter lines say with what a statement ends, as in the mysql client", () => {
    const text = `select 1; delimiter_;
DELIMITER //
create procedure p() begin select '//', 1; -- //
  select 2; end//
select 3 //
  delimiter $$
drop procedure p$$
delimiter ;
select 4; select 5`;
    expect(split(text, mysql)).toEqual([
      "select 1",
      "delimiter_",
      "create procedure p() begin select '//', 1; -- //\n  select 2; end",
      "select 3",
      "drop procedure p",
      "select 4",
      "select 5",
    ]);
    expect(split("select '\ndelimiter //\n'; select 2", mysql)).toHaveLength(2);
  });
});

test("PostgreSQL's begin atomic is a body, its transactions and dollar quotes are none", () => {
  const statements = [
    "create or replace function f() returns int language sql begin atomic select 1; select case when true then 2 end; end",
    "create procedure p() language sql begin atomic end",
    "create function f() returns int language plpgsql as $$ begin return 1; end $$",
    "create trigger tr after insert on t for each row execute function begin()",
    "create rule r as on insert to t do also (insert into a values (1); insert into b values (1))",
    "begin",
    "begin isolation level serializable",
    "end",
    "copy t to stdout (\ndelimiter ',')",
    "select (array[1, 2])[1:2]",
  ];
  expect(splitAll(statements, postgres)).toEqual(whole(statements));
  expect(split("delimiter //\nselect 1; select 2//\ndelimiter ;\nselect 3", postgres)).toEqual([
    "select 1; select 2",
    "select 3",
  ]);
});

test("SQLite's triggers are one statement", () => {
  const statements = [
    "create trigger if not exists tr after insert on t begin update t set a = a + 1; update t set a = case when a then 2 end; end",
    "create temp trigger tr after update on t when new.a > 1 begin select 1; end",
    'create table t (a int, "begin" int)',
    "begin immediate",
    "end transaction",
  ];
  expect(splitAll(statements, sqlite)).toEqual(whole(statements));
});

test("a body without an end, and every other text, is split without losing anything", () => {
  for (const text of ["create procedure p() begin select 1; select 2", "end; end; )", "case; if; begin;", ";;", ""]) {
    const tokens = splitTokens(text, mysql).flat();
    expect(tokens).toEqual(tokenize(text, mysql).filter((token) => tokens.some(({ start }) => start === token.start)));
  }
  expect(split("create procedure p() begin select 1; select 2", mysql)).toHaveLength(1);
});
