import { loadMagic } from "../../magics/index.ts";
import type { Choice, Takes } from "../../magics/magic.ts";
import type { Catalog } from "../../magics/sql/catalog.ts";
import { startsSql } from "../../magics/sql/starters.ts";
import type { Found } from "./candidates.ts";
import { dependencyCandidates, fileCandidates } from "./complete-files.ts";
import { connectionCandidates, environmentCandidates, tableVariables, variableCandidates } from "./complete-live.ts";
import type { LiveValues } from "./live-values.ts";
import type { MagicPlace } from "./magic-text.ts";

/** What completion may ask of the notebook. */
export interface Sources {
  /** Folder of the notebook. */
  readonly folder: string;
  /** Asks the main thread's values; undefined where it does not answer. */
  live<T>(ask: (live: LiveValues) => Promise<T>, mostMs?: number): Promise<T | undefined>;
  /** What the database of a connection has, as far as it is known; without one, the notebook's. */
  catalog(connection?: string): Promise<Catalog | undefined>;
}

const nothing = { candidates: [], prefix: "" } as const;

/** Completes the text of a magic. */
export async function completeMagicText(
  place: MagicPlace & { kind: "text" },
  code: string,
  offset: number,
  sources: Sources,
): Promise<Found> {
  const { takes = {} } = await loadMagic(place.name);
  const before = code.slice(place.start, offset);
  if (place.part === "line") {
    const found = await completeLine(place, takes, before, offset, sources);
    if (found) return found;
  }
  if (takes.language === "sql") {
    const isHead = place.part === "line" && code.startsWith("%%", place.start - place.name.length - 2);
    if (isHead) return completeConnection(before, offset, sources);
    const line = place.part === "line" ? before : (/^\s*%%\w+([^\n]*)/.exec(code)?.[1] ?? "");
    const head = readHead(place.part === "line" ? line : `${line} `);
    const text = place.part === "line" ? before.slice(head.length) : before;
    return completeSqlText(text, code.slice(offset, place.end), offset, sources, head.connection);
  }
  if (takes.language !== "shell") return { ...nothing, start: offset };
  return fileFound(/[^\s;|&<>()"'=]*$/.exec(before)![0], offset, "file");
}

/** Completes the connection on the line of a cell's magic: its only word that is no option. */
async function completeConnection(before: string, offset: number, sources: Sources): Promise<Found> {
  const { connection, length } = readHead(before);
  const last = before.slice(length).trimStart();
  if (connection !== undefined || /\s/.test(last)) return { ...nothing, start: offset };
  return choose("connection", last, "", offset, sources);
}

/** What stands before the SQL: `rows <<`, options and a connection, up to the space behind them. */
function readHead(line: string): { readonly connection: string | undefined; readonly length: number } {
  let connection: string | undefined;
  let at = 0;
  for (;;) {
    const rest = line.slice(at);
    const skipped =
      /^\s*[\p{L}_$][\p{L}\p{N}_$]*\s*<<\s/u.exec(rest) ??
      /^\s*--(?:explain|analyze|stream|dry-run)(?=\s)/.exec(rest) ??
      /^\s*--[a-z]+(?:=|\s+)\S+(?=\s)/.exec(rest);
    const [word, name = ""] = /^\s*([\p{L}_][\p{L}\p{N}_.-]*)(?=\s)/u.exec(rest) ?? [];
    if (skipped) at += skipped[0].length;
    else if (word !== undefined && connection === undefined && !startsSql(name)) {
      connection = name;
      at += word.length;
    } else return { connection, length: at };
  }
}

/** Completes options and words; undefined where the text of the magic's own language has begun. */
async function completeLine(
  { name }: MagicPlace & { kind: "text" },
  { options = {}, words, language }: Takes,
  before: string,
  offset: number,
  sources: Sources,
): Promise<Found | undefined> {
  const { done, last, quote } = splitLine(before);
  const valued = options[done.at(-1) ?? ""];
  if (valued !== undefined && valued !== "flag") return choose(valued, last, quote, offset, sources);
  const behind = done.filter((word, at) => !word.startsWith("-") && !isValue(options[done[at - 1] ?? ""]));
  if (quote === "" && last.startsWith("-") && (language === undefined || behind.length === 0)) {
    const candidates = Object.keys(options)
      .filter((option) => !done.includes(option))
      .map((text) => ({ text, type: "option", rank: 0 }));
    return { candidates, prefix: last, start: offset - last.length };
  }
  if (name === "sql") {
    const found = await completeShortcut(behind, last, offset, sources);
    if (found) return found;
  }
  if (language !== undefined) return undefined;
  return choose(words?.(behind) ?? [], last, quote, offset, sources);
}

function isValue(option: "flag" | Choice | undefined): boolean {
  return option !== undefined && option !== "flag";
}

/** The words before the one at the cursor, and that one, which a quote may have opened. */
function splitLine(text: string): { done: string[]; last: string; quote: string } {
  const words = Array.from(text.matchAll(/"[^"]*"?|'[^']*'?|=|[^\s"'=]+/g), ([word]) => word);
  const open = words.at(-1);
  const isOpen = open !== undefined && /^["']/.test(open) && (open.length === 1 || open.at(-1) !== open[0]);
  const last = open !== undefined && (isOpen || (!/\s$/.test(text) && open !== "=")) ? words.pop()! : "";
  const done = words.map((word) => word.replaceAll(/^["']|["']$/g, ""));
  return isOpen ? { done, last: last.slice(1), quote: last[0]! } : { done, last, quote: "" };
}

async function choose(
  choice: Choice,
  last: string,
  quote: string,
  offset: number,
  { folder, live }: Sources,
): Promise<Found> {
  const start = offset - last.length;
  if (choice === "file" || choice === "folder") return fileFound(last, offset, choice, quote);
  if (choice === "environment") {
    return { candidates: (await live(environmentCandidates)) ?? [], prefix: last, start };
  }
  if (choice === "connection") {
    const candidates = await live((values) => connectionCandidates(values, folder));
    return { candidates: candidates ?? [], prefix: last, start };
  }
  if (choice === "package") return { candidates: dependencyCandidates(folder), prefix: last, start };
  return { candidates: choice.map((text, rank) => ({ text, type: "value", rank })), prefix: last, start };
}

async function fileFound(prefix: string, offset: number, kind: "file" | "folder", quote = ""): Promise<Found> {
  const found = await fileCandidates(prefix, process.cwd(), kind);
  // A name with a space needs quotes; a folder's stay open for what is in it.
  const candidates = found.map((each) => {
    if (quote !== "" || !/\s/.test(each.text)) return each;
    return { ...each, key: each.text, text: `"${each.text}${each.text.endsWith("/") ? "" : '"'}` };
  });
  return { candidates, prefix, start: offset - prefix.length };
}

/** `%sql tables` and `%sql schema NAME`. */
async function completeShortcut(
  done: readonly string[],
  last: string,
  offset: number,
  sources: Sources,
): Promise<Found | undefined> {
  const [connection, word] = done.length === 2 ? done : [undefined, done[0]];
  if (done.length > 2 || word === undefined || !/^(?:schema|columns)$/.test(word)) return undefined;
  const { catalog, variables } = await knownTables(sources, connection);
  const names = [...(catalog?.tables ?? []), ...variables].map(({ name }) => name);
  return {
    candidates: [...new Set(names)].map((text) => ({ text, type: "table", rank: 0 })),
    prefix: last,
    start: offset - last.length,
  };
}

// Where the main thread does not answer, there are the tables of the database and the variables of the last time.
const variablesMs = 200;
let lastVariables: Awaited<ReturnType<typeof tableVariables>> = [];

async function knownTables(
  { live, catalog }: Sources,
  connection: string | undefined,
): Promise<{
  readonly catalog: Catalog | undefined;
  readonly variables: Awaited<ReturnType<typeof tableVariables>>;
}> {
  const [known, variables] = await Promise.all([catalog(connection), live(tableVariables, variablesMs)]);
  if (variables) lastVariables = variables;
  return { catalog: known, variables: lastVariables };
}

/** Completes SQL; `before` ends at the offset of the cell. */
export async function completeSqlText(
  before: string,
  after: string,
  offset: number,
  sources: Sources,
  connection?: string,
): Promise<Found> {
  const [{ completeSql }, known] = await Promise.all([
    import("../../magics/sql/completion.ts"),
    knownTables(sources, connection === "duckdb" ? undefined : connection),
  ]);
  const found = completeSql(before, after, known);
  if (found.kind === "none") return { ...nothing, start: offset };
  const { prefix } = found;
  const start = offset - prefix.length;
  if (found.kind === "file") {
    return { candidates: await fileCandidates(prefix, process.cwd()), prefix, start };
  }
  if (found.kind === "variable") {
    return { candidates: (await sources.live(variableCandidates)) ?? [], prefix, start };
  }
  const isStart = before.trim() === prefix;
  const shortcuts = isStart ? ["tables", "schema"].map((text) => ({ text, type: "command", rank: 1 })) : [];
  return { candidates: [...found.items, ...shortcuts], prefix, start };
}
