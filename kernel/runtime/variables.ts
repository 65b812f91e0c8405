import { types } from "node:util";
import {
  descriptorOf,
  entriesOf,
  isObject,
  ownKeys,
  preview,
  read,
  sizeOf,
  typeOf,
  typedLength,
} from "../../magics/preview.ts";
import { describeVariables, isHidden, previewOf } from "../../magics/variables.ts";
import type { DebugVariable } from "../protocol/contents.ts";
import type { VariableQuery } from "./link.ts";
import type { Scopes } from "./scope.ts";

/** The name in the main realm by which the inspector thread asks, also while a cell spins. */
const viewKey = "typhoon.variables";

/** The expression that answers a query, to be evaluated in the main realm. */
export function variablesExpression(query: VariableQuery): string {
  return `globalThis[Symbol.for(${JSON.stringify(viewKey)})](${JSON.stringify(query)})`;
}

/** What a query is answered with: rows, or undefined where the reference leads nowhere any longer. */
export type VariablesAnswer = readonly DebugVariable[] | undefined;

const mostRows = 1_000;
const mostReferences = 20_000;

// Of a longer array, to list the names would be to list all indices as text.
const longestNamed = 10_000;

/** A value by the way that leads to it, so that nothing is kept alive by having been looked at. */
interface Place {
  readonly parent: number | undefined;
  /** The variable, the property, or the position among the entries of a Map or Set. */
  readonly step: string | number;
  readonly evaluateName: string | undefined;
}

interface Member {
  readonly name: string;
  readonly step: string | number;
  readonly value: unknown;
  /** Shown in place of the value: an accessor, which is not run. */
  readonly instead?: string;
}

/** Makes the notebook's variables readable from the inspector thread. Runs no getter and no other code of the values. */
export function provideVariables(scopes: Scopes): void {
  const places = new Map<number, Place>();
  const references = new Map<string, number>();
  let last = 0;

  /** The number of a place: the same whenever it is asked for. */
  function referenceOf(place: Place): number {
    const key = JSON.stringify([place.parent, place.step]);
    const known = references.get(key);
    if (known !== undefined) return known;
    const reference = (last += 1);
    references.set(key, reference);
    places.set(reference, place);
    if (references.size > mostReferences) {
      const [oldest, number] = references.entries().next().value!;
      references.delete(oldest);
      places.delete(number);
    }
    return reference;
  }

  function toRow({ name, value, instead }: Member, place: Place): DebugVariable {
    const evaluateName = place.evaluateName === undefined ? {} : { evaluateName: place.evaluateName };
    if (instead !== undefined) return { name, value: instead, type: "", ...evaluateName, variablesReference: 0 };
    // `key` is a common name of a member, so there only text is hidden.
    const hidden = isHidden(name, value) && (place.parent === undefined || typeof value === "string");
    const row = { name, value: previewOf(hidden ? name : "", value), type: typeOf(value), ...evaluateName };
    const { indexed, named } = hidden ? nothing : count(value);
    if (indexed + named === 0) return { ...row, variablesReference: 0 };
    return { ...row, variablesReference: referenceOf(place), indexedVariables: indexed, namedVariables: named };
  }

  function rowsOfNames(): readonly DebugVariable[] {
    const values = new Map(Array.from(scopes.entries(), ({ name, value }) => [name, value]));
    return describeVariables(scopes).map(({ name, kind }) => ({
      ...toRow({ name, step: name, value: values.get(name) }, { parent: undefined, step: name, evaluateName: name }),
      presentationHint: { kind: hintOf(values.get(name)), attributes: kind === "const" ? ["constant", kind] : [kind] },
    }));
  }

  function valueAt(reference: number): unknown {
    const place = places.get(reference);
    if (place === undefined) return undefined;
    if (place.parent === undefined) {
      for (const { name, value } of scopes.entries()) if (name === place.step) return value;
      return undefined;
    }
    const parent = valueAt(place.parent);
    if (!isObject(parent) || types.isProxy(parent)) return undefined;
    if (types.isMap(parent) || types.isSet(parent)) {
      return typeof place.step === "number" ? entriesFrom(parent, place.step, 1)[0]?.value : read(parent, place.step);
    }
    return read(parent, place.step);
  }

  function rowsOfMembers(query: VariableQuery & { type: "members" }): VariablesAnswer {
    const parent = places.get(query.reference);
    const value = valueAt(query.reference);
    if (parent === undefined || !isObject(value)) return undefined;
    const { indexed, named } = count(value);
    const start = Math.max(0, query.start ?? 0);
    const wanted = query.count === undefined || query.count <= 0 ? mostRows : Math.min(query.count, mostRows);
    const first = query.filter === "named" ? indexed : 0;
    const end = query.filter === "indexed" ? indexed : indexed + named;
    const from = Math.min(first + start, end);
    const to = Math.min(from + wanted, end);
    const members = membersOf(value, indexed, from, to);
    const rows = members.map((member) => {
      const evaluateName = nameBelow(parent.evaluateName, value, member);
      return toRow(member, { parent: query.reference, step: member.step, evaluateName });
    });
    const isCut = to < end && (query.count === undefined || query.count <= 0 || query.count > mostRows);
    return isCut ? [...rows, { name: "…", value: `${end - to} more`, type: "", variablesReference: 0 }] : rows;
  }

  Object.defineProperty(globalThis, Symbol.for(viewKey), {
    value: (query: VariableQuery): VariablesAnswer =>
      query.type === "names" ? rowsOfNames().slice(0, mostReferences) : rowsOfMembers(query),
  });
}

