import type { Table } from "apache-arrow";
import type { Column, ColumnType } from "../columnar/columnar.ts";
import { type ReadValue, readColumn } from "../columnar/column-values.ts";
import { createEncoder } from "../columnar/from-arrow.ts";
import type { Driver } from "./driver.ts";

/** What `insertMany` takes. */
export type Row = Readonly<Record<string, unknown>>;

/** Turns a table's rows into documents of exact types, in portions. Throws a TypeError for a column that BSON cannot hold exactly. */
export async function* tableDocuments(
  driver: Driver,
  table: Table,
  nulls: "keep" | "omit",
): AsyncGenerator<Row[], void> {
  const arrow = await import("apache-arrow");
  const { columns, encode } = createEncoder(arrow, table.schema, table.batches);
  const converters = columns.map(({ name, type }) => converter(driver, type, `the column "${name}"`));
  for (const whole of table.batches) {
    for (const batch of encode(whole)) {
      const reads = columns.map(({ type }, i) => readColumn(type, batch.columns[i]!));
      for (let start = 0; start < batch.length; start += rowsOfPortion) {
        const count = Math.min(rowsOfPortion, batch.length - start);
        yield Array.from({ length: count }, (_, i) => row(columns, reads, converters, start + i, nulls));
      }
    }
  }
}

const rowsOfPortion = 5_000;

function row(
  columns: readonly Column[],
  reads: readonly ReadValue[],
  converters: readonly Convert[],
  at: number,
  nulls: "keep" | "omit",
): Row {
  const entries: [string, unknown][] = [];
  for (const [i, { name }] of columns.entries()) {
    const value = reads[i]!(at);
    if (value !== null) entries.push([name, converters[i]!(value as never)]);
    else if (nulls === "keep") entries.push([name, null]);
  }
  return Object.fromEntries(entries);
}

type Convert = (value: never) => unknown;

/** Makes what turns a column's values, in the form that `readColumn` gives, into values of the driver. */
function converter({ BSON }: Driver, type: ColumnType, where: string): Convert {
  const convert = (inner: ColumnType): Convert => {
    const one = converter({ BSON } as Driver, inner, where);
    return (value) => (value === null ? null : one(value));
  };
  switch (type.kind) {
    case "int":
      if (type.bits < 32 || (type.bits === 32 && type.signed)) return (value: number) => new BSON.Int32(value);
      return (value: number | bigint) => new BSON.Long(long(BigInt(value), where));
    case "float":
      return (value: number) => new BSON.Double(value);
    case "decimal":
      return (value: bigint) => BSON.Decimal128.fromString(decimalText(value, type.scale, where));
    case "utf8":
      return (value: string | Uint8Array) => (typeof value === "string" ? value : Buffer.from(value).toString());
    case "binary":
      return (value: Uint8Array) => new BSON.Binary(Buffer.from(value));
    case "date":
      return (value: number) => new Date(value * 86_400_000);
    case "timestamp":
      return (value: bigint) => toDate(value, type.unit, where);
    case "enum":
      return (value: number) => type.values[value];
    case "list":
    case "fixedList": {
      const item = convert(type.child.type);
      return (value: readonly never[]) => Array.from(value, item);
    }
    case "struct": {
      const members = type.children.map((child) => convert(child.type));
      return (value: readonly never[]) =>
        Object.fromEntries(type.children.map(({ name }, i) => [name, members[i]!(value[i]!)]));
    }
    case "bool":
    case "null":
      return (value) => value;
    case "time":
    case "interval":
    case "map":
    case "union":
    default:
      throw new TypeError(
        `${where} has the type ${type.kind}, which BSON has not. Turn it into text or a number first`,
      );
  }
}

function long(value: bigint, where: string): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new TypeError(`${where} has ${value}, more than 64 bits with a sign hold. Make it a decimal or text`);
}

function decimalText(digits: bigint, scale: number, where: string): string {
  const text = String(digits < 0n ? -digits : digits);
  if (text.length > 34)
    throw new TypeError(`${where} has a decimal of ${text.length} digits, and BSON holds 34. Make it text`);
  return `${digits < 0n ? "-" : ""}${text}E${-scale}`;
}

const perMs: Readonly<Record<string, bigint>> = { microsecond: 1_000n, nanosecond: 1_000_000n };

function toDate(value: bigint, unit: string, where: string): Date {
  const divisor = perMs[unit] ?? 1n;
  const ms = unit === "second" ? value * 1_000n : value / divisor;
  if (value % divisor !== 0n)
    throw new TypeError(
      `${where} has a time with more than milliseconds, which BSON's dates do not hold. Round it first, or make it text`,
    );
  const date = new Date(Number(ms));
  if (Number.isNaN(Number(date))) throw new TypeError(`${where} has a time that is beyond JavaScript's dates`);
  return date;
}
