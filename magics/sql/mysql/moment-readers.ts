import { readColumn as readValues } from "../../columnar/column-values.ts";
import { BytesWriter } from "../../columnar/bytes-writer.ts";
import { createWriter } from "../../columnar/column-writers.ts";
import { type NumberWriter, WideWriter } from "../../columnar/number-writers.ts";
import type { ColumnData, ColumnType } from "../../columnar/columnar.ts";
import { daysOf, formatTime, parseDate, parseTimestamp } from "../../columnar/temporal.ts";
import { type ValueReader, withWriter } from "./value-reader.ts";

/** Dates, and dates with times. A date with a zero in it, which no calendar has, becomes a null and is counted. */
export function moments(type: ColumnType, name: string): ValueReader {
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
export class TimeReader implements ValueReader {
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
