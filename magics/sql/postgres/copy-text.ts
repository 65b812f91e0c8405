import type { ColumnType } from "../../columnar/columnar.ts";
import { formatDate, formatTime, formatTimestamp } from "../../columnar/temporal.ts";
import { formatDecimal, toJson } from "../../columnar/value-json.ts";

/** Writes a value, in the form that its column gives it, as PostgreSQL reads its text. */
export function toPostgresText(type: ColumnType, value: unknown): string {
  switch (type.kind) {
    case "bool":
      return value === true ? "t" : "f";
    case "int":
      return String(value);
    case "float":
      return Object.is(value, -0) ? "-0" : String(value);
    case "decimal":
      return formatDecimal(value as bigint, type.scale);
    case "utf8":
      return value as string;
    case "binary":
      return `\\x${Buffer.from(value as Uint8Array).toString("hex")}`;
    case "enum":
      return type.values[value as number]!;
    case "date":
      return endless(value as number, endlessDays) ?? withEra(formatDate(value as number));
    case "time":
      return formatTime(value as bigint, type.unit);
    case "timestamp":
      return (
        endless(value as bigint, endlessTime) ??
        withEra(formatTimestamp(value as bigint, type.unit), type.timezone === undefined ? "" : "Z")
      );
    case "interval": {
      const [months, days, nanos] = value as readonly [number, number, bigint];
      return `${months} mons ${days} days ${formatDecimal(nanos, 3)} microseconds`;
    }
    case "list":
    case "fixedList":
      return arrayText(type.child.type, value as readonly unknown[]);
    case "null":
    case "struct":
    case "map":
    case "union":
      return toJson(type, value);
    default:
      return type satisfies never;
  }
}

const endlessDays = 2 ** 31 - 1;
const endlessTime = 2n ** 63n - 1n;

/** The infinities, as `columns/fixed.ts` reads them. */
function endless<T extends number | bigint>(value: T, most: T): string | undefined {
  if (value === most) return "infinity";
  return value === -most ? "-infinity" : undefined;
}

/** ISO 8601 has signs on years, PostgreSQL has BC. */
function withEra(text: string, zone = ""): string {
  const [, sign = "", digits = "", rest = ""] = /^([+-]?)(\d{4,6})(.*)$/.exec(text) ?? [];
  const year = Number(`${sign}${digits}`);
  const era = year > 0 ? "" : " BC";
  return `${String(year > 0 ? year : 1 - year).padStart(4, "0")}${rest}${zone}${era}`;
}

function arrayText(type: ColumnType, items: readonly unknown[]): string {
  const texts = items.map((item) => {
    if (item === null || item === undefined) return "NULL";
    const text = toPostgresText(type, item);
    if (type.kind === "list" || type.kind === "fixedList" || type.kind === "int" || type.kind === "float") return text;
    return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${texts.join(",")}}`;
}

/** Writes a text as a field of COPY in its text format. */
export function escapeField(text: string): string {
  return text.replaceAll(/[\\\t\n\r]/g, (character) => escapes[character]!);
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
