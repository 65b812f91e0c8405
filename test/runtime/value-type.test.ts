import { Table, tableFromArrays } from "apache-arrow";
import { expect, test } from "vitest";
import { typeOfValue } from "../../kernel/runtime/value-type.ts";

test("a table has its columns", () => {
  const table = tableFromArrays({ id: Int32Array.of(1), name: ["a"] });
  const arrow = `import("apache-arrow")`;
  expect(typeOfValue(table)).toBe(
    `${arrow}.Table<{ "id": ${arrow}.Int32; "name": ${arrow}.Dictionary<${arrow}.Utf8> }>`,
  );
});

test("what is more than a table, or no table, is as it was declared", () => {
  class Named extends Table {
    title = "";
  }
  const { schema, batches } = tableFromArrays({ id: [1] });
  for (const value of [new Named(batches), { schema, batches }, { schema: { fields: [] }, batches: [] }, [], null, 1]) {
    expect(typeOfValue(value)).toBeUndefined();
  }
});
