import { usageError, wholeNumber } from "../arguments.ts";
import { readDuration } from "../duration.ts";
import type { Magic, MagicCall, Template } from "../magic.ts";

/** Options of `%mongo`. */
export interface MongoOptions {
  readonly limit?: number;
  readonly timeoutMs?: number;
  /** The name of a variable, the text of an object, or a value. */
  readonly schema?: { readonly name: string } | { readonly text: string } | { readonly value: unknown };
  readonly stream?: true;
  readonly explain?: true;
  readonly documents?: true;
}

/** One use of `%mongo`. */
export interface MongoCall {
  /** The words before the body: a place, or a command and its place. */
  readonly words: readonly string[];
  readonly options: MongoOptions;
  readonly body: Template | undefined;
}

const flags: readonly string[] = ["stream", "explain", "documents"];
/** Words that are commands and not collections, with how many words they take. */
export const commands: readonly string[] = ["collections", "databases", "indexes"];

/** Reads a magic's line, and its body. */
export function readCall(magic: Magic, { form, line, body }: MagicCall): MongoCall {
  let [text = "", ...strings] = line.strings;
  let values = line.values;
  const words: string[] = [];
  const options: { -readonly [K in keyof MongoOptions]: MongoOptions[K] } = {};
  const take = (pattern: RegExp): string | undefined => {
    const [found, kept = found] = pattern.exec(text) ?? [];
    if (found === undefined) return undefined;
    text = text.slice(found.length);
    return kept;
  };
  const takeSchema = (): NonNullable<MongoOptions["schema"]> => {
    if (text.trim() === "" && values.length > 0) {
      const [value, ...more] = values;
      values = more;
      [text = "", ...strings] = strings;
      return { value };
    }
    const end = text.trimStart().startsWith("{") ? closingBrace(text) : 0;
    if (end > 0) {
      const inner = text.slice(0, end);
      text = text.slice(end);
      return { text: inner };
    }
    const name = take(/^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)(?=\s|$)/u);
    if (name === undefined)
      throw usageError(magic, '--schema needs the name of a variable, or an object such as { name: "utf8" }');
    return { name };
  };
  const takesWord = (): boolean => words.length === 0 || (words.length === 1 && commands.includes(words[0]!));
  for (;;) {
    text = text.trimStart();
    const option = take(/^--([a-z][\w-]*)(?=[\s=]|$)/i);
    if (option !== undefined) {
      take(/^\s*=|^\s+/);
      if (flags.includes(option)) options[option as "stream"] = true;
      else if (option === "limit") options.limit = wholeNumber(magic, "--limit", take(/^\S+/) ?? "");
      else if (option === "timeout") options.timeoutMs = duration(magic, take(/^\S+/) ?? "");
      else if (option === "schema") options.schema = takeSchema();
      else throw usageError(magic, `unknown option --${option}`);
      continue;
    }
    const word = takesWord() ? take(/^[^\s{[("'`-][^\s{["'`]*/) : undefined;
    if (word === undefined) break;
    words.push(word);
  }
  const rest: Template | undefined =
    text === "" && values.length === 0 ? undefined : { strings: [text, ...strings], values };
  if (words.length === 0) throw usageError(magic, "the collection is missing");
  if (form === "line") return { words, options, body: rest };
  if (rest)
    throw usageError(
      magic,
      `nothing to do with "${text.trim().split(/\s/)[0] || "${…}"}"; the body begins on the next line`,
    );
  return { words, options, body };
}

function closingBrace(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{}]/g)) {
    if (token === "{") depth += 1;
    if (token === "}" && (depth -= 1) === 0) return index + 1;
  }
  return 0;
}

function duration(magic: Magic, text: string): number {
  const ms = readDuration(text);
  if (ms) return ms;
  throw usageError(magic, `--timeout needs a time such as 30s or 500ms, not "${text}"`);
}
