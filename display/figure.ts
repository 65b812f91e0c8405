import { toBase64 } from "./image.ts";
import { toJson } from "./json.ts";
import { withFirst } from "./late.ts";
import { displaySymbol, type Displayable, type MimeBundle } from "./mimebundle.ts";
import { countPoints, drawFigure, imageSize, refuseDrawing } from "./plot-image.ts";
import { isPlainObject, read } from "./property.ts";
import { template } from "./plot-template.ts";
import { clip, formatCounted } from "./text.ts";

/** A series of a Plotly figure: its `type` and arrays. */
export type Trace = Readonly<Record<string, unknown>>;

/** A Plotly figure; as a cell's value it is drawn. */
export interface Figure extends Displayable {
  readonly data: readonly Trace[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Makes a figure from Plotly's own `data`, `layout` and `config`. */
export function figure(parts: {
  readonly data: readonly Trace[];
  readonly layout?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
}): Figure {
  const { data, layout = {}, config = {} } = parts;
  const made: Figure = {
    data,
    layout: { template: template(read(layout, "title") !== undefined), ...layout },
    config: { responsive: true, displaylogo: false, ...config },
    [displaySymbol]: async () => (await figureBundle(made, true)).data,
  };
  // A method in the way would clutter the figure where it is inspected.
  Object.defineProperty(made, displaySymbol, { enumerable: false });
  figures.add(made);
  return made;
}

const figures = new WeakSet<object>();

/** True for what `figure` and `plot` returned. */
export function isFigure(value: unknown): value is Figure {
  return typeof value === "object" && value !== null && figures.has(value);
}

const traceTypes = new Set(
  (
    "bar barpolar box candlestick carpet choropleth choroplethmap choroplethmapbox cone contour contourcarpet densitymap " +
    "densitymapbox funnel funnelarea heatmap heatmapgl histogram histogram2d histogram2dcontour icicle image indicator isosurface " +
    "mesh3d ohlc parcats parcoords pie pointcloud quiver sankey scatter scatter3d scattercarpet scattergeo scattergl scattermap " +
    "scattermapbox scatterpolar scatterpolargl scattersmith scatterternary splom streamtube sunburst surface table treemap " +
    "violin volume waterfall"
  ).split(" "),
);

/** Recognises Plotly's own form, `{ data: [{ type, … }], layout }`; undefined for another value. */
export function toFigure(value: unknown): Figure | undefined {
  if (!isPlainObject(value)) return undefined;
  const data = read(value, "data");
  const layout = read(value, "layout");
  const config = read(value, "config");
  if (!Array.isArray(data) || !(layout === undefined || isPlainObject(layout))) return undefined;
  if (data.length === 0 || !data.every((item) => isTrace(item, layout !== undefined))) return undefined;
  return figure({ data, ...(layout && { layout }), ...(isPlainObject(config) && { config }) });
}

/** A trace may leave its type out (scatter) only where a layout says that this is a figure. */
function isTrace(item: unknown, hasLayout: boolean): item is Trace {
  if (!isPlainObject(item)) return false;
  const { type } = item;
  if (type === undefined) return hasLayout && ("x" in item || "y" in item);
  return typeof type === "string" && traceTypes.has(type);
}

/** Media type of a Plotly figure. */
const plotlyMime = "application/vnd.plotly.v1+json";

/** Shows a figure: for Plotly's renderer, as a PNG if `withImage`, and in words. All but the PNG can be shown at once. */
export function figureBundle(value: Figure, withImage: boolean): MimeBundle | Promise<MimeBundle> {
  const data = encode(value.data);
  const layout = encode(value.layout);
  const words = describe(value.data, value.layout);
  const live = { [plotlyMime]: { data, layout, config: encode(value.config) } };
  const withNote = (note: string | undefined): MimeBundle => ({
    data: { ...live, "text/plain": note ? `${words}\n(${note})` : words },
    metadata: {},
  });
  const points = countPoints(value.data);
  const refusal = refuseDrawing(value.data, points);
  if (refusal || !withImage) return withNote(refusal);
  const whole = drawFigure({ data, layout }).then(({ png, note }): MimeBundle => {
    if (!png) return withNote(note);
    // The image has two pixels for each of the page's.
    const metadata = { "image/png": imageSize(value.layout) };
    return { data: { ...live, "image/png": toBase64(png), "text/plain": words }, metadata };
  });
  return withFirst(whole, withNote(undefined));
}

const dtypes: Readonly<Record<string, string>> = {
  Float64Array: "f8",
  Float32Array: "f4",
  Int8Array: "i1",
  Uint8Array: "u1",
  Uint8ClampedArray: "u1c",
  Int16Array: "i2",
  Uint16Array: "u2",
  Int32Array: "i4",
  Uint32Array: "u4",
};

/** Copies a part of a figure to JSON; typed arrays as Plotly's `{ dtype, bdata }`, half the size of decimal text. */
function encode(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return encodeTyped(value);
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, encode(item)]));
  }
  // Only a whole attribute may be encoded, not a row of a matrix; a list of objects (traces, shapes) goes on.
  if (Array.isArray(value) && value.some(isPlainObject)) return value.map(encode);
  return toJson(value);
}

function encodeTyped(value: ArrayBufferView): unknown {
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (name === "BigInt64Array" || name === "BigUint64Array") {
    return encodeTyped(Float64Array.from(value as BigInt64Array, Number));
  }
  const dtype = dtypes[name];
  if (dtype === undefined) return toJson(value);
  return { dtype, bdata: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
}

/** Says in words what a figure shows. */
export function describeFigure({ data, layout }: Figure): string {
  return describe(data, layout);
}

/** `scatter plot "Cars": 392 points, x Horsepower, y Miles_per_Gallon`. */
function describe(data: readonly Trace[], layout: unknown): string {
  const kinds = [...new Set(data.map((trace) => kindOf(trace)))].join(" and ");
  const title = titleText(layout);
  const parts = [
    formatCounted(countPoints(data), "point"),
    data.length > 1 ? formatCounted(data.length, "trace") : "",
    ...["x", "y"].map((axis) => {
      const name = titleText(read(layout, `${axis}axis`));
      return name && `${axis} ${name}`;
    }),
  ].filter((part) => part !== "");
  return `${kinds} plot${title && ` "${title}"`}: ${parts.join(", ")}`;
}

function kindOf({ type = "scatter", mode, fill }: Trace): string {
  if (type !== "scatter" && type !== "scattergl") return String(type);
  if (fill !== undefined && fill !== "none") return "area";
  return typeof mode === "string" && mode.includes("lines") ? "line" : "scatter";
}

function titleText(holder: unknown): string {
  const title = read(holder, "title");
  const text = typeof title === "string" ? title : read(title, "text");
  return typeof text === "string" ? clip(text, 80) : "";
}
