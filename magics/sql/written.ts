import { type Displayable, type MimeData, displaySymbol } from "../../display/mimebundle.ts";

/** What was written, where to, and how long it took; shown, and as a text, a line. */
export interface Written extends Displayable {
  /** The table or file. */
  readonly table: string;
  readonly rows: number;
  /** Bytes of the rows in memory, or of the file. */
  readonly bytes: number;
  readonly ms: number;
  /** The line. */
  toString(): string;
}

/** Makes what a write returns; `to` is the connection. */
export function createWritten(
  { table, rows, bytes, ms }: Omit<Written, typeof displaySymbol | "toString">,
  to?: string,
): Written {
  const where = to === undefined ? table : `${table} (${to})`;
  const line = `${where}: ${formatRows(rows)}, ${formatBytes(bytes)}, ${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const value = (): MimeData => ({ "text/plain": line });
  const text = { value: () => line };
  return Object.defineProperties(
    { table, rows, bytes, ms },
    { [displaySymbol]: { value }, toString: text, [Symbol.for("nodejs.util.inspect.custom")]: text },
  ) as unknown as Written;
}

function formatRows(rows: number): string {
  return rows === 1 ? "1 row" : `${rows.toLocaleString("en")} rows`;
}

function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
