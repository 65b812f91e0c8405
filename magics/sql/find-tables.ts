import type { Syntax } from "./dialect.ts";
import { tokenize, type Token } from "./lexer.ts";

/** A table or file that a statement reads or changes, by its place in the text. */
export interface TableUse {
  /** `reads`: after FROM or JOIN. `changes`: after INTO, UPDATE, DELETE FROM, TABLE and the like. */
  readonly use: "reads" | "changes";
  /** The names of a path, without their quotes; undefined where it is a text: a file. */
  readonly path: readonly string[] | undefined;
  readonly file: string | undefined;
  readonly start: number;
  readonly end: number;
  /** The name that the statement gives it. */
  readonly alias: string | undefined;
}

interface Word {
  readonly kind: Token["kind"];
  readonly text: string;
  readonly lower: string;
  readonly start: number;
  readonly end: number;
}

/** Reads the tokens of a statement that are neither space nor comment. */
function readWords(sql: string, syntax: Syntax): Word[] {
  return tokenize(sql, syntax).flatMap(({ kind, start, end }) => {
    if (kind === "space" || kind === "comment") return [];
    const text = sql.slice(start, end);
    return [{ kind, text, lower: kind === "word" ? text.toLowerCase() : text, start, end }];
  });
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));
/** Words that make a FROM behind them a clause, and not a part of a function's arguments. */
const heads = set("select delete update with describe summarize show table pivot unpivot");
const endsList = set(
  "where group order having limit window qualify union except intersect set returning offset fetch for select values",
);
const notAlias = set(
  "where group order having limit on using set values qualify window returning union except intersect from join inner left right full cross natural asof positional anti semi outer straight_join tablesample sample offset fetch for pivot unpivot lateral as use force ignore partition select into with default do at indexed not when",
);
/** Words that are no table's name without quotes: where one stands, the name is still to be written. */
const notTable = set(
  "where group order having limit on using set union except intersect returning join inner left right full outer cross natural and or not as from select by",
);
const changing = set("into update truncate view");
const tableWords = set("create drop alter lock copy rename analyze vacuum");

