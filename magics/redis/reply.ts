import { isUtf8 } from "node:buffer";
import { replyFailure, type RedisFailure } from "./failure.ts";

/** A value that Redis gives. Bytes that are no UTF-8 text, or all with `--bytes`, are a `Uint8Array`. */
export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | RedisFailure
  | readonly Reply[]
  | { readonly [key: string]: Reply };

/** How replies become values. */
export interface DecodeOptions {
  readonly bytes?: boolean;
  /** Numbers are floating-point, as scores are: never a bigint. */
  readonly isFloat?: boolean;
  /** The connection's name, for errors within a reply. */
  readonly name: string;
}

/** Turns a reply of an `exact` client into a value: texts come as bytes, numbers as text. */
export function decodeReply(raw: unknown, options: DecodeOptions): Reply {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === "string") return options.isFloat ? toFloat(raw) : toNumber(raw);
  if (typeof raw !== "object") return raw as number | boolean | bigint;
  if (ArrayBuffer.isView(raw)) {
    const bytes = raw as Buffer;
    return options.bytes !== true && isUtf8(bytes) ? bytes.toString() : new Uint8Array(bytes);
  }
  if (Array.isArray(raw)) return raw.map((item) => decodeReply(item, options));
  if ("message" in raw && "stack" in raw) return replyFailure(String(raw.message), options);
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, decodeReply(value, options)]));
}

function toNumber(text: string): number | bigint {
  if (!/^-?\d+$/.test(text)) return toFloat(text);
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function toFloat(text: string): number {
  const word = /^([+-]?)(?:inf)$/i.exec(text);
  if (word) return word[1] === "-" ? -Infinity : Infinity;
  return Number(text); // `nan` is NaN
}

/** Tells whether the numbers of a command's reply are scores. */
export function isFloatCommand(name: string): boolean {
  return /^b?z/i.test(name);
}

/** Writes a value as text: bytes as base64, what is nested as JSON. */
export function replyText(value: Reply): string {
  if (typeof value === "string") return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value).toString("base64");
  if (typeof value !== "object" || value === null) return String(value);
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    return ArrayBuffer.isView(item) ? Buffer.from(item as Uint8Array).toString("base64") : item;
  });
}

/** Tells a list. */
export function isList(value: Reply | undefined): value is readonly Reply[] {
  return Array.isArray(value);
}

/** Tells a map. */
export function isRecord(value: Reply): value is { readonly [key: string]: Reply } {
  return (
    typeof value === "object" && value !== null && !isList(value) && !ArrayBuffer.isView(value) && !("stack" in value)
  );
}
