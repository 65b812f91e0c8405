import { inspect, types } from "node:util";
import { type ArrowField, formatType, isArrowTable, isArrowVector } from "./arrow-type.ts";
import { describeFigure, isFigure } from "./figure.ts";
import { gridOfFrame } from "./frame.ts";
import { type Grid, gridOfTable, gridOfVector } from "./grid.ts";
import { clip, formatCounted, oneLine } from "./text.ts";

/** One line for a table, column or figure inside another value, in place of its library's internals. */
export interface Summary {
  readonly text: string;
  /** Its rows, to show where there is room. */
  readonly grid?: () => Grid;
}

/** Columns that a line names, and its length in characters. */
const namedColumns = 6;
const maxText = 120;

/** Sums up an Arrow table, record batch or vector, a data frame or a figure; undefined for another value. Never throws. */
export function summarize(value: unknown): Summary | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || types.isProxy(value)) return undefined;
  try {
    if (isFigure(value)) return { text: line("Figure", describeFigure(value)) };
    // These names come first, for reading them of just any object would run its getters.
    if (hasAll(value, ["numRows", "numCols", "schema", "getChildAt"]) && isArrowTable(value)) {
      const name = "batches" in value ? "Table" : "RecordBatch";
      const { numRows, numCols, schema } = value;
      return { text: line(name, shape(numRows, numCols, schema.fields.map(typed))), grid: () => gridOfTable(value) };
    }
    if (hasAll(value, ["type", "data", "length", "get", "numChildren"]) && isArrowVector(value)) {
      const words = `${formatCounted(value.length, "value")}: ${formatType(value.type)}`;
      return { text: line("Vector", words), grid: () => gridOfVector(value) };
    }
    const grid = frameMarks.some((marks) => hasAll(value, marks)) ? gridOfFrame(value) : undefined;
    if (!grid) return undefined;
    const columns = grid.columns.map(
      ({ name, type }) =>
        () =>
          `${name} ${type}`,
    );
    return { text: line("DataFrame", shape(grid.rows, grid.columns.length, columns)), grid: () => grid };
  } catch {
    return undefined;
  }
}

/** What danfo.js, Arquero and Polars frames have. */
const frameMarks = [
  ["columns", "shape", "values", "dtypes"],
  ["columnNames", "numRows", "get"],
  ["columns", "shape", "head", "dtypes"],
];

function hasAll(value: object, names: readonly string[]): boolean {
  return names.every((name) => name in value);
}

function typed({ name, type }: ArrowField): () => string {
  return () => `${name} ${formatType(type)}`;
}

function line(name: string, words: string): string {
  return `${name} { ${clip(oneLine(words), maxText - name.length)} }`;
}

function shape(rows: number, count: number, columns: readonly (() => string)[]): string {
  const shown = columns.slice(0, namedColumns).map((words) => clip(words(), 40));
  if (count > shown.length) shown.push("…");
  return `${formatCounted(rows, "row")} × ${count}${shown.length > 0 ? `: ${shown.join(", ")}` : ""}`;
}

/** Inspects with summaries in place of the values they sum up. */
export function inspectWith(summaries: ReadonlyMap<object, string>, work: () => string): string {
  const marked: object[] = [];
  try {
    // For the time of the inspection only, since the objects belong to the cell.
    for (const [value, text] of summaries) {
      if (Object.hasOwn(value, inspect.custom)) continue;
      const descriptor = { value: () => text, configurable: true };
      if (Reflect.defineProperty(value, inspect.custom, descriptor)) marked.push(value);
    }
    return work();
  } finally {
    for (const value of marked) Reflect.deleteProperty(value, inspect.custom);
  }
}
