import type { MimeBundle } from "../display/mimebundle.ts";

/** Makes a small table of text, for a magic that lists things: HTML, and aligned columns as plain text. */
export function listing(columns: readonly string[], rows: readonly (readonly string[])[]): MimeBundle {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]!.length)));
  const plain = [columns, ...rows].map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
  const html = [
    "<table>",
    `<thead><tr>${columns.map((column) => cell("th", column)).join("")}</tr></thead>`,
    `<tbody>${rows.map((row) => `<tr>${row.map((text) => cell("td", text)).join("")}</tr>`).join("\n")}</tbody>`,
    "</table>",
  ];
  return { data: { "text/html": html.join("\n"), "text/plain": plain.join("\n") }, metadata: {} };
}

function cell(tag: "th" | "td", text: string): string {
  return `<${tag} style="text-align:left">${escape(text)}</${tag}>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escape(text: string): string {
  return text.replaceAll(/[&<>]/g, (char) => entities[char]!);
}
