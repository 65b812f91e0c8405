import { ownPrefix } from "./bindings.ts";
import { type Segment, toOriginal } from "./plain-cell.ts";
import { toOffset } from "./places.ts";
import type { CompletionItem, CompletionResult } from "./protocol.ts";

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

interface Fitting {
  readonly item: CompletionItem;
  readonly text: string;
  readonly start: number;
}

/** Filters and orders the server's answer for the text before the cursor. */
export async function readCompletions(
  found: CompletionResult,
  source: string,
  offset: number,
  { text, segments }: { readonly text: string; readonly segments: readonly Segment[] },
  resolve: (item: CompletionItem) => Promise<CompletionItem>,
): Promise<Completions> {
  const given = found === null ? [] : "items" in found ? found.items : found;
  const word = /[\p{ID_Continue}$#\u200c\u200d]*$/u.exec(source.slice(0, offset))![0];
  const fitting = given.flatMap((item): Fitting[] => {
    // Jupyter replaces text at the cursor only: there is no place for the import that such a name needs.
    if (item.data?.autoImport !== undefined) return [];
    if (item.label.startsWith(ownPrefix) || item.label.startsWith(`./${ownPrefix}`)) return [];
    const at = item.textEdit && toOriginal(segments, toOffset(text, item.textEdit.range.start));
    const start = at === undefined || at > offset ? offset - word.length : at;
    const inserted = item.textEdit?.newText ?? item.insertText ?? item.label;
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
      if (!isCallable(item)) return "";
      return signatureOf((await resolve(item).catch(() => item)).detail ?? "", item.label);
    }),
  );
  return {
    start,
    end: offset,
    anyName: given.filter(({ sortText }) => sortText === globalSort).length > 1,
    items: matching.map((each, index) => ({
      text: source.slice(start, each.start) + each.text,
      type: kinds[each.item.kind ?? 0] ?? "",
      signature: details[index] ?? "",
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

/** `(method) Array<number>.map<U>(f: …): U[]` is shown as `<U>(f: …): U[]`. */
function signatureOf(detail: string, label: string): string {
  const line = detail.split("\n", 1)[0]!;
  const at = line.indexOf(label);
  const rest = at < 0 ? "" : line.slice(at + label.length);
  return /^[<(]/.test(rest) ? rest : "";
}
