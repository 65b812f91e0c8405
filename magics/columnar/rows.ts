import type { Table } from "apache-arrow";
import { createDecoder } from "./arrow.ts";
import { createWriter } from "./column-writers.ts";
import { inferColumn } from "./infer-rows.ts";

type Row = Readonly<Record<string, unknown>>;

/** Tells an Arrow table, also one of another copy of the package. */
export function isArrowTable(value: unknown): value is Table {
  const table = value as Partial<Table> | null;
  return (
    typeof table === "object" &&
    table !== null &&
    Array.isArray(table.batches) &&
    typeof table.numRows === "number" &&
    Array.isArray(table.schema?.fields)
  );
}

/** A danfo.js frame or series, as far as its rows need it. */
export interface Frame {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  /** Rows, or the values of a series. */
  readonly values: readonly unknown[];
  readonly $isSeries?: boolean;
}

/** Tells a danfo.js frame or series. */
export function isFrame(value: unknown): value is Frame {
  const frame = value as Partial<Frame> | null;
  if (typeof frame !== "object" || frame === null || !Array.isArray(frame.shape)) return false;
  return Array.isArray(frame.columns) && Array.isArray(frame.values);
}

/** Returns the rows of a value that is a table without being Arrow: an array of plain objects, or a danfo.js frame. */
export function rowsOf(value: unknown): readonly Row[] | undefined {
  if (Array.isArray(value)) return value.length > 0 && value.every(isRow) ? value : undefined;
  if (!isFrame(value)) return undefined;
  const { columns, values, $isSeries } = value;
  const cells = (row: unknown): readonly unknown[] => ($isSeries ? [row] : (row as unknown[]));
  return values.map((row) => Object.fromEntries(columns.map((name, i) => [name, withoutNaN(cells(row)[i])])));
}

/** Frames say NaN where a value is missing. */
function withoutNaN(value: unknown): unknown {
  return Number.isNaN(value) ? null : value;
}

function isRow(value: unknown): value is Row {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Makes an Arrow table of rows; a column that a row lacks is null there. Throws a TypeError for values without an exact type. */
export async function tableFromRows(rows: readonly Row[]): Promise<Table> {
  const arrow = await import("apache-arrow");
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return new arrow.Table({});
  const columns = names.map((name) => {
    if (!name.isWellFormed())
      throw new TypeError(
        `the name of a column holds half of a surrogate pair, which UTF-8 cannot: ${JSON.stringify(name)}`,
      );
    const values = rows.map((row) => (Object.hasOwn(row, name) ? row[name] : null));
    const { type, read } = inferColumn(name, values);
    const writer = createWriter(type);
    for (const value of values) writer.push(read(value));
    return { name, type, data: writer.finish() };
  });
  const { schema, decode } = createDecoder(arrow, columns);
  return new arrow.Table(schema, [decode({ length: rows.length, columns: columns.map(({ data }) => data) })]);
}
