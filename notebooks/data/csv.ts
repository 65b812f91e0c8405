type Row = Readonly<Record<string, string | number | null>>;

/** Writes rows as CSV, with a line of names first; null is an empty field. The book's values need no quotes. */
export function csv(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => names.map((name) => `${(row as Row)[name] ?? ""}`).join(","));
  return `${[names.join(","), ...lines].join("\n")}\n`;
}
