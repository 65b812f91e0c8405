import { footer } from "./grid-html.ts";
import type { Grid, GridColumn } from "./grid.ts";
import { shownRows } from "./grid.ts";
import { clip, oneLine, pad, textWidth } from "./text.ts";

/** Widths in characters: a cell, and the whole line. */
const maxCell = 40;
const maxLine = 120;

/** Draws the first rows and columns as aligned text, for terminals, logs and diffs. */
export function gridToText(grid: Grid): string {
  const rows = Math.min(grid.rows, shownRows);
  const columns: { column: GridColumn; cells: string[]; width: number }[] = [];
  let width = 0;
  for (const column of grid.columns) {
    const cells = [cell(column.name), cell(column.type)];
    for (let row = 0; row < rows; row++) cells.push(cell(column.text(row)));
    const columnWidth = Math.max(...cells.map(textWidth));
    width += columnWidth + 2;
    if (width > maxLine && columns.length > 0) break;
    columns.push({ column, cells, width: columnWidth });
  }
  const cut = columns.length < grid.columns.length;
  const draw = (index: number): string =>
    columns
      .map(({ column, cells, width: size }) => pad(cells[index] ?? "", size, column.align))
      .concat(cut ? ["…"] : [])
      .join("  ")
      .trimEnd();
  const rule = columns.map(({ width: size }) => "─".repeat(size)).join("  ");
  const body = Array.from({ length: rows }, (_, row) => draw(row + 2));
  const lines = columns.length > 0 ? [draw(0), draw(1), rule, ...body] : [];
  return [...lines, footer(grid, columns.length)].join("\n");
}

function cell(text: string | null): string {
  return text === null ? "null" : clip(oneLine(clip(text, maxCell)), maxCell);
}
