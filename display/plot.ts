import { type Figure, figure, type Trace } from "./figure.ts";
import { type PlotColumn, type PlotData, plotData } from "./plot-data.ts";
import { isPlainObject } from "./property.ts";

/** Ways to draw. */
export type PlotKind = "scatter" | "line" | "area" | "bar" | "histogram" | "box" | "violin";

/** What to draw of the data. Options not named here go into Plotly's layout. */
export interface PlotOptions {
  /** Column along the x axis. */
  readonly x?: string;
  /** Column or columns along the y axis. */
  readonly y?: string | readonly string[];
  /** Column that colours the points: a trace for each text, a scale for numbers. */
  readonly color?: string;
  /** Column of numbers that sizes the points of a scatter plot. */
  readonly size?: string;
  /** Default by the columns: times and numbers a line, two numbers a scatter plot, texts and numbers bars, one column a histogram. */
  readonly kind?: PlotKind;
  readonly title?: string;
  /** Drawn size in pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly [layout: string]: unknown;
}

/** A text column with more values than this is not split into traces of their own colours. */
const maxTraces = 50;

/** From here on Plotly draws points with WebGL where it is live. */
const manyPoints = 20_000;

const plotKinds: readonly PlotKind[] = ["scatter", "line", "area", "bar", "histogram", "box", "violin"];

/** Plots columns of a table: `plot(cars, { x: "horsepower", y: "mpg", color: "origin" })`. */
export function plot(data: unknown, options: PlotOptions = {}): Figure {
  const { x, y, color, size, kind, title, type, ...layout } = options;
  if (type !== undefined) {
    throw new TypeError(`plot: the way to draw is named by kind, not type; kinds are ${plotKinds.join(", ")}`);
  }
  const source = plotData(data);
  const columns = {
    x: x === undefined ? undefined : pick(source, x),
    ys: y === undefined ? [] : (typeof y === "string" ? [y] : y).map((name) => pick(source, name)),
    color: color === undefined ? undefined : pick(source, color),
    size: size === undefined ? undefined : pick(source, size),
  };
  if (!columns.x && columns.ys.length === 0) {
    throw new TypeError(
      `plot: say which columns to draw, as in { x: "${source.names[0] ?? "a"}" }; ${columnList(source)}`,
    );
  }
  const chosen = kind ?? defaultKind(columns);
  if (!plotKinds.includes(chosen)) {
    throw new TypeError(`plot: no kind "${chosen as string}"; kinds are ${plotKinds.join(", ")}`);
  }
  return figure({ data: traces(columns, chosen), layout: layoutOf(columns, chosen, title, layout) });
}

interface Columns {
  readonly x: PlotColumn | undefined;
  readonly ys: readonly PlotColumn[];
  readonly color: PlotColumn | undefined;
  readonly size: PlotColumn | undefined;
}

function pick(source: PlotData, name: string): PlotColumn {
  const column = source.column(name);
  if (column) return column;
  throw new RangeError(`plot: no column "${name}"; ${columnList(source)}`);
}

function columnList({ names }: PlotData): string {
  return `the columns are ${names.slice(0, 40).join(", ")}${names.length > 40 ? ", …" : ""}`;
}

function defaultKind({ x, ys }: Columns): PlotKind {
  if (!x) return "line";
  if (ys.length === 0) return x.kind === "text" ? "bar" : "histogram";
  if (x.kind === "time") return "line";
  return x.kind === "text" ? "bar" : "scatter";
}

function traces(columns: Columns, kind: PlotKind): Trace[] {
  const { x, ys, color } = columns;
  if (kind === "bar" && x && ys.length === 0) return [countTrace(x)];
  const series: readonly (PlotColumn | undefined)[] = ys.length > 0 ? ys : [undefined];
  return series.flatMap((y) => {
    const groups = color && splits(color, kind) ? groupRows(color) : undefined;
    if (!groups) return [trace(columns, y, kind, undefined, ys.length > 1 ? y?.name : undefined)];
    return groups.map(([name, rows]) => trace(columns, y, kind, rows, ys.length > 1 ? `${y?.name}, ${name}` : name));
  });
}

/** Bars of a text column alone: how often each value occurs. */
function countTrace(x: PlotColumn): Trace {
  const counts = new Map<string, number>();
  for (const value of x.values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return { type: "bar", x: sorted.map(([name]) => name), y: sorted.map(([, count]) => count) };
}

/** Numbers colour points by a scale where there are points; else each value is a group. */
function splits(color: PlotColumn, kind: PlotKind): boolean {
  if (color.kind === "number" && (kind === "scatter" || kind === "bar")) return false;
  return new Set<unknown>(color.values).size <= maxTraces;
}

function groupRows(color: PlotColumn): [string, number[]][] {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < color.values.length; row++) {
    const name = String(color.values[row]);
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  }
  return [...groups];
}

function trace(
  { x, color, size }: Columns,
  y: PlotColumn | undefined,
  kind: PlotKind,
  rows: readonly number[] | undefined,
  name: string | undefined,
): Trace {
  const at = (column: PlotColumn | undefined): Trace[string] => column && take(column.values, rows);
  const base = {
    ...(name !== undefined && { name }),
    ...(x && { x: at(x) }),
    ...(y && { y: at(y) }),
  };
  const makers: Readonly<Record<PlotKind, () => Trace>> = {
    scatter: () => ({ type: pointType(x ?? y), mode: "markers", ...base, marker: marker(color, size, rows) }),
    line: () => ({ type: pointType(x ?? y), mode: "lines", line: { width: 2 }, ...base }),
    area: () => ({ type: "scatter", mode: "lines", line: { width: 1.5 }, fill: "tozeroy", ...base }),
    bar: () => ({ type: "bar", ...base, ...(rows === undefined && color && { marker: colours(color, rows) }) }),
    histogram: () => ({ type: "histogram", ...base, ...(rows && { opacity: 0.75 }) }),
    box: () => ({ type: "box", ...base }),
    violin: () => ({ type: "violin", ...base, box: { visible: true }, meanline: { visible: true } }),
  };
  return makers[kind]();
}

function pointType(column: PlotColumn | undefined): string {
  return (column?.values.length ?? 0) > manyPoints ? "scattergl" : "scatter";
}

function marker(
  color: PlotColumn | undefined,
  size: PlotColumn | undefined,
  rows: readonly number[] | undefined,
): Trace {
  const scaled = size?.kind === "number" ? size : undefined;
  return {
    size: 8,
    opacity: 0.8,
    line: { width: 0.75, color: "#ffffff" },
    ...(rows === undefined && color && colours(color, rows)),
    ...(scaled && {
      size: take(scaled.values, rows),
      sizemode: "area",
      sizemin: 3,
      // Areas: the largest point is 36 pixels wide.
      sizeref: (2 * largest(scaled.values)) / 36 ** 2,
    }),
  };
}

function colours(color: PlotColumn, rows: readonly number[] | undefined): Trace {
  if (color.kind !== "number") return {};
  return {
    color: take(color.values, rows),
    colorscale: "Viridis",
    colorbar: { title: { text: color.name }, thickness: 14, outlinewidth: 0 },
  };
}

function largest(values: PlotColumn["values"]): number {
  let most = 0;
  for (const value of values) if (Number(value) > most) most = Number(value);
  return most || 1;
}

function take(values: PlotColumn["values"], rows: readonly number[] | undefined): PlotColumn["values"] {
  if (!rows) return values;
  if (values instanceof Float64Array) return Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
  return rows.map((row) => values[row] ?? null);
}

/** Joins axis titles from the columns with what the caller says in Plotly's terms, which wins. */
function layoutOf(
  { x, ys, color }: Columns,
  kind: PlotKind,
  title: string | undefined,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const counted = ys.length === 0 && (kind === "histogram" || kind === "bar");
  const yName = counted ? "count" : ys.map(({ name }) => name).join(", ");
  // Boxes of the axis' own column need no room side by side.
  const grouped = color !== undefined && x !== undefined && color.name !== x.name;
  const { xaxis, yaxis, legend, ...rest } = own;
  return {
    ...(title !== undefined && { title: { text: title } }),
    xaxis: { ...(x && { title: { text: x.name } }), ...(x?.kind === "text" && { type: "category" }), ...plain(xaxis) },
    yaxis: { ...(yName && { title: { text: yName } }), ...plain(yaxis) },
    legend: { ...(color && { title: { text: color.name } }), ...plain(legend) },
    ...(kind === "histogram" && color && { barmode: "overlay" }),
    ...(kind === "box" && grouped && { boxmode: "group" }),
    ...(kind === "violin" && grouped && { violinmode: "group" }),
    ...rest,
  };
}

function plain(value: unknown): object {
  return isPlainObject(value) ? value : {};
}
