import type { Table, Vector } from "apache-arrow";
import type { Arrow } from "./arrow.ts";

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

/** Makes an Arrow table of rows; a column that a row lacks is null there. */
export async function tableFromRows(rows: readonly Row[]): Promise<Table> {
  const arrow = await import("apache-arrow");
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns: Record<string, Vector> = {};
  for (const name of names) {
    const values = rows.map((row) => row[name] ?? null);
    try {
      columns[name] = createVector(arrow, values);
    } catch (error) {
      const problem = `the column "${name}" of these rows holds values of more than one kind, or of one that Arrow has no type for`;
      throw new TypeError(`${problem}. Make them alike, as with String(value)`, { cause: error });
    }
  }
  return new arrow.Table(columns) as Table;
}

function createVector(arrow: Arrow, values: readonly unknown[]): Vector {
  const present = values.filter((value) => value !== null);
  const all = (is: (value: unknown) => boolean): boolean => present.length > 0 && present.every(is);
  if (all((value) => Number.isInteger(value) && value === ((value as number) | 0)))
    return arrow.vectorFromArray(values, new arrow.Int32());
  if (all((value) => typeof value === "number")) return arrow.vectorFromArray(values, new arrow.Float64());
  if (all((value) => typeof value === "string")) return arrow.vectorFromArray(values, new arrow.Utf8());
  if (all((value) => Object.prototype.toString.call(value) === "[object Date]"))
    return arrow.vectorFromArray(values, new arrow.TimestampMillisecond("UTC"));
  return arrow.vectorFromArray(values) as Vector;
}
