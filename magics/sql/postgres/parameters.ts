import { bindableToJson, isArray, isBytes, isDate } from "../bindable-json.ts";
import { type Bindable, SqlFailure } from "../engine.ts";
import type { WireValue } from "./frontend.ts";
import { oid } from "./types.ts";

/** Left to the server. */
const unknown = 0;

/** The type that a value is sent with at first; 0 lets the server find it from where the value stands. */
export function declaredType(value: Bindable): number {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- a bindable value is of no other type
  switch (typeof value) {
    case "boolean":
      return oid.bool;
    case "bigint":
      return BigInt.asIntN(64, value) === value ? oid.int8 : oid.numeric;
    case "number":
      // A fraction may go into a numeric, and then is exact to its last digit.
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? integerType(value) : unknown;
    default:
      if (isDate(value)) return oid.timestamptz;
      return isBytes(value) ? oid.bytea : unknown;
  }
}

function integerType(value: number): number {
  return value === (value | 0) ? oid.int4 : oid.int8;
}

/** The type that a value has to be sent with where the one that the server found does not hold it; undefined where it does. */
export function betterType(value: Bindable, found: number): number | undefined {
  if (typeof value === "number" && declaredType(value) === unknown)
    return fractional.has(found) ? undefined : oid.float8;
  // To a text nothing else is known: the array's own type is.
  if (isArray(value) && found === oid.text) return arrayType(value);
  return undefined;
}

const fractional: ReadonlySet<number> = new Set([oid.float4, oid.float8, oid.numeric]);

const arrays: Readonly<Record<number, number>> = {
  [oid.bool]: 1000,
  [oid.bytea]: 1001,
  [oid.int4]: 1007,
  [oid.int8]: 1016,
  [oid.text]: 1009,
  [oid.float8]: 1022,
  [oid.timestamptz]: 1185,
  [oid.numeric]: 1231,
  [oid.jsonb]: 3807,
};

const widening: readonly number[] = [oid.int4, oid.int8, oid.numeric, oid.float8];

function arrayType(values: readonly Bindable[]): number {
  return arrays[values.flatMap(leaves).map(naturalType).reduce(common, unknown)] ?? arrays[oid.text]!;
}

function leaves(value: Bindable): readonly Bindable[] {
  return isArray(value) ? value.flatMap(leaves) : value === null ? [] : [value];
}

function naturalType(value: Bindable): number {
  if (typeof value === "string") return oid.text;
  return declaredType(value) || (typeof value === "number" ? oid.float8 : oid.jsonb);
}

function common(a: number, b: number): number {
  if (a === unknown || a === b) return b;
  const [left, right] = [widening.indexOf(a), widening.indexOf(b)];
  return left < 0 || right < 0 ? oid.text : widening[Math.max(left, right)]!;
}

const epochMs = 946_684_800_000;

/** Writes a value for a parameter of the type that the server has found. */
export function toWireValue(value: Bindable, type: number): WireValue {
  if (value === null) return { isBinary: false, bytes: null };
  if (isBytes(value)) return { isBinary: true, bytes: value };
  if (isDate(value) && type === oid.timestamptz) {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(BigInt(value.getTime() - epochMs) * 1000n);
    return { isBinary: true, bytes };
  }
  const isJson = type === oid.json || type === oid.jsonb;
  const text = isJson && typeof value === "object" ? bindableToJson(value) : toText(value);
  if (text.includes("\0"))
    throw new SqlFailure("UntranslatableCharacter", "PostgreSQL's texts cannot hold the character NUL (\\0)", {
      code: "22021",
      hint: "Take it out of the value, or keep bytes: bind a Uint8Array into a bytea column.",
    });
  if (!text.isWellFormed())
    throw new SqlFailure("UntranslatableCharacter", "a text holds half of a surrogate pair, which UTF-8 cannot", {
      code: "22021",
      hint: "text.toWellFormed() puts \ufffd in its place.",
    });
  return { isBinary: false, bytes: Buffer.from(text) };
}

/** Writes a value as PostgreSQL reads it in text. */
function toText(value: NonNullable<Bindable>): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Object.is(value, -0)) return "-0";
  if (typeof value !== "object") return String(value);
  if (isDate(value)) return dateText(value);
  if (isBytes(value)) return `\\x${Buffer.from(value).toString("hex")}`;
  return isArray(value) ? toArrayText(value) : bindableToJson(value);
}

/** Writes `{…}`; every text in it is quoted, since `null` and commas mean something there. */
function toArrayText(values: readonly Bindable[]): string {
  const items = values.map((value) => {
    if (value === null) return "NULL";
    if (isArray(value)) return toArrayText(value);
    const text = toText(value);
    return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
      ? text
      : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${items.join(",")}}`;
}

/** ISO 8601 as PostgreSQL reads it: years before 1 as BC, those after 9999 without a sign. */
function dateText(date: Date): string {
  const text = date.toISOString();
  const [, sign = "", digits = "", rest = ""] = /^([+-]?)(\d{4,6})(.*)$/.exec(text) ?? [];
  const year = Number(`${sign}${digits}`);
  return year > 0 ? `${String(year).padStart(4, "0")}${rest}` : `${String(1 - year).padStart(4, "0")}${rest} BC`;
}
