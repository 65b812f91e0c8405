import { BytesWriter } from "../../columnar/bytes-writer.ts";
import { createWriter } from "../../columnar/column-writers.ts";
import type { NumberWriter, WideWriter } from "../../columnar/number-writers.ts";
import type { ColumnType } from "../../columnar/columnar.ts";
import { type ServerColumn, isUnsigned, typeCode } from "./column.ts";
import { TimeReader, moments } from "./moment-readers.ts";
import { type ValueReader, withWriter } from "./value-reader.ts";

/** Makes the reader of a column. */
export function createReader(column: ServerColumn, type: ColumnType): ValueReader {
  switch (column.type) {
    case typeCode.tiny:
    case typeCode.short:
    case typeCode.year:
    case typeCode.long:
    case typeCode.int24:
    case typeCode.float:
    case typeCode.double:
      return numbers(column, type);
    case typeCode.longLong:
      return longs(type);
    case typeCode.bit:
      return bits(type);
    case typeCode.date:
    case typeCode.datetime:
    case typeCode.timestamp:
      return moments(type, column.name);
    case typeCode.time:
      return new TimeReader(column.name);
    case typeCode.geometry:
      return strings(type, sridBytes);
    case typeCode.null:
      return nulls();
    default:
      if (type.kind === "decimal") return decimals(type);
      return type.kind === "enum" ? enums(type, type.values) : strings(type, 0);
  }
}

/** A geometry is the number of its reference system, then the well-known bytes. */
const sridBytes = 4;

/** Reads the length before a value; its bytes end at `valueEnd` and begin so many before. */
let valueEnd = 0;
function readLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  let start = at + 1;
  let size = first;
  if (first === 0xfc) {
    size = bytes.readUInt16LE(start);
    start += 2;
  } else if (first === 0xfd) {
    size = bytes.readUIntLE(start, 3);
    start += 3;
  } else if (first === 0xfe) {
    size = Number(bytes.readBigUInt64LE(start));
    start += 8;
  }
  valueEnd = start + size;
  return start;
}

function numbers(column: ServerColumn, type: ColumnType): ValueReader {
  const writer = createWriter(type) as NumberWriter;
  const unsigned = isUnsigned(column);
  const push = (value: number): void => writer.pushNumber(value);
  const binary = ((): ValueReader["binary"] => {
    switch (column.type) {
      case typeCode.tiny:
        return (bytes, at) => (push(unsigned ? bytes[at]! : (bytes[at]! << 24) >> 24), at + 1);
      case typeCode.short:
      case typeCode.year:
        return (bytes, at) => (push(unsigned ? bytes.readUInt16LE(at) : bytes.readInt16LE(at)), at + 2);
      case typeCode.float:
        return (bytes, at) => (push(bytes.readFloatLE(at)), at + 4);
      case typeCode.double:
        return (bytes, at) => (push(bytes.readDoubleLE(at)), at + 8);
      default:
        return (bytes, at) => (push(unsigned ? bytes.readUInt32LE(at) : bytes.readInt32LE(at)), at + 4);
    }
  })();
  return withWriter(type, writer, {
    binary,
    text: (bytes, from, to) => push(Number(bytes.toString("latin1", from, to))),
  });
}

function longs(type: ColumnType): ValueReader {
  const writer = createWriter(type) as WideWriter;
  return withWriter(type, writer, {
    binary(bytes, at) {
      writer.pushWords(bytes.readInt32LE(at), bytes.readInt32LE(at + 4));
      return at + 8;
    },
    text: (bytes, from, to) => writer.pushBig(BigInt.asIntN(64, BigInt(bytes.toString("latin1", from, to)))),
  });
}

/** Bits come as bytes, big end first, by both protocols. */
function bits(type: ColumnType): ValueReader {
  const writer = createWriter(type);
  const text = (bytes: Buffer, from: number, to: number): void => {
    let value = 0n;
    for (let i = from; i < to; i++) value = (value << 8n) | BigInt(bytes[i]!);
    writer.push(type.kind === "bool" ? value === 1n : BigInt.asIntN(64, value));
  };
  return withWriter(type, writer, { binary: lengthFirst(text), text });
}

/** Of a value whose length comes first, the binary form is the text's. */
function lengthFirst(text: ValueReader["text"]): ValueReader["binary"] {
  return (bytes, at) => {
    const start = readLength(bytes, at);
    const end = valueEnd;
    text(bytes, start, end);
    return end;
  };
}

function decimals(type: ColumnType & { kind: "decimal" }): ValueReader {
  const writer = createWriter(type) as WideWriter;
  const text = (bytes: Buffer, from: number, to: number): void => {
    // Fifteen digits, sign and point: what fits a number is faster without bigints.
    if (to - from > 17) return writer.pushBig(BigInt(bytes.toString("latin1", from, to).replace(".", "")));
    let value = 0;
    let isNegative = false;
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      if (byte === minus) isNegative = true;
      else if (byte !== point) value = value * 10 + (byte - zero);
    }
    if (value <= Number.MAX_SAFE_INTEGER) writer.pushNumber(isNegative ? -value : value);
    else writer.pushBig(BigInt(bytes.toString("latin1", from, to).replace(".", "")));
  };
  return withWriter(type, writer, { binary: lengthFirst(text), text });
}

const [minus, point, zero] = [0x2d, 0x2e, 0x30];

function strings(type: ColumnType, skip: number): ValueReader {
  const writer = new BytesWriter();
  return {
    type,
    binary(bytes, at) {
      const start = readLength(bytes, at);
      writer.pushBytes(bytes, start + skip, valueEnd);
      return valueEnd;
    },
    text: (bytes, from, to) => writer.pushBytes(bytes, from + skip, to),
    null: () => writer.pushNull(),
    finish: () => writer.finish(),
    get byteLength() {
      return writer.byteLength;
    },
  };
}

function enums(type: ColumnType, values: readonly string[]): ValueReader {
  const writer = createWriter(type) as NumberWriter;
  const numbersOf = new Map(values.map((value, i) => [value, i]));
  const text = (bytes: Buffer, from: number, to: number): void => {
    const value = bytes.toString("utf8", from, to);
    writer.pushNumber(numbersOf.get(value) ?? numbersOf.get("") ?? 0);
  };
  return withWriter(type, writer, { binary: lengthFirst(text), text });
}

function nulls(): ValueReader {
  const type: ColumnType = { kind: "null" };
  const writer = createWriter(type);
  return withWriter(type, writer, { binary: (_, at) => (writer.push(null), at), text: () => writer.push(null) });
}
