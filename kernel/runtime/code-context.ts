import { type Token, tokenize } from "./code-tokens.ts";

/** A chain of reads that runs no code of the user: a name or a literal, then members. */
export interface MemberPath {
  readonly base: { readonly name: string } | { readonly literal: "string" | "array" | "regex" | "number" };
  readonly steps: readonly (string | number)[];
}

/** What can stand at a cursor; `start` is where the text to replace begins. */
export type CodeContext =
  | { readonly kind: "none" }
  | { readonly kind: "name"; readonly prefix: string; readonly start: number }
  | { readonly kind: "member"; readonly path: MemberPath; readonly prefix: string; readonly start: number }
  /** Inside `x["…`: a key of x. */
  | { readonly kind: "key"; readonly path: MemberPath; readonly prefix: string; readonly start: number }
  /** Inside `x.get("…`: a key of the map x. */
  | { readonly kind: "entry"; readonly path: MemberPath; readonly prefix: string; readonly start: number }
  | { readonly kind: "magic"; readonly prefix: string; readonly start: number }
  /** A module's name: a path, or a bare word for a package. */
  | { readonly kind: "file"; readonly prefix: string; readonly start: number }
  /** Inside the template of a `sql` tag, which begins at `start`. */
  | { readonly kind: "sql"; readonly start: number };

const none: CodeContext = { kind: "none" };

/** Finds what can be completed at the end of `before`, the code before the cursor. */
export function findContext(before: string): CodeContext {
  const tokens = tokenize(before);
  const last = tokens.at(-1);
  if (last === undefined) return { kind: "name", prefix: "", start: before.length };
  const touches = last.end === before.length;
  if (last.type === "magic" && touches) return magicContext(last);
  if (last.open && last.type === "template") return templateContext(tokens, before);
  if (last.open) return last.type === "string" ? stringContext(tokens, last) : none;
  if (touches && (last.type === "comment" || last.type === "number")) return none;
  const isPartial = touches && last.type === "word";
  const prefix = isPartial ? last.text : "";
  const start = before.length - prefix.length;
  const dot = isPartial ? tokens.length - 2 : tokens.length - 1;
  if (!isDot(tokens[dot])) return { kind: "name", prefix, start };
  const path = pathBefore(tokens, dot);
  return path ? { kind: "member", path: elementPath(tokens, path) ?? path, prefix, start } : none;
}

const elementMethods = new Set(
  "at every filter find findIndex findLast findLastIndex flatMap forEach map reduce some toSorted sort".split(" "),
);

/** What a callback's parameter or a loop's variable stands for: an element, shown by the first, of what is gone through. */
function elementPath(tokens: readonly Token[], { base, steps }: MemberPath): MemberPath | undefined {
  if (!("name" in base)) return undefined;
  for (let at = tokens.length - 1; at > 0; at--) {
    if (tokens[at]!.text !== base.name) continue;
    const of = tokens[at + 1]?.text === "of" ? listAfter(tokens, at + 1) : listBefore(tokens, at);
    if (of) return { base: of.base, steps: [...of.steps, 0, ...steps] };
  }
  return undefined;
}

/** The list of `for (const x of list)`. */
function listAfter(tokens: readonly Token[], of: number): MemberPath | undefined {
  const close = tokens.findIndex(({ text }, at) => at > of && text === ")");
  return close < 0 ? undefined : pathBefore(tokens, close);
}

/** The list of `list.map((x) => …`. */
function listBefore(tokens: readonly Token[], name: number): MemberPath | undefined {
  const isArrow = tokens.slice(name + 1, name + 6).some(({ text }) => text === "=>");
  const open = tokens[name - 1]?.text === "(" ? name - 1 : name;
  const call = tokens[open - 1]?.text === "(" ? open - 1 : open;
  const method = tokens[call - 1];
  if (!isArrow || tokens[call]?.text !== "(" || !elementMethods.has(method?.text ?? "")) return undefined;
  return isDot(tokens[call - 2]) ? pathBefore(tokens, call - 2) : undefined;
}

function isDot(token: Token | undefined): boolean {
  return token?.text === "." || token?.text === "?.";
}

/** The name of a magic; what follows it is the magic's own text. */
function magicContext({ text, start }: Token): CodeContext {
  const [, percents = "", name = ""] = /^(%{1,2})([A-Za-z]*)$/.exec(text) ?? [];
  return percents === "" ? none : { kind: "magic", prefix: name, start: start + percents.length };
}

