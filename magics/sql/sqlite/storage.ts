import type { ColumnType } from "../../columnar/columnar.ts";
import { parseDate, parseTime, parseTimestamp } from "../../columnar/temporal.ts";

// A column of SQLite may hold values of any type in any row; the type that it was declared with is a wish. So the type of
// a result's column is chosen from both: what was declared, and what is there.

/** A value as SQLite stores it. */
export type Stored = bigint | number | string | Uint8Array | null;

/** Turns a stored value that is not null into what the column's writer takes; undefined where it does not fit. */
export type Convert = (value: Exclude<Stored, null>) => unknown;

/** Chooses the type of a column. `isAll` says that there are no more values than these. */
export function chooseType(declared: string | null, values: readonly Stored[], isAll: boolean): ColumnType {
  const present = values.filter((value) => value !== null);
  const wished = wishes(declared ?? "", present);
  const fitting = wished.find((type) => {
    const convert = converterOf(type);
    return present.every((value) => convert(value) !== undefined);
  });
  return fitting ?? byStorage(present, isAll);
}

/** Makes the function that converts for a type. */
export function converterOf(type: ColumnType): Convert {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- chooseType gives these kinds only
  switch (type.kind) {
    case "bool":
      return (value) => (value === 0n || value === 1n ? value === 1n : undefined);
    case "int":
      return (value) => (typeof value === "bigint" ? value : undefined);
    case "float":
      return toFloat;
    case "decimal":
      return (value) => toDecimal(value, type.precision, type.scale);
    case "date":
      return (value) => (typeof value === "string" ? parseDate(value) : undefined);
    case "time":
      return (value) => (typeof value === "string" ? parseTime(value) : undefined);
    case "timestamp":
      return (value) => {
        const moment = typeof value === "string" ? parseTimestamp(value) : undefined;
        return moment && moment.hasZone === (type.timezone !== undefined) ? moment.micros : undefined;
      };
    case "utf8":
      return toText;
    case "binary":
      return (value) => (typeof value === "object" ? value : Buffer.from(toText(value)!));
    default:
      return () => undefined;
  }
}

const int64: ColumnType = { kind: "int", bits: 64, signed: true };
const float64: ColumnType = { kind: "float", bits: 64 };
const text: ColumnType = { kind: "utf8" };
const binary: ColumnType = { kind: "binary" };

/** Every decimal of so many digits comes out of a double as it went in. */
const exactDigits = 15;

/** The types that a declaration asks for, the first that fits is taken. */
function wishes(declared: string, present: readonly Stored[]): readonly ColumnType[] {
  const name = declared.toLowerCase();
  if (/bool/.test(name)) return [{ kind: "bool" }];
  if (/datetime|timestamp/.test(name))
    return [
      { kind: "timestamp", unit: "microsecond" },
      { kind: "timestamp", unit: "microsecond", timezone: "UTC" },
    ];
  if (/^date\b/.test(name)) return [{ kind: "date" }];
  if (/^time\b/.test(name)) return [{ kind: "time", unit: "microsecond" }];
  const [, precision, scale = "0"] = /^(?:decimal|numeric)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(name) ?? [];
  if (precision !== undefined && Number(precision) <= exactDigits && Number(scale) <= Number(precision))
    return [{ kind: "decimal", precision: Number(precision), scale: Number(scale) }];
  // In the order in which SQLite itself reads a declaration for the column's affinity.
  if (name.startsWith("json")) return isTextual(present) ? [text] : [];
  if (/int/.test(name)) return [int64];
  if (/char|clob|text/.test(name)) return present.every((value) => typeof value === "string") ? [text] : [];
  if (/blob/.test(name)) return present.every((value) => typeof value === "object") ? [binary] : [];
  return /real|floa|doub/.test(name) ? [float64] : [];
}

function isTextual(present: readonly Stored[]): boolean {
  return present.every((value) => typeof value !== "object");
}

function byStorage(present: readonly Stored[], isAll: boolean): ColumnType {
  if (present.length === 0) return isAll ? { kind: "null" } : text;
  if (present.some((value) => typeof value === "object")) return binary;
  if (present.every((value) => typeof value === "bigint")) return int64;
  const isFloat = (value: Stored): boolean => toFloat(value!) !== undefined;
  return present.every(isFloat) ? float64 : text;
}

function toFloat(value: Exclude<Stored, null>): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") return undefined;
  const float = Number(value);
  return BigInt(float) === value ? float : undefined;
}

function toDecimal(value: Exclude<Stored, null>, precision: number, scale: number): bigint | undefined {
  if (typeof value === "bigint") return within(value * 10n ** BigInt(scale), precision);
  if (typeof value !== "number" || !(Math.abs(value) < 1e15)) return undefined;
  const digits = value.toFixed(scale);
  return Number(digits) === value ? within(BigInt(digits.replace(".", "")), precision) : undefined;
}

function within(value: bigint, precision: number): bigint | undefined {
  const limit = 10n ** BigInt(precision);
  return value < limit && value > -limit ? value : undefined;
}

/** Writes a number as SQLite's `cast(x as text)` does, but with all its digits. */
function toText(value: Exclude<Stored, null>): string | undefined {
  if (typeof value === "object") return undefined;
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
  return /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value);
}
