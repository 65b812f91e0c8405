import { types } from "node:util";
import { figureBundle, isFigure, toFigure } from "./figure.ts";
import { gridOfFrame, gridOfRows } from "./frame.ts";
import { gridToHtml } from "./grid-html.ts";
import { isHandle } from "./handle.ts";
import { imageBundle } from "./image.ts";
import { inspectText } from "./inspect.ts";
import { firstOf, withFirst } from "./late.ts";
import { methodBundle } from "./methods.ts";
import { displaySymbol, type MimeBundle } from "./mimebundle.ts";
import { isObject } from "./property.ts";
import { elementBundle, vegaBundle } from "./spec.ts";
import { arrowBundle, gridBundle } from "./table.ts";
import { inspectTree } from "./tree.ts";

/**
 * Turns any value into the bundle that shows it. Never throws and never rejects:
 * a display method that fails is reported in the value's place. A display's handle, shown already, has no data.
 * `late: false` leaves out what only adds to the rest and takes time, as a figure's image.
 */
export function toMimeBundle(
  value: unknown,
  options: { readonly late?: boolean } = {},
): MimeBundle | Promise<MimeBundle> {
  if (!isObject(value) || types.isPromise(value) || types.isNativeError(value)) return plainBundle(value);
  if (isHandle(value)) return { data: {}, metadata: {} };
  try {
    const bundle = richBundle(value, options.late !== false) ?? plainBundle(value);
    if (!("then" in bundle)) return bundle;
    const safe = bundle.catch(() => plainBundle(value));
    return withFirst(safe, firstOf(bundle));
  } catch {
    return plainBundle(value);
  }
}

/** Tries what a value may be, surest first: its own word, then libraries by the look of their objects. */
function richBundle(value: object, late: boolean): MimeBundle | Promise<MimeBundle> | undefined {
  // Jupyter's convention is meant for notebooks; other methods of table libraries cut rows and leave out types.
  if (isFigure(value)) return figureBundle(value, late);
  const own = displaySymbol in value ? methodBundle(value) : undefined;
  return (
    own ??
    arrowBundle(value) ??
    frameBundle(value) ??
    methodBundle(value) ??
    vegaBundle(value) ??
    plotlyBundle(value, late) ??
    imageBundle(value) ??
    elementBundle(value)
  );
}

function frameBundle(value: object): MimeBundle | undefined {
  const grid = gridOfFrame(value);
  return grid && gridBundle(grid);
}

function plotlyBundle(value: object, late: boolean): MimeBundle | Promise<MimeBundle> | undefined {
  const figure = toFigure(value);
  return figure && figureBundle(figure, late);
}

/** Shows a value by inspection: text, with a table for rows and a tree for what is large. */
function plainBundle(value: unknown): MimeBundle {
  const text = inspectText(value);
  const html = richText(value, text);
  return {
    data: html === undefined ? { "text/plain": text } : { "text/html": html, "text/plain": text },
    metadata: {},
  };
}

function richText(value: unknown, text: string): string | undefined {
  try {
    const rows = types.isProxy(value) ? undefined : gridOfRows(value);
    return rows ? gridToHtml(rows) : inspectTree(value, text);
  } catch {
    return undefined;
  }
}
