import type { Bindable } from "./engine.ts";

/** Turns a cell's value into one that can be bound, or says why it cannot. */
export function toBindable(value: unknown): Bindable {
  const type = typeof value;
  if (typeof value === "string") return wellFormed(value);
  if (value === null || type === "boolean" || type === "number" || type === "bigint") return value as Bindable;
  if (typeof value === "object") return fromObject(value);
  throw new TypeError(`${type === "undefined" ? type : `a ${type}`} cannot be bound as a value. ${hint(value)}`);
}

/** Systems that take UTF-8 get another character for half a pair, without a word. */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new TypeError("a text holds half of a surrogate pair, which UTF-8 cannot. Mend it by .toWellFormed().");
}

function hint(value: unknown): string {
  return value === undefined
    ? "Use null for SQL's NULL."
    : "Give a number, string, bigint, boolean, Date, bytes, array or object.";
}

function fromObject(value: object): Bindable {
  // The value may come from another realm, so its tag is asked rather than its class.
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Date]") return fromDate(value as Date);
  if (tag === "[object Uint8Array]") return Uint8Array.from(value as Uint8Array);
  if (tag === "[object ArrayBuffer]") return new Uint8Array(value as ArrayBuffer).slice();
  if (Array.isArray(value)) return value.map(toBindable);
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return Array.from(value as Iterable<unknown>, toBindable);
  if (isVector(value)) return Array.from(value, toBindable);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [wellFormed(name), toBindable(item)]));
  const { name = "object" } = (value as { constructor?: { name?: string } }).constructor ?? {};
  throw new TypeError(`an object of class ${name} cannot be bound as a value. Give its text or its parts.`);
}

function fromDate(date: Date): Date {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new TypeError("an invalid Date cannot be bound as a value. Check how it was made.");
  return new Date(ms);
}

/** Tells an Arrow vector, of whichever copy of the package. */
function isVector(value: object): value is Iterable<unknown> {
  return "numChildren" in value && "toArray" in value && Symbol.iterator in value;
}
