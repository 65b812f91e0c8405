import { describe, expect, test } from "vitest";
import { postgresSyntax } from "../../../magics/sql/lexer.ts";
import { syntax as mysqlSyntax } from "../../../magics/sql/mysql/syntax.ts";
import { changesRows, changesTables, firstWord, onlyReads } from "../../../magics/sql/statement-effects.ts";

describe("what a statement does, by its words", () => {
  test.each<[sql: string, does: string]>([
    ["select 1", "reads"],
    ["-- delete from t\n/* insert */ ((select 'update' as \"x\"))", "reads"],
    ["with a as (select 1) select * from a", "reads"],
    ["from range(3)", "reads"],
    ["explain select 1", "reads"],
    ["explain analyze delete from t", ""],
    ["select * into copy from t", ""],
    ["select nextval('s')", ""],
    ["select \"nextval\"('s')", ""],
    ["select * from t for update", ""],
    ["insert into t values (1)", "changes rows"],
    ["with a as (select 1) insert into t select * from a", "changes rows"],
    ["update t set create_time = 1", "changes rows"],
    ["merge into t using s on true when matched then delete", "changes rows"],
    ["create table t as select 1", "changes tables"],
    ["set search_path = a", "changes tables"],
    ["rollback", "changes tables"],
    ["begin", ""],
    ["-- nothing", ""],
  ])("%s", (sql, does) => {
    const found = [
      onlyReads(sql, postgresSyntax) && "reads",
      changesRows(sql, postgresSyntax) && "changes rows",
      changesTables(sql, postgresSyntax) && "changes tables",
    ];
    expect(found.filter(Boolean).join(", ")).toBe(does);
  });

  test("is read in the syntax of its dialect", () => {
    expect(onlyReads("select 'it\\'s delete' as a", mysqlSyntax)).toBe(true);
    expect(onlyReads("select 1 # delete", mysqlSyntax)).toBe(true);
    expect(onlyReads('select "delete" as a', mysqlSyntax)).toBe(true);
    expect(firstWord("# select\nDELETE from t", mysqlSyntax)).toBe("delete");
  });
});
