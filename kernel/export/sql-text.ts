import { type Token, tokenize } from "../../magics/sql/lexer.ts";
import { type Part, escapeTemplate } from "./literals.ts";

/** How names in a query become values of the module. */
export interface SqlNames {
  /** The notebook's name that is meant, as SQL's names know no case; undefined where there is none. */
  find(name: string): string | undefined;
  /** Tables and views that the notebook creates, in lower case: where they are there, they win over variables. */
  readonly created: ReadonlySet<string>;
}

/** A query as a template for `sql`. */
export interface SqlTemplate {
  readonly template: string;
  /** Variables that the query names as tables and reads only where the database has none of that name. */
  readonly given: readonly string[];
  /** Whether the last statement gives a table. */
  readonly returns: boolean;
}

// Stands for an expression while the text is read, as in the query's own reader.
const hole = "\u0001";

// What can follow a table's name without being its alias.
const afterTable =
  /^(?:where|group|order|having|limit|offset|join|inner|left|right|full|cross|natural|asof|positional|semi|anti|on|using|union|intersect|except|window|qualify|sample|tablesample|select|pivot|unpivot|returning|fetch|for|set|values)$/i;
const queries =
  /^(?:select|from|with|values|describe|desc|show|summarize|pivot|unpivot|explain|table|call|pragma|insert|update|delete|execute|\()$/i;

/**
 * Writes the SQL of a magic as a template: `:name` becomes `${name}`, as do the notebook's tables where no table of the
 * database can have their name. On a connection any could.
 */
export function toSqlTemplate(parts: readonly Part[], names: SqlNames, isConnection = false): SqlTemplate {
  const codes = parts.filter((part) => typeof part !== "string").map(({ code }) => code);
  const text = parts.map((part) => (typeof part === "string" ? part : hole)).join("");
  const all = tokenize(text);
  const tokens = all.filter(({ kind }) => kind !== "space" && kind !== "comment");
  const word = (index: number): string => {
    const token = tokens[index];
    return token ? text.slice(token.start, token.end) : "";
  };
  const local = commonTables(tokens, word);
  let code = 0;
  let template = "";
  const given = new Set<string>();
  for (const token of all) {
    const own = text.slice(token.start, token.end);
    const index = tokens.indexOf(token);
    if (own === hole) template += `\${${codes[code++] ?? ""}}`;
    else if (token.kind === "parameter" && names.find(own.slice(1)) === own.slice(1)) template += `\${${own.slice(1)}}`;
    else {
      const variable = index < 0 ? undefined : tableAt(tokens, index, word, local, names);
      const mayBeTable = isConnection || names.created.has(unquote(own).toLowerCase());
      if (variable !== undefined && mayBeTable) given.add(variable);
      template += variable === undefined || mayBeTable ? escapeTemplate(own) : written(tokens, index, word, variable);
    }
  }
  return { template: `\`${template}\``, given: [...given], returns: queries.test(lastStatement(tokens, word)) };
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** The variable that a table's name may mean. */
function tableAt(
  tokens: readonly Token[],
  index: number,
  word: (index: number) => string,
  local: ReadonlySet<string>,
  names: SqlNames,
): string | undefined {
  const kind = tokens[index]?.kind;
  if (kind !== "word" && kind !== "quoted") return undefined;
  if (!isTablePlace(index, word)) return undefined;
  const name = unquote(word(index));
  const variable = names.find(name);
  if (variable === undefined || local.has(name.toLowerCase())) return undefined;
  // `schema.table` and `f(…)` are none.
  return word(index + 1) === "." || word(index + 1) === "(" ? undefined : variable;
}

/** Writes a table's place as `${variable}`, with its name where the query uses that elsewhere. */
function written(tokens: readonly Token[], index: number, word: (index: number) => string, variable: string): string {
  const lower = unquote(word(index)).toLowerCase();
  const next = tokens[index + 1];
  const hasAlias = /^as$/i.test(word(index + 1)) || (isName(next) && !afterTable.test(word(index + 1)));
  const isUsed = tokens.some(
    (_, at) => at !== index && unquote(word(at)).toLowerCase() === lower && word(at + 1) === ".",
  );
  return `\${${variable}}${!hasAlias && isUsed ? ` as ${word(index)}` : ""}`;
}

function isName(token: Token | undefined): boolean {
  return token?.kind === "word" || token?.kind === "quoted";
}

const beforeTable = /^(?:join|into|summarize|describe|pivot|unpivot|copy)$/;

/** Whether a name stands where a table does: after `from`, `join` or `into`, or after a comma behind such a one. */
function isTablePlace(index: number, word: (index: number) => string): boolean {
  const before = word(index - 1).toLowerCase();
  if (beforeTable.test(before)) return true;
  if (before === "from") return isFromOfQuery(index - 1, word);
  if (before !== ",") return false;
  // Back over the list to the word that begins it.
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const own = word(at).toLowerCase();
    if (own === ")" || own === "]") depth += 1;
    if (own === "(" || own === "[") depth -= 1;
    if (depth < 0) return false;
    if (depth > 0) continue;
    if (own === "from") return isFromOfQuery(at, word);
    if (/^(?:select|where|group|order|having|by|on|using|set|values|with|limit|;)$/.test(own)) return false;
  }
  return false;
}

/** Tells the `from` of a query from that of `extract(year from x)` and `is distinct from x`. */
function isFromOfQuery(index: number, word: (index: number) => string): boolean {
  if (/^distinct$/i.test(word(index - 1)) && /^(?:is|not)$/i.test(word(index - 2))) return false;
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    if (word(at) === ")") depth += 1;
    if (word(at) !== "(") continue;
    if (depth === 0)
      return at + 1 === index || /^(?:select|with|from|values|pivot|describe|summarize)$/i.test(word(at + 1));
    depth -= 1;
  }
  return true;
}

