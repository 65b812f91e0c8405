import { findImportPlace, withImport } from "./auto-import.ts";
import { ownPrefix } from "./bindings.ts";
import type { Document } from "./documents.ts";
import type { ImportNames } from "./import-names.ts";
import { type Segment, toMade, toOriginal } from "./plain-cell.ts";
import { toOffset, toPosition } from "./places.ts";
import type { CompletionItem, CompletionResult } from "./protocol.ts";
import type { LanguageServer } from "./server.ts";

/** What the types know to fit at a cursor; all positions are offsets of the cell's text. */
export interface Completions {
  readonly start: number;
  readonly end: number;
  /** Any name can stand there, also one that the types do not know. */
  readonly anyName: boolean;
  readonly items: readonly { readonly text: string; readonly type: string; readonly signature: string }[];
}

// The kinds of the protocol, in Jupyter's words.
const kinds: Readonly<Record<number, string>> = {
  1: "text",
  2: "method",
  3: "function",
  4: "class",
  5: "property",
  6: "variable",
  7: "class",
  8: "interface",
  9: "module",
  10: "property",
  11: "text",
  12: "value",
  13: "enum",
  14: "keyword",
  16: "color",
  17: "path",
  18: "reference",
  19: "folder",
  20: "enum",
  21: "constant",
  22: "class",
  25: "type",
};

// The server sorts globals and keywords by this text, behind what is nearer; in an import list it offers a keyword alone.
const globalSort = "15";
const mostItems = 500;
// Signatures are a question each: asked for what stands first in the list.
const mostSignatures = 12;
const longestSignature = 300;
const variableKind = 6;
const keywordKind = 14;
// Words that stand in classes and types, or that are no use; the server offers them wherever a name could be.
const partsOfOthers = new Set(
  "accessor asserts constructor defer get global implements intrinsic is out override package private protected public require set static unique".split(
    " ",
  ),
);

