/** ANSI colours, or the text as it is. */
export interface Paint {
  readonly error: (text: string) => string;
  readonly place: (text: string) => string;
  readonly faint: (text: string) => string;
}

function ansi(open: number, close: number): (text: string) => string {
  return (text) => `\u001B[${open}m${text}\u001B[${close}m`;
}

const plain = (text: string): string => text;

/** Chooses colours for a trace. */
export function createPaint(colors: boolean): Paint {
  if (!colors) return { error: plain, place: plain, faint: plain };
  // SGR 2, since JupyterLab's dark theme leaves bright black (90) as good as invisible.
  return { error: ansi(31, 39), place: ansi(36, 39), faint: ansi(2, 22) };
}

const linesBefore = 2;
const widest = 160;

/** Shows a line of source (both positions 1-based) with a caret below it and what stands before it. */
export function codeFrame(source: string, line: number, column: number, paint: Paint): readonly string[] {
  const lines = source.split(/\r?\n/);
  if (line > lines.length) return [];
  const first = Math.max(1, line - linesBefore);
  const digits = String(line).length;
  // A line of a megabyte (data, minified code) is shown around the place.
  const cut = column > widest - 20 ? column - Math.floor(widest / 2) : 0;
  const rows: string[] = [];
  for (let number = first; number <= line; number++) {
    const text = (lines[number - 1] ?? "").slice(cut, cut + widest);
    const marker = number === line ? paint.error(">") : " ";
    rows.push(`${marker} ${paint.faint(`${String(number).padStart(digits)} │`)} ${text}`.trimEnd());
  }
  // Tabs stay tabs, so that the caret stands below its character at every tab width.
  const before = (lines[line - 1] ?? "").slice(cut, column - 1).replace(/[^\t]/g, " ");
  rows.push(`  ${" ".repeat(digits)} ${paint.faint("│")} ${before}${paint.error("^")}`);
  return rows;
}
