import { MagicError, type Argument, type Magic } from "./magic.ts";

/** How a magic's arguments are read, known without loading it. */
export interface MagicSyntax {
  readonly line?: Argument;
  readonly cell?: Argument;
  /** `%name x << …` keeps the line form's result in `x`. */
  readonly arrow?: boolean;
}

interface Entry extends MagicSyntax {
  load(): Promise<Magic>;
}

const table: Readonly<Record<string, Entry>> = {
  bash: { cell: "text", load: () => import("./bash.ts").then((m) => m.bash) },
  capture: { cell: "code", load: () => import("./capture.ts").then((m) => m.capture) },
  cd: { line: "template", load: () => import("./cd.ts").then((m) => m.cd) },
  env: { line: "template", load: () => import("./env.ts").then((m) => m.env) },
  history: { line: "text", load: () => import("./history.ts").then((m) => m.history) },
  html: { cell: "text", load: () => import("./html.ts").then((m) => m.html) },
  javascript: { cell: "text", load: () => import("./javascript.ts").then((m) => m.javascript) },
  js: { cell: "text", load: () => import("./javascript.ts").then((m) => m.js) },
  latex: { cell: "text", load: () => import("./latex.ts").then((m) => m.latex) },
  load: { line: "template", load: () => import("./load.ts").then((m) => m.load) },
  lsmagic: { line: "text", load: () => import("./lsmagic.ts").then((m) => m.createLsmagic(allMagics)) },
  markdown: { cell: "text", load: () => import("./markdown.ts").then((m) => m.markdown) },
  npm: { line: "template", load: () => import("./npm.ts").then((m) => m.npm) },
  pwd: { line: "text", load: () => import("./pwd.ts").then((m) => m.pwd) },
  reset: { line: "text", load: () => import("./reset.ts").then((m) => m.reset) },
  run: { line: "template", load: () => import("./run.ts").then((m) => m.run) },
  sh: { line: "template", cell: "text", load: () => import("./sh.ts").then((m) => m.shMagic) },
  sql: { line: "template", cell: "template", arrow: true, load: () => import("./sql.ts").then((m) => m.sqlMagic) },
  svg: { cell: "text", load: () => import("./svg.ts").then((m) => m.svg) },
  time: { line: "code", cell: "code", load: () => import("./time.ts").then((m) => m.time) },
  timeit: { line: "code", cell: "code", load: () => import("./timeit.ts").then((m) => m.timeit) },
  who: { line: "text", load: () => import("./who.ts").then((m) => m.who) },
  whos: { line: "text", load: () => import("./whos.ts").then((m) => m.whos) },
  writefile: { cell: "text", load: () => import("./writefile.ts").then((m) => m.writefile) },
};

/** Returns the name of every magic, in alphabetical order. */
export function magicNames(): string[] {
  return Object.keys(table);
}

/** Returns how a magic's arguments are read, or undefined if there is no such magic. */
export function magicSyntax(name: string): MagicSyntax | undefined {
  if (!Object.hasOwn(table, name)) return undefined;
  const { line, cell, arrow } = table[name]!;
  return { ...(line && { line }), ...(cell && { cell }), ...(arrow && { arrow }) };
}

/** Imports a magic with what it needs. */
export async function loadMagic(name: string): Promise<Magic> {
  if (!Object.hasOwn(table, name)) throw new MagicError(name, `there is no such magic. ${suggest(name)}`);
  return table[name]!.load();
}

/** Says which magic a wrong name probably meant. */
export function suggest(name: string): string {
  const wrong = name.toLowerCase();
  const [nearest] = magicNames()
    // The beginning of a name is as near as one wrong letter.
    .map((known) => ({ known, distance: wrong.length > 1 && known.startsWith(wrong) ? 1 : editDistance(wrong, known) }))
    .filter(({ known, distance }) => distance <= Math.max(1, Math.floor(known.length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  if (!nearest) return "%lsmagic lists all magics.";
  const percent = magicSyntax(nearest.known)?.line ? "%" : "%%";
  return `Did you mean ${percent}${nearest.known}?`;
}

async function allMagics(): Promise<Magic[]> {
  return Promise.all(magicNames().map(loadMagic));
}

/** Counts the letters to insert, remove, replace or swap with their neighbour to get from one word to the other. */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      const best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(swapped ? Math.min(best, rows[i - 2]![j - 2]! + 1) : best);
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}
