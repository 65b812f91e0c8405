import { maskSecret } from "../../magics/mask-secrets.ts";
import { secretPatterns } from "../../magics/secret.ts";
import type { LiveValues, RemoteValue } from "./live-values.ts";

/**
 * Writes the first few entries of a live value, three levels deep, in about `longest` characters; undefined where that would
 * run code. Texts under names of secrets are hidden.
 */
export async function previewOf(value: RemoteValue, longest: number, live: LiveValues): Promise<string | undefined> {
  const text = await live.call(value, previewData, longest, secretPatterns);
  return text === undefined ? undefined : maskSecret("", text);
}

// Sent to the main thread as text: uses nothing but its arguments and `this`, and reads no accessor.
function previewData(this: object, longest: number, secrets: readonly string[]): string {
  let left = longest;
  const own = (value: object, key: string): unknown => Object.getOwnPropertyDescriptor(value, key)?.value;
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

  function isSecret(key: string): boolean {
    const split = key.replaceAll(/([a-z])([A-Z])/g, "$1_$2");
    return key !== "PWD" && key !== "OLDPWD" && secrets.some((pattern) => new RegExp(pattern, "i").test(split));
  }

  function className(value: object): string {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null) return "";
    const made = own(prototype, "constructor");
    const name = typeof made === "function" ? own(made, "name") : "";
    return typeof name === "string" ? name : "";
  }

  function tableSize(value: object, depth: number): string | undefined {
    const [schema, batches] = [own(value, "schema"), own(value, "batches")];
    if (!isObject(schema) || !Array.isArray(batches)) return undefined;
    const fields = own(schema, "fields");
    if (!Array.isArray(fields)) return undefined;
    let rows = 0;
    for (let i = 0; i < batches.length; i++) {
      const data = own(batches[i] as object, "data");
      const length = isObject(data) ? own(data, "length") : undefined;
      if (typeof length !== "number") return undefined;
      rows += length;
    }
    const size = `${rows} ${rows === 1 ? "row" : "rows"} × ${fields.length} ${fields.length === 1 ? "column" : "columns"}`;
    if (depth > 0 || fields.length === 0) return size;
    const columns = (fields as object[]).slice(0, 100).map((field) => String(own(field, "name")));
    return `${size}: ${list(columns, fields.length, (name) => name)}`;
  }

  function list(keys: string[], total: number, one: (key: string) => string): string {
    const parts: string[] = [];
    for (let i = 0; i < keys.length && left > 0; i++) {
      const part = one(keys[i]!);
      left -= part.length + 2;
      parts.push(part);
    }
    if (parts.length < total) parts.push("…");
    return parts.join(", ");
  }

  function array(value: unknown[], depth: number): string {
    const keys: string[] = [];
    for (let i = 0; i < value.length && i < 100; i++) keys.push(String(i));
    return `[${list(keys, value.length, (key) => entry(value, key, depth))}]`;
  }

  function entry(value: object, key: string, depth: number): string {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined) return "";
    if (typeof property.value === "string" && isSecret(key)) return '"········"';
    return "value" in property ? write(property.value, depth + 1) : "(getter)";
  }

  function write(value: unknown, depth: number): string {
    if (typeof value === "string") return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
    if (typeof value === "bigint") return `${String(value)}n`;
    if (typeof value === "function") return "ƒ";
    if (!isObject(value)) return String(value);
    const table = tableSize(value, depth);
    if (table !== undefined) return table;
    const name = className(value);
    if (Array.isArray(value)) return depth > 2 ? `Array(${value.length})` : array(value, depth);
    if (depth > 0 && name !== "Object" && name !== "") return name;
    if (depth > 2) return "{…}";
    const keys = Object.getOwnPropertyNames(value);
    const text = list(keys.slice(0, 100), keys.length, (key) => {
      return `${/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? key : JSON.stringify(key)}: ${entry(value, key, depth)}`;
    });
    const body = text === "" ? "{}" : `{ ${text} }`;
    return name === "Object" || name === "" ? body : `${name} ${body}`;
  }

  return write(this, 0);
}
