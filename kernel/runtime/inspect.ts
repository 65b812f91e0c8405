import { maskSecret } from "../../magics/mask-secrets.ts";
import { isSecretName } from "../../magics/secret.ts";
import { type MemberPath, findSubject } from "./code-context.ts";
import {
  type LiveValues,
  type Post,
  type RemotePreview,
  type RemotePreviewEntry,
  type RemoteValue,
  withLiveValues,
} from "./live-values.ts";
import { previewOf } from "./preview.ts";

/** What is known of a name, in the form of an inspect_reply. */
export interface Inspection {
  readonly found: boolean;
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, never>>;
  /** `magic`: in the text of a magic, of which the types know nothing. */
  readonly place?: "magic";
}

const nothing: Inspection = { found: false, data: {}, metadata: {} };
const longestValue = 400;
const longestSource = 20_000;

/** Describes the name under the cursor, or the function whose arguments the cursor is in; with `detail` 1, its source too. */
export async function inspect(
  post: Post,
  scopesExpression: string,
  code: string,
  cursorOffset: number,
  detail: 0 | 1,
): Promise<Inspection> {
  const subject = findSubject(code, cursorOffset);
  if (subject === undefined) return nothing;
  return withLiveValues(post, scopesExpression, async (live) => {
    const value = await live.resolve(subject.path);
    if (value === undefined && (await isAccessor(subject.path, live))) {
      const getter = { title: `${subject.text}: getter`, code: "// its value is not read: that would run code" };
      return { found: true, data: toText(getter), metadata: {} };
    }
    if (value === undefined || (value.type === "undefined" && !(await live.call(live.scopes, isKnown, subject.text))))
      return nothing;
    const lines =
      value.type === "function"
        ? describeFunction(subject.text, value, detail)
        : await describeValue(subject.text, value, live);
    return { found: true, data: toText(lines), metadata: {} };
  });
}

// Sent to the main thread as text.
function isKnown(this: object[], name: string): boolean {
  return (
    name === "undefined" || name.includes(".") || name.includes("[") || this.some((scope) => Object.hasOwn(scope, name))
  );
}

function hasGetter(this: object, key: string): boolean {
  for (let at = Object(this) as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const property = Object.getOwnPropertyDescriptor(at, key);
    if (property !== undefined) return property.get !== undefined;
  }
  return false;
}

async function isAccessor({ base, steps }: MemberPath, live: LiveValues): Promise<boolean> {
  const holder = steps.length > 0 ? await live.resolve({ base, steps: steps.slice(0, -1) }) : undefined;
  return holder !== undefined && (await live.call(holder, hasGetter, steps.at(-1))) === true;
}

interface Description {
  readonly title: string;
  /** TypeScript: a signature or a value. */
  readonly code: string;
  readonly source?: string;
}

function toText({ title, code, source }: Description): Record<string, string> {
  const plain = [title, code, ...(source === undefined ? [] : ["", source])].join("\n");
  const blocks = [code, ...(source === undefined ? [] : [source])].map((text) => fence(text));
  return { "text/plain": plain, "text/markdown": [`**${title.replace(": ", "**: ")}`, ...blocks].join("\n\n") };
}

