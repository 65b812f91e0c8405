import { MagicError, type Argument, type Magic } from "./magic.ts";
import { findNearest } from "./nearest.ts";

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
  config: { line: "template", load: () => import("./config.ts").then((m) => m.config) },
  connect: { line: "template", load: () => import("./connect.ts").then((m) => m.connectMagic) },
  disconnect: { line: "template", load: () => import("./disconnect.ts").then((m) => m.disconnect) },
  down: { line: "template", load: () => import("./down.ts").then((m) => m.downMagic) },
  env: { line: "template", load: () => import("./env.ts").then((m) => m.env) },
  export: { line: "template", load: () => import("./export.ts").then((m) => m.exportMagic) },
  history: { line: "text", load: () => import("./history.ts").then((m) => m.history) },
  html: { cell: "text", load: () => import("./html.ts").then((m) => m.html) },
  javascript: { cell: "text", load: () => import("./javascript.ts").then((m) => m.javascript) },
  js: { cell: "text", load: () => import("./javascript.ts").then((m) => m.js) },
  latex: { cell: "text", load: () => import("./latex.ts").then((m) => m.latex) },
  load: { line: "template", load: () => import("./load.ts").then((m) => m.load) },
  logs: { line: "template", load: () => import("./logs.ts").then((m) => m.logsMagic) },
  lsmagic: { line: "text", load: () => import("./lsmagic.ts").then((m) => m.createLsmagic(allMagics)) },
  markdown: { cell: "text", load: () => import("./markdown.ts").then((m) => m.markdown) },
  mongo: {
    line: "template",
    cell: "template",
    arrow: true,
    load: () => import("./mongo.ts").then((m) => m.mongoMagic),
  },
  npm: { line: "template", load: () => import("./npm.ts").then((m) => m.npm) },
  ps: { line: "template", load: () => import("./ps.ts").then((m) => m.psMagic) },
  pwd: { line: "text", load: () => import("./pwd.ts").then((m) => m.pwd) },
  redis: {
    line: "template",
    cell: "template",
    arrow: true,
    load: () => import("./redis.ts").then((m) => m.redisMagic),
  },
  reset: { line: "text", load: () => import("./reset.ts").then((m) => m.reset) },
  run: { line: "template", load: () => import("./run.ts").then((m) => m.run) },
  sh: { line: "template", cell: "text", load: () => import("./sh.ts").then((m) => m.shMagic) },
  sql: { line: "template", cell: "template", arrow: true, load: () => import("./sql.ts").then((m) => m.sqlMagic) },
  svg: { cell: "text", load: () => import("./svg.ts").then((m) => m.svg) },
  time: { line: "code", cell: "code", load: () => import("./time.ts").then((m) => m.time) },
  timeit: { line: "code", cell: "code", load: () => import("./timeit.ts").then((m) => m.timeit) },
  typecheck: { line: "template", load: () => import("./typecheck.ts").then((m) => m.typecheck) },
  up: { line: "template", load: () => import("./up.ts").then((m) => m.upMagic) },
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
  const nearest = findNearest(name, magicNames());
  if (!nearest) return "%lsmagic lists all magics.";
  const percent = magicSyntax(nearest)?.line ? "%" : "%%";
  return `Did you mean ${percent}${nearest}?`;
}

async function allMagics(): Promise<Magic[]> {
  return Promise.all(magicNames().map(loadMagic));
}
