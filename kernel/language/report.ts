import type { Fix, Problem } from "./problems.ts";

/** A place as tools get it: all counted from 1 but `position`, which counts from 0; all in code points. */
interface Place {
  readonly line: number;
  readonly column: number;
  readonly position: number;
}

// Under this MIME type tools find the problems of a cell.
const problemsMime = "application/vnd.typhoon.diagnostics+json";

/** Problems of a cell as text with code frames, as HTML with links, and as JSON for tools. */
export function reportProblems(problems: readonly Problem[], source: string, name: string): Record<string, unknown> {
  const shown = problems.slice(0, mostShown);
  const more = problems.length > mostShown ? [`… and ${problems.length - mostShown} more`] : [];
  const plain = shown.map((problem) => frame(problem, source, name, paint));
  const html = shown.map((problem) => frame(problem, source, name, htmlPaint));
  const stretch = ({ start, end }: { readonly start: number; readonly end: number }): object => ({
    start: placeOf(source, start),
    end: placeOf(source, end),
  });
  const diagnostics = problems.map(({ severity, code, message, fixes, ...place }) => ({
    ...stretch(place),
    severity,
    code,
    message,
    fixes: fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map(({ newText, ...edit }) => ({ ...stretch(edit), newText })),
    })),
  }));
  return {
    "text/plain": [...plain, ...more].join("\n"),
    "text/html": `<pre>${[...html, ...more].join("\n")}</pre>`,
    [problemsMime]: { cell: name, diagnostics },
  };
}

/** The problems as the traceback of an error that stops a cell; addresses are links in most front ends and terminals. */
export function problemsTraceback(problems: readonly Problem[], source: string, name: string): string[] {
  const codes = [...new Set(problems.map(({ code }) => code))].slice(0, mostLinked);
  return [
    ...problems.slice(0, mostShown).map((problem) => frame(problem, source, name, paint)),
    ...codes.map((code) => paint.faint(pageOf(code))),
  ];
}

/** A page about an error, with what causes it. */
function pageOf(code: number): string {
  return `https://typescript.tv/errors/ts${code}/`;
}

const mostShown = 20;
const mostLinked = 3;
const widest = 160;

interface Paint {
  readonly escape: (text: string) => string;
  readonly place: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly code: (code: number) => string;
}

function ansi(open: number, close: number): (text: string) => string {
  return (text) => `\u001B[${open}m${text}\u001B[${close}m`;
}

const paint: Paint = {
  escape: (text) => text,
  place: ansi(36, 39),
  error: ansi(31, 39),
  warning: ansi(33, 39),
  faint: ansi(2, 22),
  code: (code) => `TS${code}`,
};

const colored =
  (color: string) =>
  (text: string): string =>
    `<span style="color: var(${color})">${text}</span>`;

const htmlPaint: Paint = {
  escape: (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  place: colored("--jp-info-color1, #0288d1"),
  error: colored("--jp-error-color1, #d32f2f"),
  warning: colored("--jp-warn-color1, #b26a00"),
  faint: (text) => `<span style="opacity: 0.6">${text}</span>`,
  code: (code) => `<a href="${pageOf(code)}" target="_blank" rel="noopener">TS${code}</a>`,
};

/** One problem: where and what, the line with what is wrong underlined, and what mends it. */
function frame(
  { start, end, severity, code, message, fixes }: Problem,
  source: string,
  name: string,
  by: Paint,
): string {
  const { line, column } = placeOf(source, start);
  const lineStart = source.lastIndexOf("\n", start - 1) + 1;
  const text = source.slice(lineStart).split("\n", 1)[0]!.replace(/\r$/, "");
  const points = Array.from(text);
  const cut = column > widest - 40 ? column - Math.floor(widest / 2) : 0;
  const stretch = source.slice(start, Math.min(Math.max(end, start + 1), lineStart + text.length));
  const length = Math.max(1, Math.min(Array.from(stretch).length, widest - (column - cut)));
  const mark = severity === "error" ? by.error : by.warning;
  const number = String(line);
  const before = points.slice(cut, column - 1).map((point) => (point === "\t" ? "\t" : " ".repeat(widthOf(point))));
  const squiggle = points.slice(column - 1, column - 1 + length).map((point) => "~".repeat(widthOf(point)));
  return [
    `${by.place(`${name}:${line}:${column}`)} ${mark(by.code(code))} ${by.escape(message)}`,
    `${mark(by.escape(">"))} ${by.faint(`${number} │`)} ${by.escape(points.slice(cut, cut + widest).join(""))}`,
    `  ${" ".repeat(number.length)} ${by.faint("│")} ${before.join("")}${mark(squiggle.join("") || "~")}`,
    ...fixes.filter((fix) => !isSaid(fix, message)).map(({ title }) => `  ${by.faint("try:")} ${by.escape(title)}`),
  ].join("\n");
}

/** "Did you mean 'length'?" says it. */
function isSaid({ title }: Fix, message: string): boolean {
  return message.includes(`'${title}'?`);
}

/** Columns that a character takes in a monospaced font: emoji and East Asian characters are two wide. */
function widthOf(point: string): number {
  return /[\p{Extended_Pictographic}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u.test(
    point,
  )
    ? 2
    : 1;
}

function placeOf(source: string, offset: number): Place {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    line: before.split("\n").length,
    column: Array.from(before.slice(lineStart)).length + 1,
    position: Array.from(before).length,
  };
}
