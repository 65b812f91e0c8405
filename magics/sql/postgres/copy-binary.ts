import type { ColumnData, ColumnType } from "../../columnar/columnar.ts";
import { SqlFailure } from "../engine.ts";
import { isValid } from "../../columnar/validity.ts";
import type { CopyBuffer } from "./copy-buffer.ts";
import { appendDecimal } from "./copy-numeric.ts";
import { oid, type TypeCatalog } from "./types.ts";

/** Appends the length and the value of a row; the row has a value. */
type Append = (row: number) => void;

/** Makes what appends a column's rows. */
export type Encoder = (data: ColumnData, out: CopyBuffer) => Append;

/**
 * Makes the encoder of an Arrow type for a column of PostgreSQL's type in COPY's binary format, which knows no casts;
 * undefined where the text format has to do it.
 */
export function createEncoder(type: ColumnType, target: number, catalog: TypeCatalog): Encoder | undefined {
  const entry = catalog.get(target);
  if (entry?.kind === "domain") return createEncoder(type, entry.base, catalog);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- others have no binary form that is worth its code
  switch (type.kind) {
    case "null":
      return () => () => {};
    case "bool":
      return target === oid.bool ? bools : undefined;
    case "int":
      return target === oid.int2 || target === oid.int4 || target === oid.int8 ? integers(type, target) : undefined;
    case "float":
      return floats(type.bits, target);
    case "decimal":
      return target === oid.numeric ? decimals(type.scale) : undefined;
    case "utf8":
      if (target === oid.jsonb) return bytes(1);
      return texts.has(target) || entry?.kind === "enum" ? bytes() : undefined;
    case "binary":
      return target === oid.bytea ? bytes() : undefined;
    case "enum":
      return texts.has(target) || entry?.kind === "enum" ? labels(type) : undefined;
    case "date":
      return target === oid.date ? dates : undefined;
    case "time":
      return target === oid.time && type.unit === "microsecond" ? longs(0n, 1n) : undefined;
    case "timestamp": {
      const isTimestamp = target === oid.timestamp || target === oid.timestamptz;
      return isTimestamp && type.unit !== "nanosecond" ? longs(epochMicros, microsPer[type.unit]) : undefined;
    }
    case "list":
      return entry?.kind === "array" ? lists(type.child.type, entry.item, catalog) : undefined;
    default:
      return undefined;
  }
}

const texts: ReadonlySet<number> = new Set([oid.text, oid.varchar, oid.bpchar, oid.json, 19]);
const epochMicros = 946_684_800_000_000n;
const epochDays = 10_957;
const microsPer = { second: 1_000_000n, millisecond: 1000n, microsecond: 1n } as const;
const endlessDays = 0x7fff_ffff;
const endlessTime = 2n ** 63n - 1n;

type View<T> = new (buffer: ArrayBuffer, offset: number, length: number) => T;

/** Looks at bytes as numbers. */
function view<T>(data: Uint8Array | undefined, Type: View<T> & { readonly BYTES_PER_ELEMENT: number }): T {
  const { buffer, byteOffset, byteLength } = data ?? new Uint8Array(0);
  return new Type(buffer as ArrayBuffer, byteOffset, byteLength / Type.BYTES_PER_ELEMENT);
}

function bools({ values }: ColumnData, out: CopyBuffer): Append {
  return (row) => {
    const at = out.extend(5);
    out.put32(at, 1);
    out.bytes[at + 4] = isValid(values, row) ? 1 : 0;
  };
}

const ranges: Readonly<Record<number, readonly [bytes: number, most: number]>> = {
  [oid.int2]: [2, 0x7fff],
  [oid.int4]: [4, 0x7fff_ffff],
};

function integers({ bits, signed }: ColumnType & { kind: "int" }, target: number): Encoder {
  if (bits === 64) return signed && target === oid.int8 ? longs(0n, 1n) : longsInto(signed, target);
  const Type = smalls[`${signed ? "i" : "u"}${bits}`]!;
  const [width, most] = ranges[target] ?? [8, Number.MAX_SAFE_INTEGER];
  return ({ values }, out) => {
    const numbers = view(values, Type);
    return (row) => {
      const value = numbers[row]!;
      if (value > most || value < ~most) throw tooLarge(value, target);
      const at = out.extend(4 + width);
      out.put32(at, width);
      if (width === 8) out.put32(at + 4, value < 0 ? -1 : 0);
      if (width === 2) {
        out.bytes[at + 4] = value >> 8;
        out.bytes[at + 5] = value;
      } else out.put32(at + width, value);
    };
  };
}

const smalls: Readonly<Record<string, View<ArrayLike<number>> & { readonly BYTES_PER_ELEMENT: number }>> = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
};

/** 64 bits into a narrower column: what does not fit is refused. */
function longsInto(signed: boolean, target: number): Encoder {
  const [width, most] = ranges[target] ?? [8, Number.MAX_SAFE_INTEGER];
  return ({ values }, out) => {
    const numbers = signed ? view(values, BigInt64Array) : view(values, BigUint64Array);
    return (row) => {
      const value = numbers[row]!;
      const limit = width === 8 ? endlessTime : BigInt(most);
      if (value > limit || value < ~limit) throw tooLarge(value, target);
      const at = out.extend(4 + width);
      out.put32(at, width);
      if (width === 8) out.bytes.writeBigInt64BE(value, at + 4);
      else if (width === 4) out.put32(at + 4, Number(value));
      else out.bytes.writeInt16BE(Number(value), at + 4);
    };
  };
}