const nothing = { indexed: 0, named: 0 };

/** How many members a value has: those with a number, and those with a name. */
function count(value: unknown): { readonly indexed: number; readonly named: number } {
  if (!isObject(value) || types.isProxy(value)) return nothing;
  if (types.isTypedArray(value)) return { indexed: typedLength(value), named: 0 };
  if (types.isMap(value) || types.isSet(value)) return { indexed: sizeOf(value), named: namesOf(value).length };
  return { indexed: Array.isArray(value) ? value.length : 0, named: namesOf(value).length };
}

/** The named members of a value; an error's message and cause are not enumerable, but what one looks for. */
function namesOf(value: object): readonly string[] {
  if (Array.isArray(value)) {
    if (value.length > longestNamed) return [];
    // The names of properties come after the indices.
    const keys = ownKeys(value);
    let at = keys.length;
    while (at > 0 && !/^\d+$/.test(keys[at - 1]!)) at--;
    return keys.slice(at);
  }
  const extra = types.isNativeError(value) ? ["message", "cause"].filter((key) => Object.hasOwn(value, key)) : [];
  return [...extra, ...ownKeys(value)];
}

function membersOf(value: object, indexed: number, from: number, to: number): readonly Member[] {
  const lastIndex = Math.min(to, indexed);
  const isKeyed = types.isMap(value) || types.isSet(value);
  const numbered = isKeyed
    ? entriesFrom(value, from, lastIndex - from)
    : Array.from({ length: Math.max(0, lastIndex - from) }, (_, i) => memberOf(value, String(from + i)));
  if (to <= indexed) return numbered;
  const names = namesOf(value).slice(Math.max(0, from - indexed), to - indexed);
  return [...numbered, ...names.map((name) => memberOf(value, name))];
}

function memberOf(value: object, key: string): Member {
  const descriptor = descriptorOf(value, key);
  const step = key;
  if (descriptor === undefined) return { name: key, step, value: undefined, instead: "<empty>" };
  if (descriptor.get || descriptor.set) return { name: key, step, value: undefined, instead: "[Getter]" };
  return { name: key, step, value: descriptor.value };
}

function entriesFrom(value: Map<unknown, unknown> | Set<unknown>, from: number, length: number): readonly Member[] {
  const found: Member[] = [];
  const entries = entriesOf(value);
  let at = 0;
  for (let next = entries.next(); next.done !== true && found.length < length; next = entries.next(), at++) {
    if (at < from) continue;
    const [key, member] = next.value;
    found.push({ name: types.isMap(value) ? preview(key) : String(at), step: at, value: member });
  }
  return found;
}

function nameBelow(parent: string | undefined, value: object, { step, instead }: Member): string | undefined {
  if (parent === undefined || typeof step === "number" || instead === "<empty>") return undefined;
  if (Array.isArray(value) || types.isTypedArray(value))
    return /^\d+$/.test(step) ? `${parent}[${step}]` : `${parent}[${JSON.stringify(step)}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step)
    ? `${parent}.${step}`
    : `${parent}[${JSON.stringify(step)}]`;
}

function hintOf(value: unknown): "class" | "method" | "data" {
  if (typeof value !== "function") return "data";
  return Function.prototype.toString.call(value).startsWith("class") ? "class" : "method";
}
