import type { Grid, GridColumn } from "./grid.ts";
import { shownRows } from "./grid.ts";
import { clip, escapeHtml, formatCount, formatCounted, oneLine } from "./text.ts";

/** The size that the whole fragment stays under, in bytes. */
const maxBytes = 64 * 1024;

/** Steps of what is left out until the fragment fits: columns shown and characters of a cell. */
const cuts = [
  { columns: 30, chars: 120 },
  { columns: 20, chars: 60 },
  { columns: 12, chars: 40 },
  { columns: 6, chars: 24 },
];

// Colours come from JupyterLab (also in nbconvert's pages) or VS Code; translucent greys fit any other page, light or dark.
// Two classes and the element outweigh JupyterLab's own rules for tables in outputs.
const line = "var(--jp-border-color2,var(--vscode-panel-border,rgba(128,128,128,.3)))";
const dim = "var(--jp-content-font-color2,var(--vscode-descriptionForeground,rgba(128,128,128,1)))";
/** The style of tables, once for each fragment that has some. */
export const gridStyle: string = `<style>
div.typhoon.typhoon-table{overflow-x:auto;scrollbar-width:thin;scrollbar-color:rgba(128,128,128,.5) transparent;max-width:100%;font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.35;color:var(--jp-content-font-color1,var(--vscode-foreground,inherit))}
div.typhoon.typhoon-table table{border-collapse:collapse;table-layout:auto;margin:0;border:0;font-size:inherit;color:inherit;font-variant-numeric:tabular-nums}
div.typhoon.typhoon-table th,div.typhoon.typhoon-table td{padding:4px 10px;border:0;text-align:left;vertical-align:top;white-space:pre;max-width:36em;overflow:hidden;text-overflow:ellipsis;background:none;line-height:inherit}
div.typhoon.typhoon-table thead th{padding-bottom:0;font-weight:600;white-space:nowrap}
div.typhoon.typhoon-table thead tr+tr th{padding:0 10px 5px;font-weight:400;font-size:11px;color:${dim};border-bottom:1px solid ${line}}
div.typhoon.typhoon-table tbody tr{background:none}
div.typhoon.typhoon-table tbody tr+tr td{border-top:1px solid var(--jp-border-color3,rgba(128,128,128,.14))}
div.typhoon.typhoon-table tbody tr:hover{background:var(--jp-rendermime-table-row-hover-background,var(--vscode-list-hoverBackground,rgba(128,128,128,.1)))}
div.typhoon.typhoon-table .r{text-align:right}
div.typhoon.typhoon-table .null{color:${dim};font-style:italic;opacity:.75}
div.typhoon.typhoon-table p{margin:6px 10px 2px;font-size:11px;color:${dim}}
</style>`;

/** Draws the first rows and columns as static HTML: names, types, values and the size of the whole. No script. */
export function gridToHtml(grid: Grid): string {
  let html = "";
  for (const { columns, chars } of cuts) {
    html = gridStyle + drawGrid(grid, columns, chars, shownRows);
    if (Buffer.byteLength(html) <= maxBytes) return html;
  }
  return html;
}

/** Draws the first rows and columns without the style. */
export function drawGrid(grid: Grid, maxColumns: number, chars: number, maxRows: number): string {
  const columns = grid.columns.slice(0, maxColumns);
  const rows = Math.min(grid.rows, maxRows);
  const left = grid.columns.length > columns.length ? "<th></th>" : "";
  const names = columns.map((column) => th(column, column.name, chars)).join("");
  const types = columns.map((column) => th(column, column.type, chars)).join("");
  const body = Array.from({ length: rows }, (_, row) => {
    const cells = columns.map((column) => td(column, column.text(row), chars)).join("");
    return `<tr>${cells}${left && "<td>…</td>"}</tr>`;
  });
  const head = columns.length > 0 ? `<thead><tr>${names}${left}</tr><tr>${types}${left}</tr></thead>` : "";
  return `<div class="typhoon typhoon-table"><table>${head}<tbody>${columns.length > 0 ? body.join("") : ""}</tbody></table><p>${escapeHtml(
    footer(grid, columns.length, maxRows),
  )}</p></div>`;
}

function th({ align }: GridColumn, text: string, chars: number): string {
  return `<th${right(align)}>${escapeHtml(clip(oneLine(clip(text, chars)), chars))}</th>`;
}

function td({ align }: GridColumn, text: string | null, chars: number): string {
  if (text === null) return `<td class="${align === "right" ? "r " : ""}null">null</td>`;
  return `<td${right(align)}>${escapeHtml(clip(oneLine(clip(text, chars)), chars))}</td>`;
}

function right(align: GridColumn["align"]): string {
  return align === "right" ? ` class="r"` : "";
}

/** Says how much is shown: `2 rows × 2`, `20 of 1,234,567 rows × 30 of 200 columns`. */
export function footer(grid: Grid, columnsShown: number, rowsShown: number = shownRows): string {
  const rows =
    grid.rows > rowsShown
      ? `${formatCount(rowsShown)} of ${formatCounted(grid.rows, "row")}`
      : formatCounted(grid.rows, "row");
  const total = grid.columns.length;
  return columnsShown < total ? `${rows} × ${columnsShown} of ${formatCounted(total, "column")}` : `${rows} × ${total}`;
}
