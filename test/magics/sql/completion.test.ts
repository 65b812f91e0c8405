import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Catalog } from "../../../magics/sql/catalog.ts";
import { completeSql } from "../../../magics/sql/completion.ts";
import { cases, fuzzTimeoutMs, unit } from "../../fuzz.ts";

const columns = (...of: string[]): { name: string; type: string }[] => of.map((name) => ({ name, type: "INTEGER" }));
const catalog: Catalog = {
  tables: [
    { schema: "main", name: "cars", columns: columns("origin", "mpg") },
    { schema: "main", name: "Big Table", columns: columns("a b", "plain") },
    { schema: "side", name: "cars", columns: columns("wheels") },
    { schema: "other.main", name: "far", columns: columns("away") },
  ],
  functions: ["my_macro"],
};
const known = { catalog, variables: [{ name: "rows", columns: ["id", "Größe"] }] };

/** What fits best at the caret: columns, tables and schemas alone. */
function names(marked: string): readonly string[] {
  const [before = "", after = ""] = marked.split("‸");
  const found = completeSql(before, after, known);
  if (found.kind !== "items") return [found.kind];
  const fitting = found.items.filter(
    ({ text, key = text }) => text.startsWith(found.prefix) || key.startsWith(found.prefix),
  );
  return fitting.filter(({ type }) => /^(?:column|table|variable|schema)$/.test(type)).map(({ text }) => text);
}

test.for([
  ["select ‸ from cars", ["origin", "mpg", "cars"]],
  ["select * from cars c where c.‸", ["origin", "mpg"]],
  ["select c.‸ from cars as c", ["origin", "mpg"]],
  ["select cars.‸ from cars", ["origin", "mpg"]],
  ["select x.‸ from side.cars x", ["wheels"]],
  ["select ‸ from other.main.far", ["away", "far"]],
  ["from side.‸", ["cars"]],
  ["from other.main.‸", ["far"]],
  ["from Big‸", ['"Big Table"']],
  ['from "Big‸', ['"Big Table"']],
  ['select ‸ from "Big Table"', ['"a b"', "plain", '"Big Table"']],
  ['select "a‸ from "Big Table"', ['"a b"']],
  ["select ro.Gr‸ from rows ro", ["Größe"]],
  ["select i‸ from ${rows}", ["id"]],
  ["from cars, ro‸", ["rows"]],
  ["from cars join ro‸", ["rows"]],
  ["from cars c join rows r on c.mpg = r.‸", ["id", "Größe"]],
  ["with best as (from cars) from be‸", ["best"]],
  ["update ca‸", ["cars", "side.cars"]],
  ["insert into ca‸", ["cars", "side.cars"]],
  ["from rows; select ‸ from cars", ["origin", "mpg", "cars"]],
  ["select ‸ from cars; from rows", ["origin", "mpg", "cars"]],
  ["select count(*), mp‸ from cars", ["mpg"]],
  ["select * from cars where mpg in (select ‸ from rows)", expect.arrayContaining(["origin", "id"])],
  ["from read_csv('da‸", ["file"]],
  ["copy cars to 'ou‸", ["file"]],
  ["from 'data.csv' where x = 'da‸", ["none"]],
  ["where n > :li‸", ["variable"]],
  ["select n::in‸", []],
  ["-- from ca‸", ["none"]],
  ["/* from ca‸ */", ["none"]],
  ["select 12‸", ["none"]],
  ["from 'data.csv'‸", ["none"]],
] as const)("%s", ([marked, expected]) => {
  expect(names(marked)).toEqual(expected);
});

test("keywords begin a statement, and follow the case of what is written", () => {
  const texts = (before: string): string[] => {
    const found = completeSql(before, "", known);
    return found.kind === "items" ? found.items.map(({ text }) => text) : [];
  };
  expect(texts("se")).toContain("select");
  expect(texts("se")).not.toContain("where");
  expect(texts("SELECT 1 FR")).toContain("FROM");
  expect(texts("select 1 fr")).toContain("from");
  expect(texts("select my")).toContain("my_macro");
});

test(
  "any text has a prefix that ends at the cursor",
  () => {
    const words = [
      "select ",
      "from ",
      "cars",
      ".",
      ",",
      "(",
      ")",
      '"',
      "'",
      ";",
      "${rows}",
      ":",
      "as ",
      "join ",
      "--",
      "/*",
    ];
    const piece = fc.oneof(fc.constantFrom(...words), fc.string({ unit, maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(), (pieces, n) => {
        const sql = pieces.join("");
        const before = sql.slice(0, n % (sql.length + 1));
        const found = completeSql(before, sql.slice(before.length), known);
        const { start, prefix } = found.kind === "none" ? { start: before.length, prefix: "" } : found;
        expect(before.length - start).toBe(prefix.length);
      }),
      cases(500),
    );
  },
  fuzzTimeoutMs,
);
