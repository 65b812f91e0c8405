import type { Catalog, CatalogTable } from "./catalog.ts";
import { tokenize } from "./lexer.ts";
import {
  type NamedTable,
  nameOf,
  placeOf,
  reserved,
  namedTables,
  statementAround,
  withoutValues,
  wordsOf,
} from "./statement.ts";
import { functions, keywordsOf } from "./words.ts";

/** A notebook variable that SQL can read as a table. */
export interface TableName {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What a query can name. */
export interface Known {
  readonly catalog: Catalog | undefined;
  readonly variables: readonly TableName[];
}

/** What fits in a query: items that replace the text from `start` on, or a kind of thing that the notebook knows. */
export type SqlCompletion =
  | {
      readonly kind: "items";
      readonly prefix: string;
      readonly start: number;
      readonly items: readonly Item[];
    }
  /** A path, inside quotes. */
  | { readonly kind: "file"; readonly prefix: string; readonly start: number }
  /** A variable, behind a colon. */
  | { readonly kind: "variable"; readonly prefix: string; readonly start: number }
  | { readonly kind: "none" };

/** Something that fits; `key` is what was typed of it, where it needs quotes. */
export interface Item {
  readonly text: string;
  readonly type: string;
  readonly rank: number;
  readonly key?: string;
}

/** Finds what fits in SQL at the end of `before`; `after` is the rest of the text. */
export function completeSql(before: string, after: string, known: Known): SqlCompletion {
  const [head, tail] = [withoutValues(before), withoutValues(after)];
  const words = wordsOf(head);
  const last = words.at(-1);
  const touches = last?.end === head.length;
  if (isComment(head)) return { kind: "none" };
  if (last && touches && last.kind === "string") {
    if (last.text.length > 1 && last.text.endsWith("'")) return { kind: "none" };
    const opener = words.at(-2)?.text.toLowerCase() ?? "";
    const isPath = /^(?:from|join|into|to|\(|,|attach|copy|table)$/.test(opener);
    return isPath ? { kind: "file", prefix: last.text.slice(1), start: last.start + 1 } : { kind: "none" };
  }
  const parameter = /(?<![:\w"')\]]):([\p{L}_][\p{L}\p{N}_$]*)?$/u.exec(head);
  if (parameter) {
    const prefix = parameter[1] ?? "";
    return { kind: "variable", prefix, start: head.length - prefix.length };
  }
  if (last && touches && last.kind === "other") return { kind: "none" };
  const isPartial = last !== undefined && touches && (last.kind === "word" || last.kind === "quoted");
  if (isPartial && last.kind === "quoted" && last.text.length > 1 && last.text.endsWith('"')) return { kind: "none" };
  const prefix = isPartial ? last.text : "";
  const start = head.length - prefix.length;
  const items = itemsAt(isPartial ? words.slice(0, -1) : words, prefix, tail, head.slice(0, start), known);
  const own = prefix.startsWith('"') ? items.map(inQuotes) : items;
  return { kind: "items", prefix, start, items: known.catalog?.kind === "mysql" ? own.map(inBackticks) : own };
}

function itemsAt(
  words: ReturnType<typeof wordsOf>,
  prefix: string,
  after: string,
  before: string,
  known: Known,
): Item[] {
  const path: string[] = [];
  let at = words.length - 1;
  for (; words[at]?.text === "." && words[at - 1]; at -= 2) path.unshift(nameOf(words[at - 1]!));
  const sources = namedTables(`${before}${after}`, statementAround(before, after));
  const place = placeOf(words.slice(0, at + 1));
  if (path.length > 0) return membersOf(path, place, sources, known);
  if (place === "table") return tables(known, sources).map((item) => ({ ...item, rank: 0 }));
  const upper = /^[A-Z]{2}/.test(prefix) || (prefix === "" && /\b(?:SELECT|FROM)\b/.test(before));
  const kind = known.catalog?.kind ?? "duckdb";
  const sqlWords = keywordsOf(kind).map((text) => ({
    text: upper ? text.toUpperCase() : text,
    type: "keyword",
    rank: 2,
  }));
  if (place === "start") return sqlWords.filter(({ text }) => starters.has(text.toLowerCase()));
  const found = sources.flatMap((source) => columnsOf(source.path, known));
  const all = found.length > 0 ? found : allColumns(known);
  const calls = [...new Set([...(kind === "duckdb" ? functions : []), ...(known.catalog?.functions ?? [])])];
  return [
    ...unique(all),
    ...sources.map(({ path: of, alias }) => named(alias ?? of.at(-1)!, "table", 1)),
    ...sqlWords,
    ...calls.map((text) => ({ text, type: "function", rank: 3 })),
  ];
}

const starters = new Set(
  "select from with insert update delete create drop alter copy describe summarize explain attach detach use set show pivot unpivot values install load call pragma begin commit rollback truncate export import".split(
    " ",
  ),
);

function membersOf(
  path: readonly string[],
  place: ReturnType<typeof placeOf>,
  sources: readonly NamedTable[],
  known: Known,
): Item[] {
  const [name = ""] = path.slice(-1);
  const columns = (): Item[] => {
    const source = sources.find(({ alias, path: of }) => same(alias ?? of.at(-1)!, name));
    return columnsOf(source?.path ?? path, known);
  };
  const inSchema = (known.catalog?.tables ?? [])
    .filter(({ schema }) => same(schema, path.join(".")) || same(schema.split(".", 1)[0]!, path.join(".")))
    .map((table) => named(table.name, "table", 0));
  return unique(place === "table" ? inSchema : [...columns(), ...inSchema]);
}

const tableFunctions = ["read_csv", "read_parquet", "read_json", "range", "glob", "unnest"];

function tables({ catalog, variables }: Known, sources: readonly NamedTable[]): Item[] {
  const kept = (catalog?.tables ?? []).map((table) => ({ ...named(table.name, "table", 0), text: pathOf(table) }));
  const schemas = (catalog?.tables ?? []).filter(({ schema }) => schema !== "main").map(({ schema }) => schema);
  return unique([
    ...kept,
    ...variables.map(({ name }) => named(name, "variable", 0)),
    ...sources.filter(({ path }) => path.length === 0).map(({ alias }) => ({ text: alias!, type: "table", rank: 0 })),
    ...schemas.map((text) => ({ text, type: "schema", rank: 1 })),
    ...(catalog?.kind === undefined || catalog.kind === "duckdb" ? tableFunctions : []).map((text) => ({
      text,
      type: "function",
      rank: 2,
    })),
  ]);
}

function pathOf({ schema, name }: CatalogTable): string {
  return schema === "main" ? quoted(name) : `${schema.split(".").map(quoted).join(".")}.${quoted(name)}`;
}

function columnsOf(path: readonly string[], { catalog, variables }: Known): Item[] {
  const name = path.at(-1);
  if (name === undefined) return [];
  const schema = path.slice(0, -1).join(".");
  const inCatalog = (catalog?.tables ?? []).filter(
    (table) => same(table.name, name) && (schema === "" || same(table.schema, schema)),
  );
  const columns =
    inCatalog[0]?.columns.map((column) => column.name) ?? variables.find((each) => same(each.name, name))?.columns;
  return (columns ?? []).map((text) => named(text, "column", 0));
}

function allColumns({ catalog, variables }: Known): Item[] {
  const names = [
    ...(catalog?.tables ?? []).flatMap(({ columns }) => columns.map(({ name }) => name)),
    ...variables.flatMap(({ columns }) => columns),
  ];
  return names.map((text) => named(text, "column", 1));
}

function unique(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.text, item])).values()];
}

function isComment(sql: string): boolean {
  const last = tokenize(sql).at(-1);
  if (last?.kind !== "comment") return false;
  return sql.startsWith("--", last.start) || !sql.endsWith("*/");
}

function named(name: string, type: string, rank: number): Item {
  return { text: quoted(name), type, rank, key: name };
}

function quoted(name: string): string {
  const isPlain = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !reserved.has(name.toLowerCase());
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}

function inQuotes(item: Item): Item {
  const canBe = item.type !== "keyword" && item.type !== "function";
  return canBe && !item.text.startsWith('"') ? { ...item, text: `"${item.text}"` } : item;
}

/** MySQL's quotes of names. */
function inBackticks(item: Item): Item {
  return {
    ...item,
    text: item.text.replaceAll(/"((?:[^"]|"")*)"/g, (_, name: string) => `\`${name.replaceAll('""', '"')}\``),
  };
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