function fence(text: string): string {
  const ticks = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${ticks}ts\n${text}\n${ticks}`;
}

function describeFunction(
  name: string,
  { description = "", className = "Function" }: RemoteValue,
  detail: 0 | 1,
): Description {
  const isClass = /^class\b/.test(description);
  const kind = isClass ? "class" : className === "Function" ? "function" : kindOf(className);
  const code = isClass ? classHead(name, description) : `${name}${signature(description)}`;
  const isNative = /\{\s*\[native code\]\s*\}$/.test(description);
  const source = detail === 1 && !isNative ? { source: description.slice(0, longestSource) } : {};
  return { title: `${name}: ${kind}`, code, ...source };
}

function kindOf(className: string): string {
  const kinds: Record<string, string> = {
    AsyncFunction: "async function",
    GeneratorFunction: "generator function",
    AsyncGeneratorFunction: "async generator function",
  };
  return kinds[className] ?? "function";
}

function classHead(name: string, source: string): string {
  const [head = `class ${name}`] = /^class\b[^{]*/.exec(source) ?? [];
  const at = source.search(/\bconstructor\s*\(/);
  return `${head.trim()}${at < 0 ? "" : `\nnew ${name}${parameters(source, source.indexOf("(", at))}`}`;
}

/** The parameters of a function, from its source text: there are no types at run time. */
function signature(source: string): string {
  const [, single] = /^(?:async\s+)?([\p{ID_Continue}$]+)\s*=>/u.exec(source) ?? [];
  return single === undefined ? parameters(source, source.indexOf("(")) : `(${single})`;
}

function parameters(source: string, open: number): string {
  if (open < 0) return "(…)";
  let depth = 0;
  let quote: string | undefined;
  for (let i = open; i < source.length; i++) {
    const character = source[i] ?? "";
    if (quote !== undefined) {
      if (character === "\\") i++;
      else if (character === quote) quote = undefined;
    } else if (`"'\``.includes(character)) quote = character;
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character) && --depth === 0) return tidy(source.slice(open, i + 1));
  }
  return "(…)";
}

/** Closes the gaps that Node leaves where it strips types. */
function tidy(text: string): string {
  return /["'`]/.test(text) ? text : text.replaceAll(/\s+([,)])/g, "$1").replaceAll(/\s{2,}/g, " ");
}

async function describeValue(name: string, value: RemoteValue, live: LiveValues): Promise<Description> {
  const isPlain = value.type === "object" && (value.subtype === undefined || value.subtype === "array");
  // What V8 shows by itself is one level deep, but goes into maps, errors and what cannot be read without effects.
  const data = isPlain ? await previewOf(value, longestValue, live) : undefined;
  const text = cut(data ?? showValue(value));
  const isHidden = value.type === "string" && isSecretName(/[^.[\]]*\]?$/.exec(name)![0]);
  return { title: `${name}: ${typeName(value)}`, code: isHidden ? maskSecret("secret", text) : maskSecret("", text) };
}

function cut(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}… (${text.length} characters)` : text;
}

function typeName({ type, subtype, className, description }: RemoteValue): string {
  if (subtype === "null") return "null";
  if (subtype === "array" || subtype === "typedarray") return description ?? className ?? type;
  return className ?? type;
}

function showValue(value: RemoteValue): string {
  if (value.type === "string") return JSON.stringify(String(value.value));
  if (value.preview !== undefined) return showPreview(value.preview, value);
  return value.unserializableValue ?? value.description ?? String(value.value);
}

function entryText(entry: RemotePreviewEntry | undefined): string {
  const { type, description = "…" } = entry ?? { type: "" };
  return type === "string" ? JSON.stringify(description) : description;
}

function showPreview(
  { properties, entries, overflow }: RemotePreview,
  { subtype, description = "" }: RemoteValue,
): string {
  if (subtype === "error" || subtype === "regexp" || subtype === "date") return description;
  const rest = overflow ? ["…"] : [];
  if (entries !== undefined) {
    const shown = entries.map(({ key, value }) => `${key ? `${entryText(key)} => ` : ""}${entryText(value)}`);
    return `${description} { ${[...shown, ...rest].join(", ")} }`;
  }
  const values = properties.map(({ name, type, value = "…" }) => ({
    name,
    text: type === "string" ? JSON.stringify(value) : value,
  }));
  if (subtype === "array" || subtype === "typedarray") {
    const elements = values.filter(({ name }) => /^\d+$/.test(name)).map(({ text }) => text);
    return `[${[...elements, ...rest].join(", ")}]`;
  }
  const fields = [...values.map(({ name, text }) => `${name}: ${text}`), ...rest];
  return `${description === "Object" ? "" : `${description} `}${fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`}`;
}
