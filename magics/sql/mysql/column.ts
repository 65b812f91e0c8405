import type { ColumnType } from "../../columnar/columnar.ts";
import { ByteReader, type ServerPacket } from "./wire.ts";

/** What the server says of a column of a result. */
export interface ServerColumn {
  readonly name: string;
  /** Where it comes from; empty for expressions. */
  readonly schema: string;
  readonly table: string;
  readonly origin: string;
  readonly type: number;
  readonly characterSet: number;
  /** Most bytes that the value takes as text. */
  readonly width: number;
  readonly flags: number;
  readonly decimals: number;
  /** MariaDB's name of what is sent as text, as `json`. */
  readonly format: string;
}

/** Codes of the types, as the protocol has them. */
export const typeCode = {
  decimal: 0,
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longLong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  bit: 16,
  vector: 242,
  json: 245,
  newDecimal: 246,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const;

/** Number of the character set of bytes. */
const binarySet = 63;
const unsignedFlag = 0x0020;
const enumFlag = 0x0100;

/** Most digits of Arrow's decimals; MySQL's have up to 65. */
const mostDigits = 38;

/** Reads the description of a column. */
export function readColumn({ buffer, offset }: ServerPacket, hasExtension: boolean): ServerColumn {
  const reader = new ByteReader(buffer, offset);
  reader.text(); // the catalog, always "def"
  const schema = reader.text();
  reader.text(); // the table's alias
  const table = reader.text();
  const name = reader.text();
  const origin = reader.text();
  const format = hasExtension ? readFormat(reader) : "";
  const at = reader.at + 1; // behind the length of what follows
  return {
    name,
    schema,
    table,
    origin,
    format,
    characterSet: buffer.readUInt16LE(at),
    width: buffer.readUInt32LE(at + 2),
    type: buffer[at + 6]!,
    flags: buffer.readUInt16LE(at + 7),
    decimals: buffer[at + 9]!,
  };
}

/** Reads MariaDB's pairs of a number and a text. */
function readFormat(reader: ByteReader): string {
  const size = reader.length();
  const end = reader.at + size;
  let format = "";
  while (reader.at < end) {
    reader.at++;
    format = reader.text();
  }
  return format;
}

/** Tells a column of an enum, whose values must be asked for. */
export function isEnum({ flags, table, origin }: ServerColumn): boolean {
  return (flags & enumFlag) !== 0 && table !== "" && origin !== "";
}

/** Names the column of a table that a result's column shows. */
export function originOf({ schema, table, origin }: ServerColumn): string {
  return JSON.stringify([schema, table, origin.toLowerCase()]);
}

/** True where a number has no sign. */
export function isUnsigned({ flags }: ServerColumn): boolean {
  return (flags & unsignedFlag) !== 0;
}

/** The Arrow type of a column; `values` are those of an enum. */
export function columnType(column: ServerColumn, values: readonly string[] | undefined): ColumnType {
  const { type, decimals, width, characterSet } = column;
  const signed = !isUnsigned(column);
  switch (type) {
    case typeCode.tiny:
      return { kind: "int", bits: 8, signed };
    case typeCode.short:
    case typeCode.year:
      return { kind: "int", bits: 16, signed };
    case typeCode.long:
    case typeCode.int24:
      return { kind: "int", bits: 32, signed };
    case typeCode.longLong:
      return { kind: "int", bits: 64, signed };
    case typeCode.float:
      return { kind: "float", bits: 32 };
    case typeCode.double:
      return { kind: "float", bits: 64 };
    case typeCode.null:
      return { kind: "null" };
    case typeCode.decimal:
    case typeCode.newDecimal: {
      const precision = width - (decimals > 0 ? 1 : 0) - (signed ? 1 : 0);
      return precision <= mostDigits ? { kind: "decimal", precision, scale: decimals } : { kind: "utf8" };
    }
    case typeCode.date:
      return { kind: "date" };
    case typeCode.time:
      return { kind: "time", unit: "microsecond" };
    case typeCode.datetime:
      return { kind: "timestamp", unit: "microsecond" };
    case typeCode.timestamp:
      return { kind: "timestamp", unit: "microsecond", timezone: "UTC" };
    case typeCode.bit:
      return width === 1 ? { kind: "bool" } : { kind: "int", bits: 64, signed: false };
    case typeCode.json:
      return { kind: "utf8" };
    case typeCode.geometry:
      return { kind: "binary" };
    default:
      if (values) return { kind: "enum", bits: values.length < 256 ? 8 : 16, values };
      return { kind: characterSet === binarySet ? "binary" : "utf8" };
  }
}