/** Lists the tables and files that a statement names. */
export function findTables(sql: string, syntax: Syntax): TableUse[] {
  const words = readWords(sql, syntax);
  const found: TableUse[] = [];
  /** One for each open parenthesis, the innermost last. */
  const frames = [{ isStatement: true, inList: false }];
  const lower = (at: number): string => words[at]?.lower ?? "";
  for (let at = 0; at < words.length; at++) {
    const frame = frames.at(-1)!;
    const { lower: word, kind } = words[at]!;
    if (word === "(") {
      const isList = /^(?:from|join|,|\()$/.test(lower(at - 1)) && frame.inList;
      frames.push({ isStatement: false, inList: isList });
      if (isList && !heads.has(lower(at + 1)) && lower(at + 1) !== "values") at = add(at + 1, "reads") - 1;
      continue;
    }
    if (word === ")") {
      if (frames.length > 1) frames.pop();
      continue;
    }
    if (word === "," && frame.inList) at = add(at + 1, "reads") - 1;
    if (kind !== "word") continue;
    if (heads.has(word)) frame.isStatement = true;
    if (word === "from" && lower(at - 1) !== "distinct" && (frame.isStatement || lower(at - 1) === "(")) {
      const isDelete = lower(at - 1) === "delete";
      frame.inList = !isDelete;
      frame.isStatement = true;
      at = add(at + 1, isDelete ? "changes" : "reads") - 1;
    } else if (word === "join") at = add(at + 1, "reads") - 1;
    else if (changing.has(word) || (word === "table" && tableWords.has(lower(0))) || (word === "copy" && at === 0)) {
      const isFor = word === "update" && lower(at - 1) === "for";
      const next = /^(?:if)$/.test(lower(at + 1)) ? at + (lower(at + 2) === "not" ? 4 : 3) : at + 1;
      if (!isFor && lower(next) !== "(" && lower(next) !== "table") at = add(next, "changes") - 1;
    } else if (endsList.has(word)) frame.inList = false;
  }
  return found;

  /** Adds what begins with that word, if it is a table or file; returns the word behind it. */
  function add(first: number, use: TableUse["use"]): number {
    let at = first;
    if (/^(?:only|lateral)$/.test(lower(at))) at++;
    const begin = words[at];
    if (!begin) return first;
    let path: string[] | undefined;
    let file: string | undefined;
    if (begin.kind === "string") file = begin.text.slice(1, -1).replaceAll("''", "'");
    else {
      path = [];
      for (; isName(words[at]); at += 2) {
        path.push(nameOf(words[at]!));
        if (words[at + 1]?.text !== ".") break;
      }
      // A path that is still being written ends at its dot.
      if (path.length > 0 && !isName(words[at])) at--;
      // A function's name, or the beginning of a subquery.
      if (
        path.length === 0 ||
        (path.length === 1 && begin.kind === "word" && notTable.has(begin.lower)) ||
        (use === "reads" && lower(at + 1) === "(") ||
        (path.length === 1 && heads.has(begin.lower))
      )
        return first;
    }
    const { end } = words[at]!;
    const next = lower(at + 1) === "as" ? at + 2 : at + 1;
    const named = isName(words[next]) && !notAlias.has(lower(next)) ? words[next] : undefined;
    found.push({ use, path, file, start: begin.start, end, alias: named && nameOf(named) });
    return at + 1;
  }
}

function isName(word: Word | undefined): boolean {
  return word?.kind === "word" || word?.kind === "quoted";
}

function nameOf({ kind, text }: Word): string {
  if (kind === "word") return text;
  const close = text[0] === "[" ? "]" : text[0]!;
  return text.slice(1, -1).replaceAll(close + close, close);
}

/** A piece of a statement that other text takes the place of. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A statement's text with pieces replaced, and where an offset of it was before. */
export interface Replaced {
  readonly sql: string;
  before(offset: number): number;
}

/** Replaces pieces of a text. */
export function replacePieces(sql: string, replacements: readonly Replacement[]): Replaced {
  const sorted = replacements.toSorted((a, b) => a.start - b.start);
  let text = "";
  let from = 0;
  const pieces: { readonly at: number; readonly start: number; readonly isNew: boolean }[] = [];
  for (const { start, end, text: own } of sorted) {
    pieces.push({ at: text.length, start: from, isNew: false });
    text += sql.slice(from, start);
    pieces.push({ at: text.length, start, isNew: true });
    text += own;
    from = end;
  }
  pieces.push({ at: text.length, start: from, isNew: false });
  return {
    sql: text + sql.slice(from),
    before(offset) {
      const piece = pieces.findLast(({ at }) => at <= offset);
      if (!piece) return offset;
      return piece.isNew ? piece.start : piece.start + offset - piece.at;
    },
  };
}

/** Finds where a path of names stands before a dot, as that of a column: `pg.orders.id`. */
export function findQualifiers(sql: string, syntax: Syntax, path: readonly string[]): Replacement[] {
  const words = readWords(sql, syntax);
  const found: Replacement[] = [];
  for (let at = 0; at + 2 * path.length - 1 < words.length; at++) {
    if (words[at - 1]?.text === ".") continue;
    const isIt = path.every((name, i) => {
      const word = words[at + 2 * i];
      return isName(word) && same(nameOf(word!), name) && words[at + 2 * i + 1]?.text === ".";
    });
    if (isIt) found.push({ start: words[at]!.start, end: words[at + 2 * path.length - 2]!.end, text: "" });
  }
  return found;
}

/** Words that an expression, and no alias, comes behind. */
const expressions = set(
  "select distinct all where on by and or not in like ilike is between case when then else having qualify limit offset exists any set values with returning union except intersect using over filter escape",
);
const everything = set("natural columns pivot unpivot summarize describe table show positional");

/**
 * The names that a statement may use of a table's columns, in lower case; undefined where it may use all of them. `names` are
 * those by which the statement knows the table: alone, they are its row.
 */
export function namesUsed(sql: string, syntax: Syntax, names: readonly string[]): ReadonlySet<string> | undefined {
  const words = readWords(sql, syntax);
  const used = new Set<string>();
  let selects = 0;
  let froms = 0;
  for (const [at, word] of words.entries()) {
    const before = words[at - 1]?.text;
    const after = words[at + 1]?.text;
    if (word.text === "*") {
      // `count(*)` and `a * b` are no columns.
      const isCount = before === "(" && after === ")" && words[at - 2]?.lower === "count";
      const isProduct = before !== undefined && !/^(?:select|distinct|all|,|\(|\.)$/i.test(before);
      if (!isCount && !isProduct) return undefined;
    }
    if (!isName(word)) continue;
    if (word.kind === "word" && everything.has(word.lower)) return undefined;
    if (word.lower === "select") selects++;
    if (word.lower === "from" && words[at - 1]?.lower !== "distinct" && words[at - 1]?.lower !== "delete") froms++;
    const name = nameOf(word);
    const isOwn = names.some((own) => same(own, name));
    const isAlias = isName(words[at - 1]) && !expressions.has(words[at - 1]!.lower);
    const isPlace = /^(?:from|join|as|\.)$/i.test(before ?? "") || isAlias;
    if (isOwn && after !== "." && !isPlace) return undefined;
    used.add(name.toLowerCase());
  }
  // A FROM without its SELECT gives all columns.
  return froms > selects ? undefined : used;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
