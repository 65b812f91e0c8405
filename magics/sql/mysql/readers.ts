import { readColumn as readValues } from "../column-values.ts";
import { BytesWriter } from "../bytes-writer.ts";
import type { ColumnWriter } from "../column-writer.ts";
import { createWriter } from "../column-writers.ts";
import { NumberWriter, WideWriter } from "../number-writers.ts";
import type { ColumnData, ColumnType } from "../columnar.ts";
import { daysOf, formatTime, parseDate, parseTimestamp } from "../temporal.ts";
import { type ServerColumn, isUnsigned, typeCode } from "./column.ts";

/** Fills one column from the rows of a result. */
export interface ValueReader {
  readonly type: ColumnType;
  /** Appends the value at `at` as the binary protocol has it, and returns where the next one begins. */
  binary(bytes: Buffer, at: number): number;
  /** Appends a value that was sent as text. */
  text(bytes: Buffer, from: number, to: number): void;
  null(): void;
  finish(): ColumnData;
  /** Bytes of a column of texts. */
  readonly byteLength?: number;
  /** What the values had that their type has not. */
  readonly notice?: string | undefined;
}

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

function withWriter(type: ColumnType, writer: ColumnWriter, rest: Pick<ValueReader, "binary" | "text">): ValueReader {
  return { type, null: () => writer.push(null), finish: () => writer.finish(), ...rest };
}

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

/** Dates, and dates with times. A date with a zero in it, which no calendar has, becomes a null and is counted. */
function moments(type: ColumnType, name: string): ValueReader {
  const isDate = type.kind === "date";
  const writer = createWriter(type);
  let zeroDates = 0;
  const pushZero = (): void => {
    zeroDates++;
    writer.push(null);
  };
  return {
    ...withWriter(type, writer, {
      binary(bytes, at) {
        const size = bytes[at]!;
        const month = size === 0 ? 0 : bytes[at + 3]!;
        const day = size === 0 ? 0 : bytes[at + 4]!;
        if (month === 0 || day === 0) pushZero();
        else {
          const days = daysOf(bytes.readUInt16LE(at + 1), month, day);
          if (isDate) (writer as NumberWriter).pushNumber(days);
          else {
            const seconds = size < 7 ? 0 : bytes[at + 5]! * 3600 + bytes[at + 6]! * 60 + bytes[at + 7]!;
            const micros = size < 11 ? 0 : bytes.readUInt32LE(at + 8);
            pushMicros(writer as WideWriter, days * 86_400 + seconds, micros);
          }
        }
        return at + 1 + size;
      },
      text(bytes, from, to) {
        const written = bytes.toString("latin1", from, to);
        const value = isDate ? parseDate(written) : parseTimestamp(written)?.micros;
        if (value === undefined) pushZero();
        else writer.push(value);
      },
    }),
    get notice() {
      return zeroDates === 0
        ? undefined
        : `${zeroDates} zero ${zeroDates === 1 ? "date" : "dates"} of the column ${name} became NULL; cast(${name} as char) shows them`;
    },
  };
}

function pushMicros(writer: WideWriter, seconds: number, micros: number): void {
  const value = seconds * 1_000_000 + micros;
  // From the year 2255 on and before 1685, the sum is no safe integer.
  if (Number.isSafeInteger(value)) writer.pushNumber(value);
  else writer.pushBig(BigInt(seconds) * 1_000_000n + BigInt(micros));
}

const dayMicros = 86_400_000_000;

/** A time that Arrow has no place for came after rows whose times it has. */
export class LongTime extends Error {
  readonly column: string;

  constructor(column: string, value: string) {
    super(`the column ${column} has the time ${value}, which is no time of a day, and those before it were`);
    this.column = column;
  }
}

/**
 * Times: MySQL's are durations of up to 838 hours, and negative too; Arrow's are of one day. Where the first batch has such,
 * the column is one of texts.
 */
class TimeReader implements ValueReader {
  type: ColumnType = { kind: "time", unit: "microsecond" };
  private readonly name: string;
  private readonly micros = new WideWriter(1);
  private texts: BytesWriter | undefined;
  private isFirst = true;
  private isLong = false;

  constructor(name: string) {
    this.name = name;
  }

  binary(bytes: Buffer, at: number): number {
    const size = bytes[at]!;
    if (size === 0) this.push(0);
    else {
      const hours = bytes.readUInt32LE(at + 2) * 24 + bytes[at + 6]!;
      const seconds = hours * 3600 + bytes[at + 7]! * 60 + bytes[at + 8]!;
      const micros = seconds * 1_000_000 + (size < 12 ? 0 : bytes.readUInt32LE(at + 9));
      this.push(bytes[at + 1] === 1 ? -micros : micros);
    }
    return at + 1 + size;
  }

  text(bytes: Buffer, from: number, to: number): void {
    const [, sign, hours, minutes, seconds, fraction = ""] =
      /^(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(bytes.toString("latin1", from, to)) ?? [];
    const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    const micros = whole * 1_000_000 + Number(fraction.padEnd(6, "0"));
    this.push(sign === "-" ? -micros : micros);
  }

  null(): void {
    (this.texts ?? this.micros).pushNull();
  }

  finish(): ColumnData {
    if (this.texts) return this.texts.finish();
    const data = this.micros.finish();
    if (!this.isFirst || !this.isLong) {
      this.isFirst = false;
      return data;
    }
    const read = readValues({ kind: "time", unit: "microsecond" }, data);
    this.texts = new BytesWriter();
    this.type = { kind: "utf8" };
    for (let row = 0; row < data.length; row++) this.texts.push(toText(read(row) as bigint | null));
    return this.texts.finish();
  }

  private push(micros: number): void {
    if (this.texts) return this.texts.pushText(toText(BigInt(micros))!);
    if (micros < 0 || micros >= dayMicros) {
      if (!this.isFirst) throw new LongTime(this.name, toText(BigInt(micros))!);
      this.isLong = true;
    }
    this.micros.pushNumber(micros);
  }
}

function toText(micros: bigint | null): string | null {
  return micros === null ? null : formatTime(micros, "microsecond").replace(/\.0+$/, "");
}