/** The names of a query's common table expressions, in lower case. */
function commonTables(tokens: readonly Token[], word: (index: number) => string): Set<string> {
  const found = new Set<string>();
  for (const [index] of tokens.entries()) {
    if (!/^as$/i.test(word(index))) continue;
    const open = /^(?:not)?\s*materialized$/i.test(word(index + 1)) ? index + 2 : index + 1;
    if (word(open) === "(" && /^(?:select|with|from|values|insert|update|delete)$/i.test(word(open + 1)))
      found.add(unquote(word(index - 1)).toLowerCase());
  }
  return found;
}

/** The tables and views that the code and SQL of a notebook create, in lower case. */
export function tablesCreatedIn(source: string): string[] {
  const name = String.raw`(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))`;
  const patterns = [
    String.raw`\bcreate\s+(?:[a-z]+\s+){0,4}?(?:table|view|macro)\s+(?:if\s+not\s+exists\s+)?(?:[\p{L}_][\p{L}\p{N}_]*\.)*${name}`,
    String.raw`--persist[\s=]+(?:\S+\s+as\s+)?${name}`,
    String.raw`\.write\([^"'\n]*["'](?:[^"'.\n]*\.)?${name}["']`,
    String.raw`\balter\s+(?:table|view)\s.*?\brename\s+to\s+${name}`,
  ];
  const found = patterns.flatMap((pattern) => [...source.matchAll(new RegExp(pattern, "giu"))]);
  return found
    .flatMap((match) => match.slice(1).filter((text) => text !== undefined))
    .map((text) => text.replaceAll('""', '"').toLowerCase());
}

function lastStatement(tokens: readonly Token[], word: (index: number) => string): string {
  let first = "";
  let begins = true;
  for (const [index] of tokens.entries()) {
    if (word(index) === ";") begins = true;
    else if (begins) {
      first = word(index);
      begins = false;
    }
  }
  return first;
}
