import { usageError, wholeNumber } from "../arguments.ts";
import { findTarget } from "../connections/registry.ts";
import { isAvailable } from "../connections/unavailable.ts";
import { readDuration } from "../duration.ts";
import { type MagicCall, MagicError, type Template } from "../magic.ts";
import { startsSql } from "./starters.ts";

/** What `%sql` was given before the SQL. */
export interface SqlOptions {
  readonly limit?: number;
  readonly stream?: boolean;
  readonly timeoutMs?: number;
  readonly "dry-run"?: boolean;
  readonly explain?: boolean;
  readonly analyze?: boolean;
  readonly into?: string;
  readonly bench?: number;
  readonly persist?: string;
  readonly mode?: string;
  readonly key?: readonly string[];
}

/** One use of `%sql`: the connection, the options, and the SQL with its values. */
export interface SqlCall {
  readonly connection: string | undefined;
  readonly options: SqlOptions;
  readonly query: Template;
}

type Named = { readonly name: string; readonly summary: string };
type Read = (magic: Named, option: string, text: string) => unknown;

/** Options with a value, and how it is read. To add an option: a line here or in `flags`, and its type above. */
const valued: Readonly<Record<string, { readonly key: keyof SqlOptions; readonly read: Read }>> = {
  limit: { key: "limit", read: wholeNumber },
  timeout: { key: "timeoutMs", read: duration },
  into: { key: "into", read: (_, __, text) => text },
  bench: { key: "bench", read: wholeNumber },
  persist: { key: "persist", read: (_, __, text) => text },
  mode: { key: "mode", read: (_, __, text) => text },
  key: { key: "key", read: (_, __, text) => text.split(",").map((name) => name.trim()) },
};
const flags: readonly string[] = ["stream", "dry-run", "explain", "analyze"];

/** Reads a call. */
export async function readCall(magic: Named, { form, line, body }: MagicCall): Promise<SqlCall> {
  const head = { options: {} as Record<string, unknown>, connection: undefined as string | undefined };
  let [text = "", ...more] = line.strings;
  for (;;) {
    const next =
      readOption(magic, text) ?? (head.connection === undefined ? await readConnection(text, form) : undefined);
    if (!next) break;
    if ("connection" in next) head.connection = next.connection;
    else head.options[next.key] = next.value;
    text = text.slice(next.length);
  }
  const rest: Template = { strings: [text, ...more], values: line.values };
  const call = { connection: head.connection, options: head.options as SqlOptions };
  if (form === "line") return { ...call, query: rest };
  const [word] = text.trim().split(/\s/);
  if (word || rest.values.length > 0)
    throw usageError(magic, `nothing to do with "${word}"; the SQL begins on the next line`);
  return { ...call, query: body ?? rest };
}

interface ReadOption {
  readonly key: string;
  readonly value: unknown;
  readonly length: number;
}

const option = /^\s*--([a-z][\w-]*)(?=[=\s]|$)/;
const value = /^(?:=|\s+)("[^"]*"|'[^']*'|[^\s"']+)/;

function readOption(magic: Named, text: string): ReadOption | undefined {
  const found = option.exec(text);
  if (!found) return undefined;
  const [all, name = ""] = found;
  if (flags.includes(name)) return { key: name, value: true, length: all.length };
  if (!Object.hasOwn(valued, name)) throw usageError(magic, `unknown option --${name}`);
  const { key, read } = valued[name]!;
  const [given = "", word = ""] = value.exec(text.slice(all.length)) ?? [];
  if (word === "") throw usageError(magic, `--${name} needs a value`);
  return {
    key,
    value: read(magic, `--${name}`, word.replace(/^(["'])(.*)\1$/, "$2")),
    length: all.length + given.length,
  };
}

async function readConnection(
  text: string,
  form: MagicCall["form"],
): Promise<{ readonly connection: string; readonly length: number } | undefined> {
  const [all, name = ""] = /^\s*([\p{L}_][\p{L}\p{N}_.-]*)(?=\s|$)/u.exec(text) ?? [];
  if (all === undefined || startsSql(name)) return undefined;
  const isKnown = name === "duckdb" || !isAvailable(name) || (await findTarget(name)) !== undefined;
  // In the line form a first word may be SQL that these starters do not know.
  return isKnown || form === "cell" ? { connection: name, length: all.length } : undefined;
}

function duration(magic: Named, name: string, text: string): number {
  const ms = readDuration(text);
  if (!ms) throw usageError(magic, `${name} needs a time, as 500ms, 30s or 5m, not "${text}"`);
  return ms;
}

/** `tables`, `columns NAME` and `schema NAME` stand for the queries that one would have to look up. */
export function shortcutOf({
  strings,
  values,
}: Template): { readonly of: "tables" | "columns"; readonly table?: string } | undefined {
  if (values.length > 0) return undefined;
  const [word = "", name, ...others] = strings[0]!.trim().split(/\s+/);
  if (others.length > 0) return undefined;
  if (word === "tables" && name === undefined) return { of: "tables" };
  if (word === "columns" && name === undefined) return { of: "columns" };
  return (word === "schema" || word === "columns") && name ? { of: "columns", table: name } : undefined;
}

/** `attach NAME [as OTHER]` and `detach NAME`, where the name is that of a connection and no file's in quotes. */
export function attachOf({
  strings,
  values,
}: Template): { readonly verb: "attach" | "detach"; readonly name: string; readonly as?: string } | undefined {
  const [, verb = "", name = "", as] =
    /^\s*(attach|detach)\s+([\p{L}_][\p{L}\p{N}_.-]*)(?:\s+as\s+([\p{L}_][\p{L}\p{N}_]*))?\s*;?\s*$/iu.exec(
      strings[0]!,
    ) ?? [];
  if (values.length > 0 || name === "") return undefined;
  return { verb: verb.toLowerCase() as "attach" | "detach", name, ...(as !== undefined && { as }) };
}

/** Options that do not go together. */
export function checkOptions({ options }: SqlCall): void {
  const modes = (["stream", "into", "bench", "explain", "analyze", "dry-run", "persist"] as const).filter(
    (key) => options[key] !== undefined,
  );
  if (modes.length > 1)
    throw new MagicError("sql", `--${modes[0]} and --${modes[1]} do not go together. Leave one out`);
  const ofPersist = (["mode", "key"] as const).find((key) => options[key] !== undefined);
  if (ofPersist && options.persist === undefined)
    throw new MagicError(
      "sql",
      `--${ofPersist} says how --persist writes. Add it, as in --persist rows --${ofPersist} …`,
    );
}
