import { randomUUID } from "node:crypto";
import { splitWords, usageError } from "../arguments.ts";
import type { Magic, Template } from "../magic.ts";

/** An argument of a command: text, or bytes as they are. */
export type Argument = string | Uint8Array;

/** One word of a line; `bare` if it stood there without quotes and values. */
export interface CommandWord {
  readonly value: Argument;
  readonly bare: boolean;
}

type Named = Pick<Magic, "name" | "summary">;

/** Splits a line as other magics do, but a value from `${…}` keeps its bytes; an array becomes several words, an object its pairs. */
export function commandWords(magic: Named, { strings, values }: Template): CommandWord[] {
  const kept: Argument[] = [];
  const mark = `\u0000${randomUUID()}:`;
  const keep = (value: Argument): string => `${mark}${kept.push(value) - 1}\u0000`;
  const marked = values.map((value) => toArguments(magic, value).map(keep));
  return splitWords(magic, { strings, values: marked })
    .map(({ text, bare }) => ({ value: restore(text, mark, kept), bare }))
    .filter(({ value }) => value !== undefined) as CommandWord[];
}

/** Puts the values back; undefined for an array without items, which is no word. */
function restore(text: string, mark: string, kept: readonly Argument[]): Argument | undefined {
  const parts = text.split(mark).flatMap((part, i): Argument[] => {
    if (i === 0) return part === "" ? [] : [part];
    const end = part.indexOf("\u0000");
    const rest = part.slice(end + 1);
    const value = kept[Number(part.slice(0, end))]!;
    return rest === "" ? [value] : [value, rest];
  });
  if (parts.length === 0) return "";
  if (parts.length === 1) return parts[0];
  return parts.every((part) => typeof part === "string") ? parts.join("") : Buffer.concat(parts.map(bytesOf));
}

function bytesOf(value: Argument): Uint8Array {
  return typeof value === "string" ? Buffer.from(value) : value;
}

/** Turns a cell's value into arguments: one, or several of an array or an object. */
export function toArguments(magic: Named, value: unknown): Argument[] {
  if (Array.isArray(value)) return value.flatMap((item) => toArguments(magic, item));
  if (typeof value !== "object" || value === null) return [scalar(magic, value)];
  // The value may come from another realm, so its tag is asked rather than its class.
  const tag = Object.prototype.toString.call(value);
  if (ArrayBuffer.isView(value)) return [Buffer.from(value.buffer, value.byteOffset, value.byteLength)];
  if (tag === "[object ArrayBuffer]") return [Buffer.from(value as ArrayBuffer)];
  if (tag === "[object Date]") throw wrong(magic, "a Date", "Write date.toISOString() or date.getTime()");
  if (tag === "[object Set]") return [...(value as Set<unknown>)].flatMap((item) => toArguments(magic, item));
  const isMap = tag === "[object Map]";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isMap && prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw wrong(
      magic,
      `an object of class ${value.constructor.name}`,
      "Write JSON.stringify(value), or give its parts",
    );
  const pairs = isMap ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return pairs.flatMap(([field, item]) => [single(magic, field), single(magic, item)]);
}

function single(magic: Named, value: unknown): Argument {
  const isNested = typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
  if (isNested && Object.prototype.toString.call(value) !== "[object ArrayBuffer]")
    throw wrong(magic, "an object or array within an object", "Write JSON.stringify(…) for it");
  return toArguments(magic, value)[0]!;
}

function scalar(magic: Named, value: unknown): string {
  if (typeof value === "string") {
    if (value.isWellFormed()) return value;
    throw wrong(
      magic,
      "a text with half of a surrogate pair",
      "UTF-8 has no form for it: give bytes, or value.toWellFormed()",
    );
  }
  if (typeof value === "number" || typeof value === "bigint") {
    // Redis writes infinite scores as inf.
    return value === Infinity ? "inf" : value === -Infinity ? "-inf" : String(value);
  }
  if (typeof value === "boolean") return String(value);
  const what = value === null || value === undefined ? String(value) : `a ${typeof value}`;
  throw wrong(magic, what, "Redis has texts, numbers and bytes; a key without a value is deleted with DEL");
}

function wrong(magic: Named, what: string, advice: string): Error {
  return usageError(magic, `${what} cannot be an argument. ${advice}`);
}

/** A line of a cell. */
export interface CommandLine {
  readonly template: Template;
  /** Counted from 0. */
  readonly line: number;
}

/** Splits a cell into lines, of which empty ones and those that begin with # are left out. Values may hold line ends. */
export function commandLines({ strings, values }: Template): CommandLine[] {
  const lines: { strings: string[]; values: unknown[]; line: number }[] = [{ strings: [""], values: [], line: 0 }];
  for (const [i, part] of strings.entries()) {
    const last = lines.at(-1)!;
    if (i > 0) {
      last.values.push(values[i - 1]);
      last.strings.push("");
    }
    const [first = "", ...more] = part.split(/\r?\n/);
    last.strings[last.strings.length - 1] += first;
    for (const text of more) lines.push({ strings: [text], values: [], line: lines.length });
  }
  return lines
    .filter(({ strings: [text = ""], values: own }) => own.length > 0 || /^\s*[^\s#]/.test(text))
    .filter(({ strings: [text = ""] }) => !/^\s*#/.test(text))
    .map(({ line, ...template }) => ({ template, line }));
}
