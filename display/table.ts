import type * as Arrow from "apache-arrow";
import { type ArrowTable, type ArrowVector, isArrowTable, isArrowVector } from "./arrow-type.ts";
import { gridToHtml } from "./grid-html.ts";
import { gridToText } from "./grid-text.ts";
import { type Grid, gridOfTable, gridOfVector } from "./grid.ts";
import { withFirst } from "./late.ts";
import type { MimeBundle } from "./mimebundle.ts";
import { read } from "./property.ts";

/** Media type of an Arrow IPC stream. */
export const arrowMime = "application/vnd.apache.arrow.stream";

/** Bounds of the payload for a grid in the front end. */
const payloadRows = 1_000;
const payloadBytes = 256 * 1024;
const payloadColumns = 1_000;

/** apache-arrow takes 50 ms to load: at the first table. From then on a table is shown at once. */
let loaded: typeof Arrow | undefined;

/** Shows an Arrow table or record batch: static HTML, text, and its first rows as an Arrow IPC stream. */
export function tableBundle(table: ArrowTable): MimeBundle | Promise<MimeBundle> {
  const bundle = gridBundle(gridOfTable(table));
  if (table.numCols === 0 || table.numCols > payloadColumns || hasLargeDictionary(table)) return bundle;
  if (loaded) return withPayload(bundle, table, loaded);
  const whole = import("apache-arrow").then((arrow) => {
    loaded = arrow;
    return withPayload(bundle, table, arrow);
  });
  return withFirst(whole, bundle);
}

function withPayload(bundle: MimeBundle, table: ArrowTable, arrow: typeof Arrow): MimeBundle {
  const payload = encodeHead(table, arrow);
  if (payload === undefined) return bundle;
  return {
    data: { [arrowMime]: payload, ...bundle.data },
    metadata: { [arrowMime]: { rows: table.numRows, columns: table.numCols } },
  };
}

/** Shows rows and columns of any library. */
export function gridBundle(grid: Grid): MimeBundle {
  return { data: { "text/html": gridToHtml(grid), "text/plain": gridToText(grid) }, metadata: {} };
}

/** Shows a Table, RecordBatch or Vector of any copy of apache-arrow, or returns undefined for another value. */
export function arrowBundle(value: unknown): Promise<MimeBundle> | MimeBundle | undefined {
  if (isArrowTable(value)) return tableBundle(value);
  if (isArrowVector(value)) return vectorBundle(value);
  return undefined;
}

function vectorBundle(vector: ArrowVector): MimeBundle {
  return gridBundle(gridOfVector(vector));
}

/** Encodes the first rows as base64 of an IPC stream; undefined where even few rows are too large or cannot be encoded. */
function encodeHead(table: ArrowTable, { Table, tableToIPC }: typeof Arrow): string | undefined {
  // A record batch is written as the table that it alone makes. The type is ours where the copy may be another.
  const toTable = (head: unknown): Arrow.Table =>
    read(head, "batches") === undefined ? new Table(head as Arrow.RecordBatch) : (head as Arrow.Table);
  for (const rows of [payloadRows, 200, 40]) {
    try {
      const head = table.slice(0, Math.min(rows, table.numRows));
      const bytes = tableToIPC(toTable(head), "stream");
      if (bytes.byteLength <= payloadBytes) return Buffer.from(bytes).toString("base64");
    } catch {
      // Another version's table, or a type without a writer: the HTML still shows it.
      return undefined;
    }
  }
  return undefined;
}

/** A stream carries whole dictionaries, however few rows use them. */
function hasLargeDictionary(table: ArrowTable): boolean {
  return table.schema.fields.some(({ type }, index) => {
    if (type.dictionary === undefined) return false;
    const dictionary = table.getChildAt(index)?.data[0]?.dictionary;
    return (dictionary?.length ?? 0) > payloadBytes / 4;
  });
}
