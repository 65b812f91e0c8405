import { usageError, wholeNumber } from "../arguments.ts";
import { findNearest } from "../nearest.ts";
import type { Magic, Template } from "../magic.ts";
import { refused } from "./commands.ts";
import type { CommandCall } from "./run.ts";
import { type CommandWord, commandWords } from "./words.ts";

/** What stands on the line of `%redis`. */
export interface ReadLine {
  readonly on: string | undefined;
  readonly bytes: boolean;
  readonly multi: boolean;
  readonly scan: CommandWord["value"] | undefined;
  readonly limit: number | undefined;
  readonly max: number;
  readonly seconds: number | undefined;
  readonly call: CommandCall | undefined;
}

type Named = Pick<Magic, "name" | "summary">;

const flags: ReadonlySet<string> = new Set(["--bytes", "--multi"]);
const valued: ReadonlySet<string> = new Set(["--on", "--scan", "--limit", "--max", "--seconds"]);

/** Reads the options, which stand before the command, and the command with its arguments as they are. */
export function readLine(magic: Named, line: Template): ReadLine {
  const words = commandWords(magic, line);
  const given = new Map<string, CommandWord["value"]>();
  const take = (from: number): number => {
    const { value, bare } = words[from]!;
    if (!bare || typeof value !== "string" || !value.startsWith("--")) return 0;
    const [, name = value, glued] = /^(--[a-z]+)=(.*)$/s.exec(value) ?? [];
    if (flags.has(name) && glued === undefined) {
      given.set(name, "");
      return 1;
    }
    if (!valued.has(name)) {
      const nearest = findNearest(name, [...flags, ...valued]);
      throw usageError(magic, `unknown option ${name}${nearest ? `. Did you mean ${nearest}?` : ""}`);
    }
    const text = glued ?? words[from + 1]?.value;
    if (text === undefined) throw usageError(magic, `${name} needs a value`);
    given.set(name, text);
    return glued === undefined ? 2 : 1;
  };
  let at = 0;
  for (let taken = 1; at < words.length && taken > 0; at += taken) taken = take(at);
  const rest = words.slice(at);
  // Behind channels an option is one, too: no channel is called so by hand.
  if (/^(?:[ps]?subscribe|monitor)$/i.test(String(rest[0]?.value))) {
    const end = rest.findIndex(({ value, bare }) => bare && /^--(?:max|seconds)(?:=|$)/.test(String(value)));
    for (let next = end < 1 ? words.length : at + end; next < words.length;) {
      const taken = take(next);
      if (taken === 0) throw usageError(magic, `nothing to do with "${String(words[next]!.value)}"`);
      next += taken;
    }
    if (end > 0) rest.length = end;
  }
  const number = (name: string): number | undefined => {
    const value = given.get(name);
    return value === undefined ? undefined : wholeNumber(magic, name, String(value));
  };
  return {
    on: given.has("--on") ? String(given.get("--on")) : undefined,
    bytes: given.has("--bytes"),
    multi: given.has("--multi"),
    scan: given.get("--scan"),
    limit: number("--limit"),
    max: number("--max") ?? Infinity,
    seconds: number("--seconds"),
    call: rest.length === 0 ? undefined : toCall(magic, rest),
  };
}

/** Makes a command of words. */
export function toCall(magic: Named, words: readonly CommandWord[]): CommandCall {
  const [first, ...args] = words.map(({ value }) => value);
  const name = typeof first === "string" ? first : "";
  if (!/^[\w.-]+$/.test(name))
    throw usageError(magic, `a command begins with its name, as in GET, not with ${JSON.stringify(name)}`);
  const isSilent = name.toLowerCase() === "client" && String(args[0]).toUpperCase() === "REPLY";
  const reason = isSilent ? "every command is to have its reply" : refused[name.toLowerCase()];
  if (reason !== undefined) throw usageError(magic, `${name.toUpperCase()} is not for here: ${reason}`);
  return [name, ...args];
}
