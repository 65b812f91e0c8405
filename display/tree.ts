import { inspect, types } from "node:util";
import { drawGrid, gridStyle } from "./grid-html.ts";
import { isObject } from "./property.ts";
import { type Summary, summarize } from "./summary.ts";
import { clip, escapeHtml, formatCount, oneLine } from "./text.ts";

/** Bounds of a tree: levels, items of one level, nodes and bytes in all. */
const maxDepth = 6;
const maxItems = 100;
const maxKeys = 10_000;
const maxNodes = 1_000;
const maxBytes = 48 * 1024;

// JupyterLab's editor colours; VS Code's where there are none; else colours that read on light and dark pages.
const colours = {
  key: "var(--jp-mirror-editor-property-color,var(--vscode-debugTokenExpression-name,#7c6bd6))",
  string: "var(--jp-mirror-editor-string-color,var(--vscode-debugTokenExpression-string,#c0504d))",
  number: "var(--jp-mirror-editor-number-color,var(--vscode-debugTokenExpression-number,#2f8f5b))",
  other: "var(--jp-mirror-editor-keyword-color,var(--vscode-debugTokenExpression-boolean,#3d7bd0))",
};
const style = `<style>
div.typhoon.typhoon-tree{padding:5px 7px;font-family:var(--jp-code-font-family,var(--vscode-editor-font-family,monospace));font-size:var(--jp-code-font-size,13px);line-height:1.45;color:var(--jp-content-font-color1,var(--vscode-foreground,inherit))}
div.typhoon.typhoon-tree details{margin:0;padding:0}
div.typhoon.typhoon-tree summary{cursor:pointer;display:list-item}
div.typhoon.typhoon-tree details>div{white-space:pre-wrap;overflow-wrap:anywhere}
div.typhoon.typhoon-tree i{font-style:normal;color:${colours.key}}
div.typhoon.typhoon-tree .s{color:${colours.string}}
div.typhoon.typhoon-tree .n{color:${colours.number}}
div.typhoon.typhoon-tree .k{color:${colours.other}}
div.typhoon.typhoon-tree small{font-size:.9em;opacity:.65}
</style>`;

/** Size of a table inside of a tree: rows, columns, characters of a cell. */
const small = { rows: 5, columns: 8, chars: 40 };

interface Budget {
  nodes: number;
  bytes: number;
  hasTable: boolean;
}

/** Draws a nested object as a tree that folds, without script; undefined where a tree says no more than the text. */
export function inspectTree(value: unknown, text: string): string | undefined {
  if (!isBranch(value)) return undefined;
  try {
    if (text.split("\n", 13).length < 13 && !holdsTable(value)) return undefined;
    // Listing very many keys takes long each time; a lookup table's text says enough.
    if (!Array.isArray(value) && Object.keys(value).length > maxKeys) return undefined;
    const budget = { nodes: maxNodes, bytes: maxBytes, hasTable: false };
    const tree = node("", value, 0, [], budget);
    return `${style}${budget.hasTable ? gridStyle : ""}<div class="typhoon typhoon-tree">${tree}</div>`;
  } catch {
    // A hostile object: the text inspection remains.
    return undefined;
  }
}

/** True where a table is among the first items, as in what several queries gave. */
function holdsTable(value: object): boolean {
  let left = maxItems;
  for (const [, item] of entries(value)) {
    if (left-- === 0) return false;
    if (summarize(item)?.grid) return true;
  }
  return false;
}

/** True for values that unfold: plain data and class instances, not errors, functions or proxies. */
function isBranch(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  if (types.isNativeError(value) || types.isPromise(value) || types.isDate(value)) return false;
  return !ArrayBuffer.isView(value) && !types.isAnyArrayBuffer(value) && !types.isRegExp(value);
}

