import { expect, test } from "vitest";
import type { ColumnType } from "../../../../magics/columnar/columnar.ts";
import { type Stored, chooseType } from "../../../../magics/sql/sqlite/storage.ts";
import { openSession, run } from "./database.ts";

const bytes = new Uint8Array([1]);

function name(type: ColumnType): string {
  if (type.kind === "decimal") return `decimal(${type.precision},${type.scale})`;
  return type.kind === "timestamp" && type.timezone !== undefined ? "timestamp UTC" : type.kind;
}

test.each<[string | null, Stored[], string]>([
  [null, [1n, null, -(2n ** 63n)], "int"],
  [null, [1n, 0.5], "float"],
  [null, [2n ** 53n + 1n, 0.5], "utf8"],
  [null, [1n, "x"], "utf8"],
  [null, [1n, "x", bytes], "binary"],
  [null, [null], "null"],
  ["INTEGER", [null], "int"],
  ["bigint unsigned", [1n], "int"],
  ["INTEGER", [1n, 1.5], "float"],
  ["INTEGER", [1n, "x"], "utf8"],
  ["REAL", [1, 2n], "float"],
  ["varchar(10)", ["x", null], "utf8"],
  ["TEXT", ["x", bytes], "binary"],
  ["BLOB", [bytes], "binary"],
  ["BLOB", ["x"], "utf8"],
  ["BOOLEAN", [0n, 1n, null], "bool"],
  ["BOOLEAN", [0n, 2n], "int"],
  ["DATE", ["2024-02-29", null], "date"],
  ["DATE", ["2023-02-29"], "utf8"],
  ["DATE", [2460000n], "int"],
  ["DATETIME", ["2024-01-01 10:00", "2024-01-01T10:00:00.5"], "timestamp"],
  ["TIMESTAMP", ["2024-01-01 10:00Z", "2024-01-01 10:00:00+02:00"], "timestamp UTC"],
  ["TIMESTAMP", ["2024-01-01 10:00Z", "2024-01-01 10:00:00"], "utf8"],
  ["TIME", ["23:59:59.999999"], "time"],
  ["TIME", ["24:00:00"], "utf8"],
  ["DECIMAL(10,2)", [1.1, 5n, -12345678.99], "decimal(10,2)"],
  ["DECIMAL(10,2)", [1.125], "float"],
  ["DECIMAL(3,2)", [10n], "int"],
  ["NUMERIC(20,2)", [1.5], "float"],
  ["JSON", ["{}", 1n], "utf8"],
])("a column declared %s that holds %o is of type %s", (declared, values, expected) => {
  expect(name(chooseType(declared, values, true))).toBe(expected);
});

test("a column of nothing but nulls so far takes texts later", () => {
  expect(chooseType(null, [null], false).kind).toBe("utf8");
});

test("mixed values are all there as texts", async () => {
  const session = await openSession();
  const { rows } = await run(
    session,
    "select 1 as a union all select 0.5 union all select 'x' union all select 1e999 union all select 2.0",
  );
  expect(rows.map(({ a }) => a)).toEqual(["1", "0.5", "x", "Inf", "2.0"]);
});

test("a value that does not fit the rows before is an error that says what to write", async () => {
  const session = await openSession();
  const sql =
    "with recursive n(i) as (select 1 union all select i + 1 from n limit 20000) select case i when 15000 then 'odd' else i end as a from n";
  const failed = run(session, sql);
  await expect(failed).rejects.toMatchObject({
    name: "MixedColumn",
    message: expect.stringContaining('row 15000 has "odd" in the column "a"') as string,
  });
  await expect(failed).rejects.toHaveProperty("hint", expect.stringContaining('cast("a" as text)'));
  expect((await run(session, sql.replace("case i when", "case -i when"))).table.numRows).toBe(20_000);
});
