import type { Bindable } from "./engine.ts";

/**
 * Writes a value that is bound as JSON: bigints with all their digits, dates as ISO texts, bytes as hexadecimal texts.
 * Written by hand, since `JSON.stringify` knows no bigint.
 */
export function bindableToJson(value: Bindable): string {
  if (value === null) return "null";
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object") return JSON.stringify(value);
  if (isBytes(value)) return JSON.stringify(Buffer.from(value).toString("hex"));
  if (isDate(value)) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${(value as readonly Bindable[]).map(bindableToJson).join(",")}]`;
  const members = Object.entries(value as Readonly<Record<string, Bindable>>);
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${bindableToJson(item)}`).join(",")}}`;
}

/** Tells bytes among values that are bound. */
export function isBytes(value: object): value is Uint8Array {
  return ArrayBuffer.isView(value);
}

/** Tells a date among values that are bound. */
export function isDate(value: object): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]";
}
