import type { DataType, Table } from "apache-arrow";
import { type Reply, replyText } from "./reply.ts";

/** Named columns of equal length. */
export interface Rows {
  readonly columns: ReadonlyMap<string, readonly (Reply | undefined)[]>;
  /** Columns that are floating-point whatever they hold, so that a table's type does not hang on its values. */
  readonly floats: readonly string[];
}

/** Makes rows of columns. */
export function toRows(
  columns: readonly (readonly [name: string, values: readonly (Reply | undefined)[]])[],
  floats: readonly string[] = [],
): Rows {
  return { columns: new Map(columns), floats };
}

/** Makes rows of records, with a column for each of their fields. */
export function fromRecords(records: readonly Readonly<Record<string, Reply>>[]): Rows {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return toRows(
    [...names].map((name) => [name, records.map((record) => (Object.hasOwn(record, name) ? record[name] : null))]),
  );
}

/** Makes an Arrow table; each column has the narrowest type that holds its values. */
export async function toTable({ columns: all, floats }: Rows): Promise<Table> {
  const arrow = await import("apache-arrow");
  const columns = [...all].map(([name, values]) => {
    const { type, convert } = floats.includes(name)
      ? { type: new arrow.Float64(), convert: Number }
      : columnType(arrow, values);
    return [
      name,
      arrow.vectorFromArray(
        values.map((value) => ((value ?? null) === null ? null : convert(value!))),
        type,
      ),
    ];
  });
  return new arrow.Table(Object.fromEntries(columns) as never);
}

interface Conversion {
  readonly type: DataType;
  convert(value: Reply): unknown;
}

/** Integers, numbers, booleans, texts, bytes; anything else, or a mixture, as text. */
function columnType(arrow: typeof import("apache-arrow"), values: readonly (Reply | undefined)[]): Conversion {
  const kinds = new Set(values.map(kindOf));
  kinds.delete("none");
  const only = (...allowed: readonly string[]): boolean => [...kinds].every((kind) => allowed.includes(kind));
  const same = (value: Reply): Reply => value;
  if (kinds.size > 0) {
    if (only("integer") && values.every((value) => isInt64(value)))
      return { type: new arrow.Int64(), convert: (value) => BigInt(value as number) };
    if (only("integer", "number")) return { type: new arrow.Float64(), convert: Number };
    if (only("boolean")) return { type: new arrow.Bool(), convert: same };
    if (kinds.has("bytes") && only("bytes", "text"))
      return { type: new arrow.Binary(), convert: (value) => (typeof value === "string" ? Buffer.from(value) : value) };
  }
  return { type: new arrow.Utf8(), convert: replyText };
}

function kindOf(value: Reply | undefined): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "string") return "text";
  if (typeof value === "bigint") return "integer";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  if (typeof value === "boolean") return "boolean";
  return ArrayBuffer.isView(value) ? "bytes" : "nested";
}

function isInt64(value: Reply | undefined): boolean {
  return typeof value !== "bigint" || BigInt.asIntN(64, value) === value;
}
