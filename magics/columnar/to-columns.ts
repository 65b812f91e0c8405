import type { DataType, Table, Vector } from "apache-arrow";
import { isArrowTable, typeId } from "../../display/arrow-type.ts";
import { formatAt } from "../../display/arrow-value.ts";

/**
 * Gives an Arrow table as plain arrays by column name, for packages that know no Arrow: `new DataFrame(toColumns(table))`.
 * Dates and timestamps become `Date`s, decimals numbers, 64-bit integers numbers where all of the column are exact as such;
 * times, durations and intervals become text, lists arrays, structs objects.
 */
export function toColumns(table: Table): Record<string, unknown[]> {
  if (!isArrowTable(table)) {
    throw new TypeError("toColumns takes an Arrow table, such as %sql and sql`…` give");
  }
  return Object.fromEntries(
    table.schema.fields.map(({ name }, at) => [name, toPlain(table.getChildAt(at) as Vector<DataType>)]),
  );
}

function toPlain(vector: Vector): unknown[] {
  const type: number = vector.type.typeId;
  if (type === typeId.int) return withNumbers([...vector] as (number | bigint | null)[]);
  // Arrow's milliseconds have a fraction where the unit is finer.
  if (type === typeId.date || type === typeId.timestamp) {
    return Array.from(vector as Iterable<number | null>, (ms) => (ms === null ? null : new Date(Math.floor(ms))));
  }
  if (type === typeId.decimal) return texts(vector).map((text) => (text === null ? null : Number(text)));
  if (asText.includes(type)) return texts(vector);
  return Array.from(vector as Iterable<unknown>, nestedPlain);
}

const asText: readonly number[] = [typeId.time, typeId.duration, typeId.interval];

function texts(vector: Vector): (string | null)[] {
  return Array.from({ length: vector.length }, (_, row) => formatAt(vector as Parameters<typeof formatAt>[0], row));
}

function withNumbers(values: readonly (number | bigint | null)[]): (number | bigint | null)[] {
  const exact = values.every((value) => value === null || Number.isSafeInteger(Number(value)));
  return exact ? values.map((value) => (value === null ? null : Number(value))) : [...values];
}

/** Lists and structs of Arrow are views of the table's memory; bytes are arrays already. */
function nestedPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  // A struct's row answers `in` for its members only.
  const { toJSON } = value as { toJSON?: () => unknown };
  return typeof toJSON === "function" ? toJSON.call(value) : value;
}
