import { readdir } from "node:fs/promises";
import { builtinModules } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { type CodeContext, findContext } from "./code-context.ts";
import { type LiveValues, type Post, type RemoteValue, withLiveValues } from "./live-values.ts";

/** What fits at a cursor. `start` and `end` are UTF-16 positions of the text that a match replaces. */
export interface Completion {
  readonly matches: readonly string[];
  readonly start: number;
  readonly end: number;
  /** Kinds of the matches, in their order: `function`, `property`, `keyword`, `magic`, `path`, … */
  readonly types: readonly string[];
}

interface Candidate {
  readonly text: string;
  readonly type: string;
  /** Lower comes first: own members before inherited ones, the notebook's names before globals. */
  readonly rank: number;
}

const mostMatches = 500;

const keywords =
  "abstract any as async await bigint boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function if implements import in infer instanceof interface is keyof let namespace never new null number object of private protected public readonly return satisfies static string super switch symbol this throw true try type typeof undefined unknown using var void while yield".split(
    " ",
  );

/**
 * Completes code from the live variables. `post` reaches the main thread, which may be busy: nothing of the user's runs.
 * `scopesExpression` gives the list of scope objects in the main realm.
 */
export async function complete(
  post: Post,
  scopesExpression: string,
  code: string,
  cursorOffset: number,
  magicNames: readonly string[],
): Promise<Completion> {
  return withLiveValues(post, scopesExpression, async (live) => {
    const before = code.slice(0, cursorOffset);
    const context = findContext(before);
    if (context.kind === "none") return { matches: [], start: cursorOffset, end: cursorOffset, types: [] };
    const found = await candidates(context, live, magicNames);
    const completion = toCompletion(found, context.prefix, context.start, cursorOffset);
    // The rest of a magic's line may be code, as in `%time report.to`.
    const inMagic = context.kind === "file" && context.from === "magic";
    return inMagic && completion.matches.length === 0 ? completeMagicCode(before, live) : completion;
  });
}

async function completeMagicCode(before: string, live: LiveValues): Promise<Completion> {
  const line = before.slice(before.lastIndexOf("\n") + 1).replace(/^.*?%{1,2}\w+/, "");
  const context = findContext(line);
  const shift = before.length - line.length;
  if (context.kind !== "name" && context.kind !== "member" && context.kind !== "key") {
    return { matches: [], start: before.length, end: before.length, types: [] };
  }
  return toCompletion(await candidates(context, live, []), context.prefix, context.start + shift, before.length);
}

function candidates(
  context: Exclude<CodeContext, { kind: "none" }>,
  live: LiveValues,
  magicNames: readonly string[],
): Promise<readonly Candidate[]> {
  if (context.kind === "file") return fileCandidates(context.prefix, context.from, live);
  if (context.kind === "name") return nameCandidates(context.prefix, live);
  if (context.kind !== "magic") return memberCandidates(context, live);
  return Promise.resolve(magicNames.map((text) => ({ text, type: "magic", rank: 0 })));
}

type Member = readonly [name: string, depth: number, type: string];

// Sent to the main thread as text: uses nothing but its arguments and `this`.
function listMembers(this: object, prefix: string, most: number): Member[] {
  const members: Member[] = [];
  const seen = new Set<string>();
  const wanted = prefix.toLowerCase();
  let depth = 0;
  for (
    let at = Object(this) as object | null;
    at !== null && depth < 20;
    depth++, at = Object.getPrototypeOf(at) as object | null
  ) {
    // A big array has as many names as elements; none of them can follow a dot.
    if (ArrayBuffer.isView(at)) continue;
    const names = Array.isArray(at) && at.length > most ? ["length"] : Object.getOwnPropertyNames(at);
    for (const name of names) {
      if (members.length >= most) return members;
      if (seen.has(name) || !name.toLowerCase().startsWith(wanted)) continue;
      seen.add(name);
      const property = Object.getOwnPropertyDescriptor(at, name);
      const isData = property !== undefined && "value" in property;
      members.push([name, depth, isData && typeof property.value === "function" ? "function" : "property"]);
    }
  }
  return members;
}

// A module's exports have no descriptors that can be read without V8 suspecting an effect.
function listNames(this: object, prefix: string, most: number): Member[] {
  const members: Member[] = [];
  for (const name of Object.getOwnPropertyNames(this)) {
    if (members.length < most && name.toLowerCase().startsWith(prefix.toLowerCase()))
      members.push([name, 0, "property"]);
  }
  return members;
}

