import type { Bindable } from "./engine.ts";

/**
 * Writes a value that is bound as JSON: bigints with all their digits, dates as ISO texts. Written by hand, since
 * `JSON.stringify` knows no bigint and makes null of what JSON does not have.
 */
export function bindableToJson(value: Bindable): string {
  if (value === null) return "null";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new TypeError(`JSON has no ${value}; give null or a text instead`);
  if (typeof value !== "object") return JSON.stringify(value);
  if (isBytes(value)) throw new TypeError("JSON has no bytes; bind them by themselves, or give their text in base64");
  if (isDate(value)) return JSON.stringify(value.toISOString());
  if (isArray(value)) return `[${value.map(bindableToJson).join(",")}]`;
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${bindableToJson(item)}`);
  return `{${members.join(",")}}`;
}

// Values to bind are ours by now (`toBindable`): plain, and of this realm or a thread's copy.

/** Tells bytes among values that are bound. */
export function isBytes(value: Bindable): value is Uint8Array {
  return ArrayBuffer.isView(value);
}

/** Tells a date among values that are bound. */
export function isDate(value: Bindable): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]";
}

/** Tells an array among values that are bound. */
export function isArray(value: Bindable): value is readonly Bindable[] {
  return Array.isArray(value);
}
