import { parseSync } from "oxc-parser";

/**
 * Ends what stands before a line that begins with `[`, `(` or a backtick, where that is `x++` or `x--`. Nothing of the kind
 * can follow those, so a semicolon belongs between them, but esbuild 0.28 reads on: `x++` and then `[1, 2]` is
 * `(x++)[1, 2]` to it. All other positions stay, as a line ends there.
 */
export function endPostfix(source: string, lang: "js" | "jsx" | "ts" | "tsx"): string {
  if (!/(?:\+\+|--)(?=\s|\/)/.test(source)) return source;
  const ends: number[] = [];
  collect(parseSync(`code.${lang}`, source, { lang }).program, ends);
  let text = source;
  for (const end of ends.toSorted((a, b) => b - a)) {
    const [gap = ""] = /^(?:\s|\/\/.*|\/\*[^]*?\*\/)*/.exec(source.slice(end)) ?? [];
    const next = source.charAt(end + gap.length);
    if (gap.includes("\n") && "[(`".includes(next) && next !== "") text = `${text.slice(0, end)};${text.slice(end)}`;
  }
  return text;
}

function collect(node: unknown, ends: number[]): void {
  if (typeof node !== "object" || node === null) return;
  const { type, prefix, end } = node as { type?: string; prefix?: boolean; end?: number };
  if (type === "UpdateExpression" && prefix === false && end !== undefined) ends.push(end);
  for (const child of Object.values(node)) collect(child, ends);
}