/** Whether the text ends in a JSX tag, behind its name: before the tag is closed, it is no JSX to a parser. */
export function isInTag(before: string): boolean {
  return /(?:^|[\n=(,?:[{}]|=>|&&|\|\||return)\s*<[A-Za-z][\w.]*\s(?:[^<>]|=>)*$/.test(before.slice(-2_000));
}

/** Asks what fits at an offset of a cell; undefined in text that is no code. */
export async function askCompletions(
  server: LanguageServer,
  names: ImportNames,
  document: Document,
  source: string,
  offset: number,
): Promise<Completions | undefined> {
  const at = toMade(document.segments, offset);
  if (at === undefined) return undefined;
  const params = { position: toPosition(document.text, at) };
  const found = await server.ask<CompletionResult>("textDocument/completion", document.path, params);
  const completions = await readCompletions(found, source, offset, document, (item) =>
    server.ask<CompletionItem>("completionItem/resolve", document.path, item),
  );
  const { items, anyName } = completions;
  if (!anyName || items.some(({ type }) => type !== "keyword")) return completions;
  return (await completeImports(names, source, offset, items)) ?? completions;
}

/** Offers names that would have to be imported first, with their import above the line. */
async function completeImports(
  names: ImportNames,
  source: string,
  offset: number,
  keywords: Completions["items"],
): Promise<Completions | undefined> {
  const place = findImportPlace(source, offset);
  if (!place) return undefined;
  const found = await names.startingWith(place.prefix);
  if (found.length === 0) return undefined;
  return {
    start: place.start,
    end: offset,
    anyName: false,
    items: [
      ...(place.head === "" ? keywords : []), // elsewhere they would replace another stretch
      ...found.map((each) => ({ text: withImport(place, each), type: kinds[each.kind ?? 0] ?? "", signature: "" })),
    ],
  };
}

interface Fitting {
  readonly item: CompletionItem;
  readonly text: string;
  readonly start: number;
}

/** Filters and orders the server's answer for the text before the cursor. */
async function readCompletions(
  found: CompletionResult,
  source: string,
  offset: number,
  { text, segments }: { readonly text: string; readonly segments: readonly Segment[] },
  resolve: (item: CompletionItem) => Promise<CompletionItem>,
): Promise<Completions> {
  const given = found === null ? [] : "items" in found ? found.items : found;
  const word = /[\p{ID_Continue}$#\u200c\u200d]*$/u.exec(source.slice(0, offset))![0];
  const anyName = given.filter(({ sortText }) => sortText === globalSort).length > 1;
  const fitting = given.flatMap((item): Fitting[] => {
    if (anyName && item.kind === keywordKind && partsOfOthers.has(item.label)) return [];
    if (item.label.startsWith(ownPrefix) || item.label.startsWith(`./${ownPrefix}`)) return [];
    if (isHidden(item, word)) return [];
    const at = item.textEdit && toOriginal(segments, toOffset(text, item.textEdit.range.start));
    const start = at === undefined || at > offset ? offset - word.length : at;
    const inserted = item.textEdit?.newText ?? item.insertText ?? item.label;
    if (/^(?:\?\.)?\[Symbol\b/.test(inserted)) return []; // such as `[Symbol.iterator]`
    return [{ item, text: inserted, start }];
  });
  // Jupyter has one range for all: what replaces more, such as `?.x` for `.x`, is for where nothing else fits.
  const plain = fitting.filter(({ start }) => start === offset - word.length);
  const matching = best(plain.length > 0 ? plain : fitting, source, offset)
    .toSorted((a, b) => order(a).localeCompare(order(b), "en") || (a.item.label < b.item.label ? -1 : 1))
    .slice(0, mostItems);
  const start = Math.min(offset - word.length, ...matching.map((each) => each.start));
  const details = await Promise.all(
    matching.slice(0, mostSignatures).map(async ({ item }) => {
      // A name of another cell is a variable to the server, whatever it stands for.
      const isOwn = item.kind === variableKind && item.sortText !== globalSort;
      if (!isCallable(item) && !isOwn) return undefined;
      return readDetail((await resolve(item).catch(() => item)).detail ?? "", item.label);
    }),
  );
  return {
    start,
    end: offset,
    anyName,
    items: matching.map((each, index) => ({
      text: source.slice(start, each.start) + each.text,
      type: details[index]?.type ?? kinds[each.item.kind ?? 0] ?? "",
      signature: details[index]?.signature ?? "",
    })),
  };
}

function isCallable({ kind }: CompletionItem): boolean {
  return kind === 2 || kind === 3;
}

/** Prefers what begins with the same letters in the same case. */
function best(items: readonly Fitting[], source: string, offset: number): readonly Fitting[] {
  const typed = ({ start }: Fitting): string => source.slice(start, offset);
  const key = ({ item }: Fitting): string => item.filterText ?? item.label;
  const exact = items.filter((each) => key(each).startsWith(typed(each)));
  if (exact.length > 0) return exact;
  return items.filter((each) => key(each).toLowerCase().startsWith(typed(each).toLowerCase()));
}

/** The server's order; names with an underscore come last. */
function order({ item }: Fitting): string {
  return `${item.label.startsWith("_") ? 1 : 0}${item.sortText ?? item.label}`;
}

/** Whether an import's path would go to a file that is hidden, or to the folder of the packages. */
function isHidden({ kind, label }: CompletionItem, word: string): boolean {
  const isPath = kind === 17 || kind === 19;
  return isPath && (label === "node_modules" || (label.startsWith(".") && word === ""));
}

/** `(method) Array<number>.map<U>(f: …): U[]` is shown as `<U>(f: …): U[]`; what is declared tells the type. */
function readDetail(detail: string, label: string): { readonly type: string | undefined; readonly signature: string } {
  // Imports and overloads follow on lines of their own; a type may take several.
  const line = detail
    .replace(/^\(alias\) /, "")
    .split(/\n(?=import |\(|function |const )/, 1)[0]!
    .replaceAll(/\s*\n\s*/g, " ");
  const type = /^(?:declare |abstract )*(function|class|interface|enum|type|namespace|const enum)\b/.exec(line)?.[1];
  const at = line.indexOf(label);
  const rest = at < 0 ? "" : line.slice(at + label.length);
  return {
    type: type === "const enum" ? "enum" : type,
    signature:
      /^[<(]/.test(rest) && type !== "class" && type !== "interface" && type !== "type"
        ? rest.slice(0, longestSignature)
        : "",
  };
}
