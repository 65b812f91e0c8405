import { joinCode } from "../../magics/mongo/join-code.ts";
import { type MongoCall, type MongoOptions, commands, readCall } from "../../magics/mongo/call.ts";
import { mongoMagic } from "../../magics/mongo.ts";
import type { Template } from "../../magics/magic.ts";
import { shellNames } from "../../magics/mongo/shell-names.ts";
import type { Part } from "./literals.ts";
import { findNames } from "./names.ts";
import { parse } from "./syntax.ts";

/** The use of `%mongo` whose body becomes code. */
export interface MongoText {
  readonly line: readonly Part[];
  readonly body: readonly Part[] | undefined;
}

/**
 * Writes what `magic` is given for a `%mongo`: its line, its body as code, and its schema; undefined where the notebook
 * has an error too, or no body.
 */
export function mongoArguments({ line, body }: MongoText, hasName: (name: string) => boolean): string[] | undefined {
  const call = read(line, body);
  if (!call || commands.includes(call.words[0]!)) return undefined;
  const { words, options } = call;
  const schema = schemaOf(options);
  if (schema === null) return undefined;
  const value = call.body ? valueOf(call.body, hasName) : "{}";
  if (value === undefined || (!call.body && schema === undefined)) return undefined;
  const head = JSON.stringify([...words, ...optionWords(options)].join(" "));
  return [head, value, ...(schema === undefined ? [] : [`{ schema: ${schema} }`])];
}

function read(line: readonly Part[], body: readonly Part[] | undefined): MongoCall | undefined {
  try {
    return readCall(mongoMagic, {
      form: body ? "cell" : "line",
      line: templateOf(line),
      ...(body && { body: templateOf(body) }),
      assigned: false,
      startLine: 1,
    });
  } catch {
    return undefined; // the call will say so
  }
}

/** A magic's parts as its reader takes them: the code stands for its value. */
function templateOf(parts: readonly Part[]): Template {
  const strings = [""];
  const values: string[] = [];
  for (const part of parts) {
    if (typeof part === "string") strings.push(strings.pop()! + part);
    else {
      values.push(part.code);
      strings.push("");
    }
  }
  return { strings, values };
}

/** The options without the schema, as words of the line. */
function optionWords({ limit, timeoutMs, ...flags }: MongoOptions): string[] {
  const given = (["stream", "explain", "documents"] as const).filter((name) => flags[name]);
  return [
    ...(limit === undefined ? [] : [`--limit ${limit}`]),
    ...(timeoutMs === undefined ? [] : [`--timeout ${timeoutMs}ms`]),
    ...given.map((name) => `--${name}`),
  ];
}

/** The schema as code; null where it is none. */
function schemaOf({ schema }: MongoOptions): string | undefined | null {
  if (schema === undefined) return undefined;
  const code = "name" in schema ? schema.name : "text" in schema ? schema.text : String(schema.value);
  return expressionOf(code) ? code : null;
}

/** A body as code: a value, or a function of the names that only the MongoDB shell has. */
function valueOf({ strings, values }: Template, hasName: (name: string) => boolean): string | undefined {
  const code = joined(strings, values)
    ?.replace(/[\s;]+$/, "")
    .trimStart();
  const found = code === undefined ? undefined : expressionOf(code);
  if (code === undefined || !found) return undefined;
  // A comment at the end takes the rest of its line.
  const end = /\/\/[^\n]*$/.test(code) ? "\n" : "";
  const used = shellNames.filter((name) => found.values.has(name) && !hasName(name));
  if (used.length === 0) return found.type === "SequenceExpression" ? `(${code}${end})` : code + end;
  return `${/\bawait\b/.test(code) ? "async " : ""}({ ${used.join(", ")} }) => (${code}${end})`;
}

function joined(strings: readonly string[], values: readonly unknown[]): string | undefined {
  try {
    return joinCode(strings, (i) => `(${String(values[i])})`);
  } catch {
    return undefined;
  }
}

function expressionOf(code: string): { readonly type: string; readonly values: ReadonlySet<string> } | undefined {
  const { body, error } = parse(`(${code}\n)`);
  const [only, ...more] = body;
  if (error !== undefined || only?.type !== "ExpressionStatement" || more.length > 0) return undefined;
  const { expression } = only;
  const inner = expression.type === "ParenthesizedExpression" ? expression.expression : expression;
  const uses = findNames(body).uses.filter(({ space }) => space === "value");
  return { type: inner.type, values: new Set(uses.map(({ name }) => name)) };
}
