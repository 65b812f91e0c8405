import { type ArrowTable, type ArrowVector, isArrowTable, typeId } from "./arrow-type.ts";
import { formatAt } from "./arrow-value.ts";
import { isPlainObject, method, read, toText as asText } from "./property.ts";

/** What an axis makes of a column. */
export type ColumnKind = "number" | "time" | "text";

/** A column ready for Plotly: numbers as Float64Array with NaN for null, times as ISO text. */
export interface PlotColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly values: Float64Array | readonly (string | null)[];
}

/** Data to plot, by column. */
export interface PlotData {
  readonly names: readonly string[];
  readonly rows: number;
  column(name: string): PlotColumn | undefined;
}

/** Reads an Arrow table, an array of row objects, an object of columns, or a danfojs, Arquero or Polars frame. */
export function plotData(data: unknown): PlotData {
  const found = fromArrow(data) ?? fromRows(data) ?? fromFrame(data) ?? fromColumns(data);
  if (found) return found;
  throw new TypeError(
    'plot: give an Arrow table, an array of row objects, an object of columns or a data frame, as in plot([{ a: 1, b: 2 }], { x: "a", y: "b" })',
  );
}

function fromArrow(data: unknown): PlotData | undefined {
  if (!isArrowTable(data)) return undefined;
  const names = data.schema.fields.map(({ name }) => name);
  return { names, rows: data.numRows, column: (name) => arrowColumn(data, names.indexOf(name), name) };
}

const numbers: readonly number[] = [typeId.int, typeId.float, typeId.decimal];
const times: readonly number[] = [typeId.timestamp, typeId.date];

function arrowColumn(table: ArrowTable, index: number, name: string): PlotColumn | undefined {
  const vector = index < 0 ? null : table.getChildAt(index);
  if (!vector) return undefined;
  const type = vector.type.typeId;
  if (numbers.includes(type)) return { name, kind: "number", values: readNumbers(vector) };
  const values = readTexts(vector);
  if (!times.includes(type)) return { name, kind: "text", values };
  // Plotly's dates have no zone: an instant keeps its wall clock and loses the offset. They have no infinity either.
  return {
    name,
    kind: "time",
    values: values.map(
      (text) => (text?.endsWith("infinity") ? null : text)?.replace(/(?:Z|[+-]\d\d:\d\d(?::\d\d)?)$/, "") ?? null,
    ),
  };
}

function readNumbers(vector: ArrowVector): Float64Array {
  const values = new Float64Array(vector.length);
  const exact = vector.type.typeId === typeId.float || (vector.type.bitWidth ?? 64) < 64;
  let at = 0;
  for (const chunk of vector.data) {
    const direct = exact && chunk.nullCount === 0 && vector.type.precision !== 0;
    if (direct) values.set(chunk.values as unknown as ArrayLike<number>, at);
    else {
      const part: ArrowVector = { type: vector.type, length: chunk.length, data: [chunk] };
      for (let row = 0; row < chunk.length; row++) values[at + row] = toNumber(formatAt(part, row));
    }
    at += chunk.length;
  }
  return values;
}

function toNumber(text: string | null): number {
  return text === null ? Number.NaN : Number(text);
}

function readTexts(vector: ArrowVector): (string | null)[] {
  const texts: (string | null)[] = [];
  for (const chunk of vector.data) {
    const part: ArrowVector = { type: vector.type, length: chunk.length, data: [chunk] };
    for (let row = 0; row < chunk.length; row++) texts.push(formatAt(part, row));
  }
  return texts;
}

function fromRows(data: unknown): PlotData | undefined {
  if (!Array.isArray(data) || !data.every(isPlainObject)) return undefined;
  const names = new Set<string>();
  for (const row of data.slice(0, 1_000)) for (const key of Object.keys(row)) names.add(key);
  return columns([...names], data.length, (name) => data.map((row) => row[name]));
}

function fromFrame(data: unknown): PlotData | undefined {
  const records = method(data, "toRecords") ?? method(data, "objects");
  if (records) return fromRows(records());
  const names = read(data, "columns");
  const values = read(data, "values");
  if (!Array.isArray(names) || !Array.isArray(values)) return undefined;
  const rows: readonly unknown[] = values;
  return columns(names.map(String), rows.length, (name) => {
    const at = names.indexOf(name);
    return rows.map((row) => (Array.isArray(row) ? (row[at] as unknown) : row));
  });
}

function fromColumns(data: unknown): PlotData | undefined {
  if (!isPlainObject(data)) return undefined;
  const lists = Object.entries(data).filter(([, list]) => Array.isArray(list) || ArrayBuffer.isView(list));
  if (lists.length === 0) return undefined;
  const lengths = lists.map(([, list]) => Number(read(list, "length")));
  return columns(
    lists.map(([name]) => name),
    Math.max(...lengths),
    (name) => Array.from(data[name] as ArrayLike<unknown>),
  );
}

function columns(names: readonly string[], rows: number, get: (name: string) => readonly unknown[]): PlotData {
  return { names, rows, column: (name) => (names.includes(name) ? toColumn(name, get(name)) : undefined) };
}

function toColumn(name: string, values: readonly unknown[]): PlotColumn {
  const kinds = new Set(values.filter((value) => value !== null && value !== undefined).map(kindOf));
  const [only] = kinds;
  if (kinds.size === 1 && only === "number") {
    return {
      name,
      kind: "number",
      values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
    };
  }
  return { name, kind: kinds.size === 1 && only === "time" ? "time" : "text", values: values.map(toText) };
}

const isoDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

function kindOf(value: unknown): ColumnKind {
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (isDate(value)) return "time";
  return typeof value === "string" && isoDate.test(value) ? "time" : "text";
}

function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]";
}

function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString().slice(0, -1);
  return asText(value);
}