function tooLarge(value: number | bigint, target: number): SqlFailure {
  const name = { [oid.int2]: "smallint", [oid.int4]: "integer" }[target] ?? "bigint";
  return new SqlFailure(
    "NumericValueOutOfRange",
    `${value} is out of range for the type ${name} of the table's column`,
    {
      code: "22003",
      hint: "Alter the column to a wider type, or write to a new table.",
    },
  );
}

function floats(bits: 32 | 64, target: number): Encoder | undefined {
  if (bits === 32 && target === oid.float4) return words;
  if (target !== oid.float8) return undefined;
  if (bits === 64) return longs(0n, 1n);
  return ({ values }, out) => {
    const numbers = view(values, Float32Array);
    return (row) => {
      const at = out.extend(12);
      out.put32(at, 8);
      out.bytes.writeDoubleBE(numbers[row]!, at + 4);
    };
  };
}

function words({ values }: ColumnData, out: CopyBuffer): Append {
  const numbers = view(values, Int32Array);
  return (row) => {
    const at = out.extend(8);
    out.put32(at, 4);
    out.put32(at + 4, numbers[row]!);
  };
}

/** 64 bits; of timestamps, `unit` microseconds each and `epoch` earlier. */
function longs(epoch: bigint, unit: bigint): Encoder {
  return ({ values }, out) => {
    const halves = view(values, Int32Array);
    const whole = epoch === 0n ? undefined : view(values, BigInt64Array);
    return (row) => {
      const at = out.extend(12);
      out.put32(at, 8);
      if (whole === undefined) {
        out.put32(at + 4, halves[row * 2 + 1]!);
        out.put32(at + 8, halves[row * 2]!);
      } else out.bytes.writeBigInt64BE(toPostgresTime(whole[row]!, epoch, unit), at + 4);
    };
  };
}

function toPostgresTime(value: bigint, epoch: bigint, unit: bigint): bigint {
  if (value === endlessTime) return value;
  if (value === -endlessTime) return value - 1n;
  const micros = value * unit - epoch;
  if (micros === BigInt.asIntN(64, micros)) return micros;
  throw new SqlFailure("DatetimeFieldOverflow", "a timestamp is out of PostgreSQL's range, 4713 BC to 294276", {
    code: "22008",
    hint: "Filter such rows out, or write them as text.",
  });
}

function dates({ values }: ColumnData, out: CopyBuffer): Append {
  const days = view(values, Int32Array);
  return (row) => {
    const value = days[row]!;
    const at = out.extend(8);
    out.put32(at, 4);
    out.put32(at + 4, value === endlessDays ? value : value === -endlessDays ? value - 1 : value - epochDays);
  };
}

function decimals(scale: number): Encoder {
  return ({ values }, out) => {
    const parts = view(values, Int32Array);
    return (row) => appendDecimal(out, parts, row * 4, scale);
  };
}

// Below this a loop is faster than a call.
const shortest = 24;

/** Texts and bytes, behind so many bytes of a version. */
function bytes(version = 0): Encoder {
  return ({ values = new Uint8Array(0), offsets }, out) => {
    const ends = view(offsets, Int32Array);
    return (row) => {
      const start = ends[row]!;
      const length = ends[row + 1]! - start;
      let at = out.extend(4 + version + length);
      out.put32(at, version + length);
      at += 4;
      if (version > 0) out.bytes[at++] = version;
      const target = out.bytes;
      if (length < shortest) for (let i = 0; i < length; i++) target[at + i] = values[start + i]!;
      else target.set(values.subarray(start, start + length), at);
    };
  };
}

function labels({ bits, values: all }: ColumnType & { kind: "enum" }): Encoder {
  const encoded = all.map((label) => Buffer.from(label));
  return ({ values }, out) => {
    const numbers = view(values, smalls[`u${bits}`]!);
    return (row) => {
      const label = encoded[numbers[row]!]!;
      const at = out.extend(4 + label.length);
      out.put32(at, label.length);
      out.bytes.set(label, at + 4);
    };
  };
}

/** Arrays of one dimension; what is deeper goes as text. */
function lists(item: ColumnType, target: number, catalog: TypeCatalog): Encoder | undefined {
  const encoder = item.kind === "list" ? undefined : createEncoder(item, target, catalog);
  if (!encoder) return undefined;
  return ({ offsets, children = [] }, out) => {
    const ends = view(offsets, Int32Array);
    const [child] = children;
    const append = encoder(child!, out);
    return (row) => {
      const [start, end] = [ends[row]!, ends[row + 1]!];
      const head = out.extend(4);
      const content = out.length;
      out.int32(end > start ? 1 : 0);
      out.int32(1); // there may be nulls
      out.int32(target);
      if (end > start) {
        out.int32(end - start);
        out.int32(1); // the first index
      }
      for (let i = start; i < end; i++)
        if (item.kind !== "null" && isValid(child!.validity, i)) append(i);
        else out.int32(-1);
      out.put32(head, out.length - content);
    };
  };
}