function node(key: string, value: unknown, depth: number, above: readonly object[], budget: Budget): string {
  const label = key === "" ? "" : `<i>${escapeHtml(clip(oneLine(key), 80))}</i>: `;
  budget.nodes--;
  budget.bytes -= label.length + 60;
  if (!isBranch(value)) return `<div>${label}${leaf(value, budget)}</div>`;
  const summed = summarize(value);
  const summary = `${label}${escapeHtml(clip(summed?.text ?? preview(value), 140))}`;
  budget.bytes -= summary.length;
  if (summed) return table(summary, summed, depth, budget);
  if (above.includes(value)) return `<div>${label}<small>[Circular]</small></div>`;
  if (depth >= maxDepth || sizeOf(value) === 0) return `<div>${summary}</div>`;
  const open = depth === 0 || (depth === 1 && sizeOf(value) <= 5) ? " open" : "";
  const inner = items(value, depth, [...above, value], budget);
  return details(summary, inner, open);
}

/** A branch. Indented in place too, since untrusted notebooks drop the style. */
function details(summary: string, inner: string, open: string): string {
  return `<details${open}><summary>${summary}</summary><div style="padding-left:1.5em">${inner}</div></details>`;
}

/** A table's first rows, or only its line where there is no room. */
function table(summary: string, { grid }: Summary, depth: number, budget: Budget): string {
  const drawn = grid && depth < maxDepth ? drawGrid(grid(), small.columns, small.chars, small.rows) : "";
  if (drawn === "" || drawn.length > budget.bytes) return `<div>${summary}</div>`;
  budget.bytes -= drawn.length;
  budget.hasTable = true;
  return details(summary, drawn, depth <= 1 ? " open" : "");
}

function items(value: object, depth: number, above: readonly object[], budget: Budget): string {
  const parts: string[] = [];
  for (const [key, item] of entries(value)) {
    if (parts.length >= maxItems || budget.nodes <= 0 || budget.bytes <= 0) {
      parts.push(`<div><small>… ${formatCount(sizeOf(value) - parts.length)} more</small></div>`);
      break;
    }
    parts.push(node(key, item, depth + 1, above, budget));
  }
  return parts.join("");
}

const accessor = Symbol("accessor");

function* entries(value: object): Generator<[string, unknown]> {
  if (types.isMap(value)) {
    for (const [key, item] of Map.prototype.entries.call(value)) yield [short(key), item];
  } else if (types.isSet(value)) {
    let at = 0;
    for (const item of Set.prototype.values.call(value)) yield [String(at++), item];
  } else if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) yield [String(at), own(value, at)];
  } else {
    for (const key of Object.keys(value)) yield [key, own(value, key)];
  }
}

/** Reads without running a getter. */
function own(value: object, key: PropertyKey): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  return descriptor?.get || descriptor?.set ? accessor : descriptor?.value;
}

function sizeOf(value: object): number {
  if (Array.isArray(value)) return value.length;
  if (types.isMap(value) || types.isSet(value)) return value.size;
  return Object.keys(value).length;
}

function leaf(value: unknown, budget: Budget): string {
  if (value === accessor) return "<small>[Getter]</small>";
  const kind = { string: "s", number: "n", bigint: "n" }[typeof value as string] ?? "k";
  const text = escapeHtml(clip(isObject(value) ? oneLine(short(value)) : short(value), 1_000));
  budget.bytes -= text.length;
  return `<span class="${kind}">${text}</span>`;
}

function short(value: unknown): string {
  if (typeof value === "string") return inspect(clip(value, 1_000));
  return clip(inspect(value, { depth: 0, breakLength: Infinity, maxArrayLength: 10 }), 200);
}

function preview(value: object): string {
  const name = className(value);
  if (Array.isArray(value)) return `Array(${formatCount(value.length)})`;
  if (types.isMap(value) || types.isSet(value)) return `${name}(${formatCount(value.size)})`;
  const keys = Object.keys(value);
  const shown = keys.slice(0, 6).map((key) => clip(oneLine(key), 30));
  const body = keys.length > 6 ? [...shown, "…"] : shown;
  return `${name === "Object" ? "" : `${name} `}{${body.join(", ")}}`;
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isObject(prototype)) return "Object";
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" && typeof made.name === "string" ? made.name : "Object";
}
