import { MagicError, type Magic, type Template } from "./magic.ts";

/** What a magic accepts on its line: spellings of flags and of options with a value, and how many words. */
export interface Accepted<F extends string = string, O extends string = string> {
  readonly flags?: Readonly<Record<F, readonly string[]>>;
  readonly options?: Readonly<Record<O, readonly string[]>>;
  /** Fewest and most words that are neither; none by default. */
  readonly words?: readonly [least: number, most: number];
}

/** A line read by `parseArguments`. */
export interface Arguments<F extends string = string, O extends string = string> {
  readonly words: readonly string[];
  readonly flags: Readonly<Record<F, boolean>>;
  readonly options: Readonly<Partial<Record<O, string>>>;
}

type Named = Pick<Magic, "name" | "summary">;

/** Returns how a magic is written: the part of its summary before two spaces. */
export function usage({ summary }: Pick<Magic, "summary">): string {
  return summary.split("  ", 1)[0]!;
}

/** Makes the error for a line that a magic cannot use; it ends in the usage. */
export function usageError(magic: Named, message: string): MagicError {
  return new MagicError(magic.name, `${message}. Usage: ${usage(magic)}`);
}

/** Reads a magic's line as words, flags and options; `--` ends the options. */
export function parseArguments<F extends string = never, O extends string = never>(
  magic: Named,
  line: Template,
  { flags, options, words: [least, most] = [0, 0] }: Accepted<F, O>,
): Arguments<F, O> {
  const words: string[] = [];
  const on = Object.fromEntries(keys(flags).map((key) => [key, false])) as Record<F, boolean>;
  const given: Partial<Record<O, string>> = {};
  const parts = splitWords(magic, line);
  for (let i = 0; i < parts.length; i++) {
    const { text, bare } = parts[i]!;
    // A quoted word and a value from `${…}` are never options, whatever they begin with.
    if (!bare || !/^--?[a-z]/i.test(text)) {
      if (bare && text === "--") words.push(...parts.slice(i + 1).map((part) => part.text));
      else words.push(text);
      if (bare && text === "--") break;
      continue;
    }
    const [name, glued] = splitOption(text);
    const flag = spelled(flags, name);
    const option = spelled(options, name) ?? spelled(options, text.slice(0, 2));
    if (flag !== undefined && glued === undefined) on[flag] = true;
    else if (option === undefined) throw usageError(magic, `unknown option ${name}`);
    else {
      const value = glued ?? (spelled(options, name) ? parts[++i]?.text : text.slice(2));
      if (value === undefined) throw usageError(magic, `${name} needs a value`);
      given[option] = value;
    }
  }
  if (words.length < least) throw usageError(magic, `${missing(words.length)} missing`);
  if (words.length > most) throw usageError(magic, `nothing to do with "${words[most]}"`);
  return { words, flags: on, options: given };
}

/** Reads an option's value as a whole number from `least` on. */
export function wholeNumber(magic: Named, option: string, value: string, least = 1): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isSafeInteger(number) && number >= least) return number;
  throw usageError(magic, `${option} needs a whole number from ${least} on, not "${value}"`);
}

/** One word of a line; `bare` if it stood there without quotes and values. */
export interface Word {
  readonly text: string;
  readonly bare: boolean;
}

/**
 * Splits a line into words as a shell does. Quotes group; a value from `${…}` stays one word, an array becomes one each.
 * A backslash escapes only a space or a quote, so that Windows paths can be written plainly.
 */
export function splitWords(magic: Named, { strings, values }: Template): Word[] {
  const words: Word[] = [];
  let word: { text: string; bare: boolean } | undefined;
  let quote = "";
  const add = (text: string, bare: boolean): void => {
    word = { text: (word?.text ?? "") + text, bare: bare && (word?.bare ?? true) };
  };
  const end = (): void => {
    if (word) words.push(word);
    word = undefined;
  };
  for (const [i, part] of strings.entries()) {
    for (const [j, value] of (i > 0 ? list(values[i - 1]) : []).entries()) {
      if (j > 0) end();
      add(String(value), false);
    }
    for (let at = 0; at < part.length; at++) {
      const char = part[at]!;
      const next = part[at + 1] ?? "";
      if (quote) {
        if (char === quote) quote = "";
        else if (char === "\\" && quote === '"' && (next === '"' || next === "\\")) add(part[++at]!, false);
        else add(char, false);
      } else if (char === '"' || char === "'") {
        quote = char;
        add("", false);
      } else if (/\s/.test(char)) end();
      else if (char === "\\" && /[\s"']/.test(next)) add(part[++at]!, false);
      else add(char, true);
    }
  }
  if (quote) throw usageError(magic, `the quote ${quote} is not closed`);
  end();
  return words;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function splitOption(text: string): [name: string, glued: string | undefined] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

function keys<K extends string>(record: Readonly<Record<K, unknown>> | undefined): K[] {
  return Object.keys(record ?? {}) as K[];
}

function spelled<K extends string>(
  spellings: Readonly<Record<K, readonly string[]>> | undefined,
  name: string,
): K | undefined {
  return keys(spellings).find((key) => spellings![key].includes(name));
}

function missing(count: number): string {
  return count === 0 ? "an argument is" : "another argument is";
}
