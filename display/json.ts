import { types } from "node:util";
import { isObject } from "./property.ts";

/** Nesting deeper than this is left out. */
const maxDepth = 64;

/**
 * Copies a value into what JSON can say: 64-bit integers become numbers where exact, else text;
 * dates ISO text, Maps objects, Sets and typed arrays lists; circles and functions null.
 */
export function toJson(value: unknown): unknown {
  return copy(value, []);
}

function copy(value: unknown, above: readonly object[]): unknown {
  if (typeof value === "bigint") return bigintToJson(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "function" || typeof value === "symbol") return null;
  if (!isObject(value)) return value ?? null;
  if (above.includes(value) || above.length > maxDepth) return null;
  try {
    return copyObject(value, [...above, value]);
  } catch {
    return null;
  }
}

function copyObject(value: object, above: readonly object[]): unknown {
  if (ArrayBuffer.isView(value) && "length" in value) {
    return Array.from(value as ArrayLike<unknown> & ArrayBufferView, (item) => copy(item, above));
  }
  if (Array.isArray(value)) return Array.from(value, (item) => copy(item, above));
  if (types.isMap(value)) {
    return Object.fromEntries(Array.from(value, ([key, item]) => [String(key), copy(item, above)]));
  }
  if (types.isSet(value)) return Array.from(value, (item) => copy(item, above));
  const json = "toJSON" in value && typeof value.toJSON === "function" ? value.toJSON() : value;
  if (json !== value) return copy(json, above);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, copy(item, above)]));
}

function bigintToJson(value: bigint): number | string {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : String(value);
}
