import { afterAll, beforeAll, expect, test } from "vitest";
import { createWriter } from "../../../../magics/columnar/column-writers.ts";
import { readColumn } from "../../../../magics/columnar/column-values.ts";
import type { Batch, Column, ColumnType } from "../../../../magics/columnar/columnar.ts";
import { sqlite } from "../../../../magics/sql/sqlite/engine.ts";
import type { SqlServer, SqlSession } from "../../../../magics/sql/engine.ts";
import { never, openShared, run } from "./database.ts";

const { dialect } = sqlite;
/** What a column is read as, by the type that it was declared with. */
const kinds: Readonly<Record<string, ColumnType["kind"]>> = {
  boolean: "bool",
  integer: "int",
  real: "float",
  decimal: "decimal",
  text: "utf8",
  json: "utf8",
  blob: "binary",
  date: "date",
  time: "time",
  datetime: "timestamp",
};
let server: SqlServer;
let session: SqlSession;
beforeAll(async () => {
  ({ server, session } = await openShared());
});
afterAll(async () => {
  await session.close();
  await server.close();
});
const int = (bits: 8 | 16 | 32 | 64, signed: boolean): ColumnType => ({ kind: "int", bits, signed });
const item = (type: ColumnType): Column => ({ name: "item", type });

/** Every Arrow type with its extremes, and the type that it is read back as where SQLite has no such. */
const cases: [type: ColumnType, values: unknown[], expected?: unknown[]][] = [
  [{ kind: "bool" }, [true, false]],
  [int(8, true), [-128, 127], [-128n, 127n]],
  [int(16, false), [0, 65_535], [0n, 65_535n]],
  [int(32, true), [-(2 ** 31), 2 ** 31 - 1], [-(2n ** 31n), 2n ** 31n - 1n]],
  [int(64, true), [-(2n ** 63n), 2n ** 63n - 1n, 0n]],
  [int(64, false), [2n ** 64n - 1n], [String(2n ** 64n - 1n)]],
  [{ kind: "float", bits: 32 }, [Math.fround(0.1)]],
  [{ kind: "float", bits: 64 }, [5e-324, -1.7976931348623157e308, Infinity, 0.1, 3]],
  [{ kind: "decimal", precision: 15, scale: 3 }, [-999_999_999_999_999n, 1n, 999_999_999_999_999n]],
  [{ kind: "decimal", precision: 38, scale: 2 }, [-(10n ** 38n - 1n), 5n], [`-${"9".repeat(36)}.99`, "0.05"]],
  [{ kind: "utf8" }, ["", "a\0b", "'; drop table t; --", "😀ñ\u202e", "x".repeat(100_000)]],
  [{ kind: "binary" }, [new Uint8Array(), new Uint8Array([0, 255, 0])]],
  [{ kind: "date" }, [0, -719_528, 2_932_896]],
  [{ kind: "time", unit: "microsecond" }, [0n, 86_399_999_999n]],
  [{ kind: "time", unit: "nanosecond" }, [1n], ["00:00:00.000000001"]],
  [{ kind: "timestamp", unit: "microsecond" }, [-62_135_596_800_000_000n, 253_402_300_799_999_999n]],
  [{ kind: "timestamp", unit: "millisecond", timezone: "UTC" }, [1n], [1000n]],
  [{ kind: "timestamp", unit: "nanosecond" }, [-1n], ["1969-12-31 23:59:59.999999999"]],
  [{ kind: "enum", bits: 8, values: ["a", "b"] }, [1, 0], ["b", "a"]],
  [{ kind: "interval" }, [[1, -2, 3n]], ['{"months":1,"days":-2,"nanoseconds":3}']],
  [{ kind: "list", child: item(int(64, true)) }, [[2n ** 62n, null], []], ["[4611686018427387904,null]", "[]"]],
  [{ kind: "fixedList", size: 2, child: item({ kind: "float", bits: 64 }) }, [[0.5, 1]], ["[0.5,1]"]],
  [
    {
      kind: "struct",
      children: [
        { name: "a", type: int(8, true) },
        { name: 'b"', type: { kind: "utf8" } },
      ],
    },
    [[1, "x'\n"]],
    ['{"a":1,"b\\"":"x\'\\n"}'],
  ],
  [{ kind: "map", key: item({ kind: "utf8" }), value: item({ kind: "bool" }) }, [[["k", true]]], ['{"k":true}']],
];

function batchOf(columns: readonly Column[], values: readonly unknown[]): Batch {
  const written = columns.map(({ type }) => {
    const writer = createWriter(type);
    for (const value of values) writer.push(value);
    return writer.finish();
  });
  return { length: values.length, columns: written };
}

async function* only(batch: Batch): AsyncGenerator<Batch> {
  yield batch;
}

test.each<[ColumnType, unknown[], unknown[]?]>(cases)(
  "writes and reads %o",
  async (type, values, expected = values) => {
    const columns = [{ name: 'the "column"', type }];
    const name = dialect.typeName(type);
    await run(session, "drop table if exists t");
    await run(session, `create table t(${dialect.quote(columns[0]!.name)} ${name})`);
    const withNull = [values[0], null, ...values.slice(1)];
    expect(await session.insert("t", columns, only(batchOf(columns, withNull)), never)).toBe(withNull.length);
    const { columns: read, batches } = await session.start(
      { sql: "select * from t order by rowid", values: [] },
      never,
    );
    const { value: batch } = await batches.next();
    await batches.return();
    const value = readColumn(read[0]!.type, batch!.columns[0]!);
    expect(Array.from(withNull, (_, row) => value(row))).toEqual([expected[0], null, ...expected.slice(1)]);
    expect(read[0]!.type.kind).toBe(kinds[name.replace(/\(.*/, "")]);
  },
);

test.each([
  [true, 1n],
  [1, 1n],
  [1.5, 1.5],
  [-(2n ** 63n), -(2n ** 63n)],
  ["'; drop table t; --\0😀", "'; drop table t; --\0😀"],
  [new Date("2024-02-29T10:00:00.5Z"), "2024-02-29 10:00:00.500"],
  [[1, 2n ** 60n, "x", null, true], '[1,1152921504606846976,"x",null,true]'],
  [{ a: { b: [] }, at: new Date(0) }, '{"a":{"b":[]},"at":"1970-01-01T00:00:00.000Z"}'],
  [null, null],
])("binds %o", async (value, expected) => {
  const { rows } = await run(session, "select ? as v", [value]);
  expect(rows).toEqual([{ v: expected }]);
});

test("binds bytes", async () => {
  const { rows } = await run(session, "select ? as v, typeof(?) as t", [new Uint8Array([0, 1]), new Uint8Array()]);
  expect(rows).toEqual([{ v: new Uint8Array([0, 1]), t: "blob" }]);
});