async function membersOf(value: RemoteValue, prefix: string, live: LiveValues): Promise<readonly Member[]> {
  const members = await live.call(value, listMembers, prefix, mostMatches * 4);
  return members ?? (await live.call(value, listNames, prefix, mostMatches * 4)) ?? [];
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200C\u200D]*$/u;

async function memberCandidates(
  { kind, path, prefix }: CodeContext & { kind: "member" | "key" },
  live: LiveValues,
): Promise<readonly Candidate[]> {
  const value = await live.resolve(path);
  if (value?.objectId === undefined) return [];
  const members = await membersOf(value, prefix, live);
  return members
    .filter(([name, depth]) => (kind === "key" ? depth === 0 : identifier.test(name)))
    .map(([text, depth, type]) => ({ text, type, rank: depth }));
}

type ScopeName = readonly [name: string, type: string];

function listScopeNames(this: object[]): ScopeName[] {
  const names: ScopeName[] = [];
  for (const scope of this) {
    for (const name of Object.getOwnPropertyNames(scope)) {
      const property = Object.getOwnPropertyDescriptor(scope, name);
      names.push([name, typeof property?.value === "function" ? "function" : "variable"]);
    }
  }
  return names;
}

async function nameCandidates(prefix: string, live: LiveValues): Promise<readonly Candidate[]> {
  const own = (await live.call(live.scopes, listScopeNames)) ?? [];
  const realm = await live.resolve({ base: { name: "globalThis" }, steps: [] });
  const globals = realm === undefined ? [] : await membersOf(realm, prefix, live);
  const named = new Set(own.map(([name]) => name));
  return [
    ...own.map(([text, type]) => ({ text, type, rank: 0 })),
    ...keywords.filter((text) => !named.has(text)).map((text) => ({ text, type: "keyword", rank: 1 })),
    ...globals
      .filter(([text, depth]) => depth === 0 && !named.has(text) && !keywords.includes(text))
      .map(([text, , type]) => ({ text, type, rank: 2 })),
  ];
}

async function namesIn(folder: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return [];
  }
}

async function fileCandidates(
  prefix: string,
  from: "import" | "magic",
  live: LiveValues,
): Promise<readonly Candidate[]> {
  if (from === "import" && !/^(?:\.{0,2}\/|\.{1,2}$)/.test(prefix)) return packageCandidates(live);
  const given = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const folder = from === "import" ? await notebookFolder(live) : process.cwd();
  const hidden = prefix.slice(given.length).startsWith(".");
  const names = await namesIn(isAbsolute(given) ? given : join(folder, given));
  return names
    .filter(({ name }) => hidden || !name.startsWith("."))
    .map(({ name, isFolder }) => ({
      text: `${given}${name}${isFolder ? "/" : ""}`,
      type: "path",
      rank: isFolder ? 1 : 0,
    }));
}

async function notebookFolder(live: LiveValues): Promise<string> {
  const value = await live.resolve({ base: { name: "__dirname" }, steps: [] });
  return typeof value?.value === "string" ? value.value : process.cwd();
}

async function packageCandidates(live: LiveValues): Promise<readonly Candidate[]> {
  const found = new Set<string>();
  for (let at = await notebookFolder(live); ; at = dirname(at)) {
    for (const { name } of await namesIn(join(at, "node_modules"))) {
      if (name.startsWith("@")) {
        for (const scoped of await namesIn(join(at, "node_modules", name))) found.add(`${name}/${scoped.name}`);
      } else if (!name.startsWith(".")) found.add(name);
    }
    if (at === dirname(at)) break;
  }
  const builtins = builtinModules
    .filter((name) => !name.startsWith("_"))
    .map((name) => `node:${name.replace(/^node:/, "")}`);
  return [
    ...[...found].map((text) => ({ text, type: "module", rank: 0 })),
    ...builtins.map((text) => ({ text, type: "module", rank: 1 })),
  ];
}

function toCompletion(found: readonly Candidate[], prefix: string, start: number, end: number): Completion {
  const exact = found.filter(({ text }) => text.startsWith(prefix));
  const lower = prefix.toLowerCase();
  const fitting = exact.length > 0 ? exact : found.filter(({ text }) => text.toLowerCase().startsWith(lower));
  const isPrivate = ({ text }: Candidate): number => (text.startsWith("_") ? 1 : 0);
  const sorted = fitting
    .toSorted((a, b) => isPrivate(a) - isPrivate(b) || a.rank - b.rank || (a.text < b.text ? -1 : 1))
    .slice(0, mostMatches);
  return { matches: sorted.map(({ text }) => text), types: sorted.map(({ type }) => type), start, end };
}
