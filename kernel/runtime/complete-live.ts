import { type Candidate, mostMatches } from "./candidates.ts";
import type { MemberPath } from "./code-context.ts";
import type { LiveValues, RemoteValue } from "./live-values.ts";

const keywords =
  "abstract any as async await bigint boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function if implements import in infer instanceof interface is keyof let namespace never new null number object of readonly return satisfies string super switch symbol this throw true try type typeof undefined unknown using var void while yield".split(
    " ",
  );

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

// Of a map with a great many keys, the first are looked at.
function listEntries(this: object, prefix: string, most: number): string[] {
  const keys: string[] = [];
  let looked = 0;
  for (const key of Map.prototype.keys.call(this as Map<unknown, unknown>)) {
    if (keys.length >= most || (looked += 1) > 10_000) break;
    // Others would have to be written with escapes.
    if (typeof key === "string" && key.startsWith(prefix) && !/["'\\\n]/.test(key)) keys.push(key);
  }
  return keys;
}

/** Lists the members of a live value: what can follow a dot, the value's own keys, or the texts that are keys of a map. */
export async function memberCandidates(
  kind: "member" | "key" | "entry",
  path: MemberPath,
  prefix: string,
  live: LiveValues,
): Promise<readonly Candidate[]> {
  const value = await live.resolve(path);
  if (value?.objectId === undefined) return [];
  if (kind === "entry") {
    const keys = value.subtype === "map" ? await live.call(value, listEntries, prefix, mostMatches) : undefined;
    return (keys ?? []).map((text) => ({ text, type: "property", rank: 0 }));
  }
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

/** Lists the notebook's own names. */
export async function variableCandidates(live: LiveValues): Promise<readonly Candidate[]> {
  const own = (await live.call(live.scopes, listScopeNames)) ?? [];
  return own.map(([text, type]) => ({ text, type, rank: 0 }));
}

/** Lists the notebook's names, the keywords and the globals. */
export async function nameCandidates(prefix: string, live: LiveValues): Promise<readonly Candidate[]> {
  const own = await variableCandidates(live);
  const realm = await live.resolve({ base: { name: "globalThis" }, steps: [] });
  const globals = realm === undefined ? [] : await membersOf(realm, prefix, live);
  const named = new Set(own.map(({ text }) => text));
  return [
    ...own,
    ...keywords.filter((text) => !named.has(text)).map((text) => ({ text, type: "keyword", rank: 1 })),
    ...globals
      .filter(([text, depth]) => depth === 0 && !named.has(text) && !keywords.includes(text))
      .map(([text, , type]) => ({ text, type, rank: 2 })),
  ];
}

function listKeys(this: object, most: number): string[] {
  return Object.getOwnPropertyNames(this).slice(0, most);
}

/** Lists the environment variables of the main thread, without their values. */
export async function environmentCandidates(live: LiveValues): Promise<readonly Candidate[]> {
  const environment = await live.resolve({ base: { name: "process" }, steps: ["env"] });
  const names = environment && (await live.call(environment, listKeys, mostMatches * 4));
  return (names ?? Object.keys(process.env)).map((text) => ({ text, type: "variable", rank: 0 }));
}

// The list that magics/connections/registry.ts keeps, once it is loaded.
// V8 takes `Symbol.for` and `description` for effects.
function listConnections(): string[] {
  for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
    if (symbol.toString() !== "Symbol(typhoon.connections)") continue;
    const names = (globalThis as Record<symbol, unknown>)[symbol];
    return Array.isArray(names) ? [...(names as string[])] : [];
  }
  return [];
}

/** Lists the names of connections: those that were made or used, and those that are written down for a folder. */
export async function connectionCandidates(live: LiveValues, folder: string): Promise<readonly Candidate[]> {
  const { listDefined } = await import("../../magics/connections/lookup.ts");
  const [made = [], defined] = await Promise.all([live.call(live.scopes, listConnections), listDefined(folder)]);
  return [...new Set([...made, ...defined.keys()])].map((text, rank) => ({ text, type: "connection", rank }));
}

/** A variable that SQL can read as a table, and its columns. */
export interface TableVariable {
  readonly name: string;
  readonly columns: readonly string[];
}

// An Arrow table has its schema and batches as plain properties; anything else that could run code is left alone.
function listTables(this: object[], mostColumns: number): TableVariable[] {
  const tables: TableVariable[] = [];
  for (const scope of this) {
    for (const name of Object.getOwnPropertyNames(scope)) {
      const value: unknown = Object.getOwnPropertyDescriptor(scope, name)?.value;
      if (typeof value !== "object" || value === null) continue;
      if (Array.isArray(value)) {
        const row: unknown = Object.getOwnPropertyDescriptor(value, 0)?.value;
        if (typeof row !== "object" || row === null || Array.isArray(row)) continue;
        tables.push({ name, columns: Object.getOwnPropertyNames(row).slice(0, mostColumns) });
        continue;
      }
      const schema: unknown = Object.getOwnPropertyDescriptor(value, "schema")?.value;
      if (typeof schema !== "object" || schema === null) continue;
      const fields: unknown = Object.getOwnPropertyDescriptor(schema, "fields")?.value;
      if (!Array.isArray(fields)) continue;
      const columns: string[] = [];
      for (const field of fields.slice(0, mostColumns) as object[]) {
        const column: unknown = Object.getOwnPropertyDescriptor(field, "name")?.value;
        if (typeof column === "string") columns.push(column);
      }
      tables.push({ name, columns });
    }
  }
  return tables;
}

/** Lists the notebook's variables that SQL can read by name. */
export async function tableVariables(live: LiveValues): Promise<readonly TableVariable[]> {
  return (await live.call(live.scopes, listTables, mostMatches)) ?? [];
}
