import { Worker } from "node:worker_threads";
import { isPlainObject, read, toText } from "./property.ts";

/** What the drawing worker is asked; the figure is JSON, since a window in the worker is another realm. */
export interface DrawRequest {
  readonly id: number;
  readonly figure: string;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** What the drawing worker answers. */
export interface DrawReply {
  readonly id: number;
  readonly png?: Uint8Array;
  readonly error?: string;
}

/** An image, or why there is none. */
export interface Drawn {
  readonly png?: Uint8Array;
  readonly note?: string;
}

/** Size of a figure that does not say its own, in CSS pixels, and image pixels for each of them. */
const defaultSize = { width: 700, height: 450 };
const scale = 2;
const maxSide = 4_000;

/** Beyond this an SVG takes seconds to lay out and draw. */
const maxPoints = 100_000;

/** A drawing that takes longer is given up, in ms. */
const limitMs = 20_000;

/** Types that need WebGL, map tiles or a browser's layout. */
const undrawable =
  /^(?:.*3d|.*map|.*mapbox|surface|volume|isosurface|cone|streamtube|splom|parcoords|parcats|pointcloud|heatmapgl|choropleth|scattergeo|scatterpolargl|table|image)$/;
const drawableMaps = /^(?:heatmap|treemap)$/;

/** Says why a figure cannot be drawn here; undefined where it can be tried. */
export function refuseDrawing(data: readonly unknown[], points: number): string | undefined {
  const types = data.map((trace) => toText(read(trace, "type") ?? "scatter"));
  const refused = types.find((type) => undrawable.test(type) && !drawableMaps.test(type));
  if (refused) return `no image: ${refused} needs a browser to draw it`;
  return points > maxPoints ? "no image: too many points to draw without a browser" : undefined;
}

/** Draws a figure as a PNG without a browser, in a worker; the caller's thread stays free. Never rejects. */
export async function drawFigure(figure: { data: unknown; layout: unknown }): Promise<Drawn> {
  const data: readonly unknown[] = Array.isArray(figure.data) ? figure.data : [];
  const traces = data.map((trace) =>
    isPlainObject(trace) && trace["type"] === "scattergl" ? { ...trace, type: "scatter" } : trace,
  );
  const size = imageSize(figure.layout);
  try {
    return { png: await draw(JSON.stringify({ data: traces, layout: figure.layout }), size) };
  } catch (error) {
    return { note: `no image: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Returns the size at which a figure is drawn, in CSS pixels. */
export function imageSize(layout: unknown): { width: number; height: number } {
  const side = (key: "width" | "height"): number => {
    const asked = Number(read(layout, key));
    return asked >= 10 ? Math.min(asked, maxSide) : defaultSize[key];
  };
  return { width: side("width"), height: side("height") };
}

/** Counts the points of a figure: the longest array of each trace. */
export function countPoints(data: readonly unknown[]): number {
  return data.reduce<number>((sum, trace) => {
    const keys = ["x", "y", "z", "values", "labels", "r", "theta", "lat", "lon", "open"];
    return sum + Math.max(0, ...keys.map((key) => lengthOf(read(trace, key))));
  }, 0);
}

function lengthOf(value: unknown): number {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return 0;
  if (Array.isArray(value) && Array.isArray(value[0])) {
    return value.reduce<number>((sum, row) => sum + lengthOf(row), 0);
  }
  return Number(read(value, "length"));
}

interface Waiting {
  readonly resolve: (png: Uint8Array) => void;
  readonly reject: (reason: Error) => void;
}

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

/** Starts the worker at the first figure. It holds the process open only while it draws. */
function start(): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const started = new Worker(new URL(`./plot-worker.${extension}`, import.meta.url), {
    stdout: true,
    stderr: true,
    execArgv: [], // those of `node --input-type=module -e` are for no file
  });
  started.on("message", ({ id, png, error }: DrawReply) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    if (png) resolve?.(png);
    else reject?.(new Error(error ?? "nothing was drawn"));
  });
  const stop = (reason: Error): void => {
    if (worker === started) worker = undefined;
    for (const { reject } of waiting.values()) reject(reason);
  };
  started.on("error", stop);
  started.on("exit", () => stop(new Error("the drawing worker ended")));
  return started;
}

async function draw(figure: string, size: { width: number; height: number }): Promise<Uint8Array> {
  const id = ++lastId;
  worker ??= start();
  const current = worker;
  current.ref();
  const limit = setTimeout(() => {
    waiting.get(id)?.reject(new Error("drawing took too long"));
    void current.terminate();
  }, limitMs);
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      const request: DrawRequest = { id, figure, ...size, scale };
      // A worker's port takes a list of what to transfer, not a window's origin.
      current.postMessage(request, []);
    });
  } finally {
    clearTimeout(limit);
    waiting.delete(id);
    if (waiting.size === 0) current.unref();
  }
}
