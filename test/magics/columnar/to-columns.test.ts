import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import { sql } from "../../../magics/sql/handle.ts";
import { toColumns } from "../../../magics/columnar/to-columns.ts";

test("an Arrow table becomes plain arrays: dates, numbers, texts, nulls", async () => {
  const table = await sql`
    select 1::bigint as small, 9007199254740993::bigint as large, 1.25::decimal(9, 2) as money, 0.5::double as half,
      date '2024-02-29' as day, timestamptz '2024-02-29 12:00:00.5+00' as at, time '10:30' as clock, 'a' as text, true as yes,
      [1, 2]::integer[] as list, {'a': 1} as struct
    union all select null, null, null, null, null, null, null, null, null, null, null order by small`;
  expect(toColumns(table)).toEqual({
    small: [1, null],
    large: [9_007_199_254_740_993n, null],
    money: [1.25, null],
    half: [0.5, null],
    day: [new Date("2024-02-29"), null],
    at: [new Date("2024-02-29T12:00:00.5Z"), null],
    clock: ["10:30:00", null],
    text: ["a", null],
    yes: [true, null],
    list: [[1, 2], null],
    struct: [{ a: 1 }, null],
  });
});

test("dictionaries, unsigned integers, and instants before 1970", () => {
  const table = new arrow.Table({
    word: arrow.vectorFromArray(["x", "y", "x"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    byte: arrow.vectorFromArray([0, 255, null], new arrow.Uint8()),
    at: arrow.vectorFromArray([-1, 0, null], new arrow.TimestampMillisecond()),
  });
  expect(toColumns(table)).toEqual({
    word: ["x", "y", "x"],
    byte: [0, 255, null],
    at: [new Date(-1), new Date(0), null],
  });
});

test("another value is refused", () => {
  expect(() => toColumns([{ a: 1 }] as never)).toThrow("toColumns takes an Arrow table");
});
