import { inspect } from "node:util";
import { isArrowTable, isArrowVector } from "./arrow-type.ts";
import { describeFigure, isFigure } from "./figure.ts";
import type { Grid, GridColumn } from "./grid.ts";
import { isPlainObject, method, read } from "./property.ts";
import { clip, formatCounted } from "./text.ts";

/** Rows looked at to tell what a column holds. */
const sampleRows = 20;
const maxColumns = 1_000;

/** Reads a data frame of danfojs, Arquero or nodejs-polars; undefined for another value. */
export function gridOfFrame(value: unknown): Grid | undefined {
  return arquero(value) ?? polars(value) ?? danfo(value);
}

/** Reads an array of plain row objects that agree on their keys; undefined for another value. */
export function gridOfRows(value: unknown): Grid | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const rows: readonly unknown[] = value;
  const names = new Set<string>();
  for (const row of rows.slice(0, sampleRows)) {
    if (!isPlainObject(row) || isFigure(row)) return undefined;
    for (const name of Object.keys(row)) names.add(name);
  }
  const filled = rows.slice(0, sampleRows).reduce<number>((sum, row) => sum + Object.keys(Object(row)).length, 0);
  const cells = Math.min(rows.length, sampleRows) * names.size;
  // Objects with mostly different keys are no table.
  if (names.size === 0 || names.size > maxColumns || filled < cells / 2) return undefined;
  return {
    rows: rows.length,
    columns: [...names].map((name) => column(name, undefined, rows.length, (row) => ownValue(rows[row], name))),
  };
}

/** Reads without running a getter of the cell's objects. */
function ownValue(row: unknown, name: string): unknown {
  try {
    return Object.getOwnPropertyDescriptor(Object(row), name)?.value;
  } catch {
    return undefined;
  }
}

function arquero(value: unknown): Grid | undefined {
  const names = method(value, "columnNames");
  const get = method(value, "get");
  const count = method(value, "numRows");
  if (!names || !get || !count) return undefined;
  const columns = names();
  const rows = Number(count());
  if (!isStrings(columns)) return undefined;
  return { rows, columns: columns.map((name) => column(name, undefined, rows, (row) => get(name, row))) };
}

function polars(value: unknown): Grid | undefined {
  const names = read(value, "columns");
  const rows = Number(read(read(value, "shape"), "height"));
  const head = method(value, "head");
  if (!isStrings(names) || !Number.isInteger(rows) || !head) return undefined;
  const first = method(head(sampleRows), "rows")?.();
  if (!Array.isArray(first)) return undefined;
  const types = read(value, "dtypes");
  return {
    rows,
    columns: names.map((name, at) =>
      column(name, typeName(read(types, at)), Math.min(rows, sampleRows), (row) => read(first[row], at)),
    ),
  };
}

function danfo(value: unknown): Grid | undefined {
  const names = read(value, "columns");
  const shape = read(value, "shape");
  const values = read(value, "values");
  if (!isStrings(names) || !Array.isArray(shape) || !Array.isArray(values)) return undefined;
  const types = read(value, "dtypes");
  const rows: readonly unknown[] = values;
  // A series has one column, and its values are no rows.
  const isSeries = read(value, "$isSeries") === true || shape.length === 1;
  const cell = (row: number, at: number): unknown => (isSeries ? rows[row] : read(rows[row], at));
  const columns = names.map((name, at) => column(name, typeName(read(types, at)), rows.length, (row) => cell(row, at)));
  const index = labels(read(value, "index"));
  if (index) columns.unshift(column("index", undefined, rows.length, (row) => index[row]));
  return { rows: rows.length, columns };
}

/** The index of a frame, where it says more than the rows' numbers. */
function labels(index: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(index)) return undefined;
  return index.every((label, row) => label === row) ? undefined : index;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function typeName(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const name = read(value, "variant") ?? read(value, "name");
  return typeof name === "string" ? name : undefined;
}

function column(name: string, type: string | undefined, rows: number, get: (row: number) => unknown): GridColumn {
  const sample = Array.from({ length: Math.min(rows, sampleRows) }, (_, row) => get(row));
  const present = sample.filter((item) => item !== null && item !== undefined);
  const numeric = present.length > 0 && present.every((item) => typeof item === "number" || typeof item === "bigint");
  return {
    name,
    type: type ?? [...new Set(present.map(kindOf))].toSorted().join(" | "),
    align: numeric ? "right" : "left",
    text: (row) => formatCell(get(row)),
  };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return isDate(value) ? "Date" : typeof value;
}

function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]" && value !== null;
}

/** Writes a JavaScript value for a cell of a table: one line, dates as ISO text. */
function formatCell(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (isArrowTable(value)) return `Table { ${formatCounted(value.numRows, "row")} × ${value.numCols} }`;
  if (isArrowVector(value)) return `Vector { ${formatCounted(value.length, "value")} }`;
  if (isFigure(value)) return `Figure { ${describeFigure(value)} }`;
  try {
    return clip(
      inspect(value, { depth: 2, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 200 }),
      1_000,
    ).replace(/^(-?\d+)n$/, "$1");
  } catch {
    return "?";
  }
}
