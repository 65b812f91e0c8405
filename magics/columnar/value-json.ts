import type { ColumnType } from "./columnar.ts";
import { formatDate, formatTime, formatTimestamp } from "./temporal.ts";

/**
 * Writes a value, in the form that the type's writer takes, as JSON for systems that keep nested values so. Integers and
 * decimals have all their digits; dates and times are texts; bytes are hexadecimal; an interval is its three parts; a map is
 * an object where its keys are texts, otherwise a list of pairs.
 */
export function toJson(type: ColumnType, value: unknown): string {
  if (value === null || value === undefined) return "null";
  switch (type.kind) {
    case "null":
      return "null";
    case "bool":
    case "int":
      return `${value as bigint}`;
    case "float":
      return Number.isFinite(value) ? JSON.stringify(value) : `"${value as number}"`;
    case "decimal":
      return formatDecimal(value as bigint, type.scale);
    case "utf8":
      return JSON.stringify(value);
    case "binary":
      return JSON.stringify(Buffer.from(value as Uint8Array).toString("hex"));
    case "enum":
      return JSON.stringify(type.values[value as number]);
    case "date":
      return JSON.stringify(formatDate(value as number));
    case "time":
      return JSON.stringify(formatTime(value as bigint, type.unit));
    case "timestamp":
      return JSON.stringify(formatTimestamp(value as bigint, type.unit) + (type.timezone === undefined ? "" : "Z"));
    case "interval": {
      const [months, days, nanoseconds] = value as readonly [number, number, bigint];
      return `{"months":${months},"days":${days},"nanoseconds":${nanoseconds}}`;
    }
    case "list":
    case "fixedList":
      return `[${(value as readonly unknown[]).map((item) => toJson(type.child.type, item)).join(",")}]`;
    case "struct":
      return `{${type.children.map(({ name, type: member }, i) => `${JSON.stringify(name)}:${toJson(member, (value as readonly unknown[])[i])}`).join(",")}}`;
    case "map": {
      const pairs = value as readonly (readonly [unknown, unknown])[];
      const isText = type.key.type.kind === "utf8" || type.key.type.kind === "enum";
      const written = pairs.map(([key, item]) => [toJson(type.key.type, key), toJson(type.value.type, item)] as const);
      return isText
        ? `{${written.map(([key, item]) => `${key}:${item}`).join(",")}}`
        : `[${written.map(([key, item]) => `[${key},${item}]`).join(",")}]`;
    }
    case "union": {
      const [id, item] = value as readonly [number, unknown];
      return toJson(type.children[id]!.type, item);
    }
    default:
      return type satisfies never;
  }
}

/** Writes a decimal with its point. */
export function formatDecimal(value: bigint, scale: number): string {
  const size = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const digits = scale === 0 ? size : `${size.slice(0, -scale)}.${size.slice(-scale)}`;
  return value < 0n ? `-${digits}` : digits;
}