/** The text of a template, where its tag is `sql`. */
function templateContext(tokens: readonly Token[], before: string): CodeContext {
  let depth = 0;
  for (let at = tokens.length - 1; at >= 0; at--) {
    const { type, text, start } = tokens[at]!;
    if (type !== "template") continue;
    if (text.startsWith("}")) depth++;
    if (text.endsWith("${")) depth--;
    if (!text.startsWith("`") || depth > 0) continue;
    const tag = tokens[at - 1];
    return tag?.text === "sql" && tag.end === start && before[start] === "`" ? { kind: "sql", start: start + 1 } : none;
  }
  return none;
}

const mapMethods = new Set(["get", "has", "delete"]);

function stringContext(tokens: readonly Token[], { text, start }: Token): CodeContext {
  const prefix = text.slice(1);
  const before = tokens.at(-2);
  if (before?.text === "[") {
    const path = pathBefore(tokens, tokens.length - 2);
    return path ? { kind: "key", path, prefix, start: start + 1 } : none;
  }
  if (before?.text === "(" && mapMethods.has(tokens.at(-3)?.text ?? "") && isDot(tokens.at(-4))) {
    const path = pathBefore(tokens, tokens.length - 4);
    return path ? { kind: "entry", path, prefix, start: start + 1 } : none;
  }
  const opener = before?.text === "(" ? tokens.at(-3)?.text : before?.text;
  const isImport = opener === "import" || opener === "from" || (opener === "require" && before?.text === "(");
  return isImport ? { kind: "file", prefix, start: start + 1 } : none;
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** Reads the path that ends just before the token at `end`, or nothing if it calls or computes anything. */
function pathBefore(tokens: readonly Token[], end: number): MemberPath | undefined {
  const steps: (string | number)[] = [];
  let at = end - 1;
  for (;;) {
    while (tokens[at]?.text === "!") at--;
    const token = tokens[at];
    if (token === undefined) return undefined;
    if (token.text === "]") {
      const [key, open] = [tokens[at - 1], tokens[at - 2]];
      const isIndex = (key?.type === "string" || key?.type === "number") && open?.text === "[";
      if (!isIndex || !isValueEnd(tokens[at - 3])) return literalArray(tokens, at, steps);
      steps.unshift(key.type === "string" ? unquote(key.text) : Number(key.text));
      at -= tokens[at - 3]?.text === "?." ? 4 : 3;
    } else if (token.type === "word") {
      if (!isDot(tokens[at - 1])) return { base: { name: token.text }, steps };
      steps.unshift(token.text);
      at -= 2;
    } else {
      return literal(token, steps);
    }
  }
}

function isValueEnd(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.type === "word" || token.type === "string" || ["]", "!", "?."].includes(token.text);
}

function literal({ type, text }: Token, steps: readonly (string | number)[]): MemberPath | undefined {
  if (type === "string" || (type === "template" && text.startsWith("`") && text.endsWith("`"))) {
    return { base: { literal: "string" }, steps };
  }
  return type === "regex" ? { base: { literal: "regex" }, steps } : undefined;
}

function literalArray(tokens: readonly Token[], close: number, steps: readonly (string | number)[]) {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const { text = "" } = tokens[at] ?? {};
    if (text === "]") depth++;
    if (text === "[") depth--;
    if (depth === 0) return isValueEnd(tokens[at - 1]) ? undefined : arrayPath(steps);
  }
  return undefined;
}

function arrayPath(steps: readonly (string | number)[]): MemberPath {
  return { base: { literal: "array" }, steps };
}

/** Finds the path under a cursor, or the function whose arguments the cursor is in. */
export function findSubject(
  code: string,
  offset: number,
): { readonly path: MemberPath; readonly text: string } | undefined {
  const rest = /^[\p{ID_Continue}$\u200C\u200D]*/u.exec(code.slice(offset))?.[0] ?? "";
  const tokens = tokenize(code.slice(0, offset + rest.length));
  const last = tokens.at(-1);
  if (last === undefined || last.type === "comment") return undefined;
  const isOnWord = last.type === "word" && last.end >= offset;
  const end = isOnWord ? tokens.length : callee(tokens);
  const path = end === undefined ? undefined : pathBefore(tokens, end);
  const base = path?.base;
  if (path === undefined || base === undefined || !("name" in base)) return undefined;
  const text = path.steps.reduce<string>(
    (sum, step) => sum + (typeof step === "number" ? `[${step}]` : `.${step}`),
    base.name,
  );
  return { path, text };
}

function callee(tokens: readonly Token[]): number | undefined {
  let depth = 0;
  for (let at = tokens.length - 1; at > 0; at--) {
    const { text = "", type } = tokens[at] ?? {};
    if (type !== "mark") continue;
    if (")]}".includes(text)) depth++;
    if ("([{".includes(text)) depth--;
    if (depth < 0 && text === "(" && tokens[at - 1]?.type === "word") return at;
    if (depth < 0) depth = 0;
  }
  return undefined;
}
