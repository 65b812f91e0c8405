import type { ColumnData, ColumnType } from "../../../columnar/columnar.ts";
import { Validity } from "../../../columnar/validity.ts";
import { ByteSink } from "../../../columnar/byte-sink.ts";
import { readInt32, UnfitValue, type Writer } from "./writer.ts";
import { WordSink } from "./word-sink.ts";

/** A column whose values are so many words of 32 bits. */
abstract class Words implements Writer {
  protected readonly validity: Validity = new Validity();
  protected readonly sink: WordSink = new WordSink();
  private readonly columnType: ColumnType;
  private readonly width: number;

  constructor(columnType: ColumnType, width: number) {
    this.columnType = columnType;
    this.width = width;
  }

  abstract write(bytes: Buffer, at: number, length: number): void;

  writeNull(): void {
    this.validity.appendNull();
    const at = this.sink.extend(this.width);
    this.sink.words.fill(0, at, at + this.width);
  }

  type(): ColumnType {
    return this.columnType;
  }

  finish(): ColumnData {
    return { ...this.validity.finish(), values: this.sink.finish() };
  }
}

/** int4, oid and float4: 32 bits, only their order turned. */
export class Word extends Words {
  constructor(columnType: ColumnType) {
    super(columnType, 1);
  }

  write(bytes: Buffer, at: number): void {
    const to = this.sink.extend(1);
    this.sink.words[to] = readInt32(bytes, at);
    this.validity.appendValid(1);
  }
}

/** int8, float8 and time: 64 bits. */
export class DoubleWord extends Words {
  constructor(columnType: ColumnType) {
    super(columnType, 2);
  }

  write(bytes: Buffer, at: number): void {
    const to = this.sink.extend(2);
    const { words } = this.sink;
    words[to] = readInt32(bytes, at + 4);
    words[to + 1] = readInt32(bytes, at);
    this.validity.appendValid(1);
  }
}

const endlessDays = 0x7fff_ffff;
/** From PostgreSQL's first day, 2000-01-01, back to Arrow's. */
const epochDays = 10_957;

/** Days; the infinities are the ends of the range, as DuckDB has them. */
export class Days extends Words {
  constructor() {
    super({ kind: "date" }, 1);
  }

  write(bytes: Buffer, at: number): void {
    const days = readInt32(bytes, at);
    const to = this.sink.extend(1);
    this.sink.words[to] = days === endlessDays ? endlessDays : days === ~endlessDays ? -endlessDays : days + epochDays;
    this.validity.appendValid(1);
  }
}

const epochMicros = 946_684_800_000_000n;
const epochHigh = Number(epochMicros >> 32n);
const epochLow = Number(epochMicros & 0xffff_ffffn);

/** Microseconds since 2000, made those since 1970. */
export class Instants extends Words {
  constructor(timezone?: string) {
    super({ kind: "timestamp", unit: "microsecond", ...(timezone !== undefined && { timezone }) }, 2);
  }

  write(bytes: Buffer, at: number): void {
    const from = readInt32(bytes, at);
    let low = readInt32(bytes, at + 4) >>> 0;
    let high = from;
    if (from === endlessDays && low === 0xffff_ffff) {
      // infinity is the same in both
    } else if (from === ~endlessDays && low === 0) {
      high = -endlessDays - 1;
      low = 1; // DuckDB's -infinity is the negative of its infinity
    } else {
      low += epochLow;
      high += epochHigh + (low > 0xffff_ffff ? 1 : 0);
      if (high > endlessDays)
        throw new UnfitValue(
          "a timestamp is later than the year 294247, where Arrow's microseconds end; cast it in the query, as in x::text",
        );
    }
    const to = this.sink.extend(2);
    const { words } = this.sink;
    words[to] = low | 0;
    words[to + 1] = high;
    this.validity.appendValid(1);
  }
}

const nanosPerMicro = 1000n;

/** Months, days and microseconds: in Arrow the microseconds stand last, as nanoseconds. */
export class Intervals extends Words {
  constructor() {
    super({ kind: "interval" }, 4);
  }

  write(bytes: Buffer, at: number): void {
    const nanos = bytes.readBigInt64BE(at) * nanosPerMicro;
    if (nanos !== BigInt.asIntN(64, nanos))
      throw new UnfitValue(
        "an interval is longer than Arrow's 292 years of nanoseconds; cast it in the query, as in x::text",
      );
    const to = this.sink.extend(4);
    const { words } = this.sink;
    words[to] = readInt32(bytes, at + 12);
    words[to + 1] = readInt32(bytes, at + 8);
    words[to + 2] = Number(BigInt.asIntN(32, nanos));
    words[to + 3] = Number(nanos >> 32n);
    this.validity.appendValid(1);
  }
}

/** int2. */
export class Shorts implements Writer {
  private readonly validity = new Validity();
  private readonly sink = new ByteSink();

  write(bytes: Buffer, at: number): void {
    const to = this.sink.extend(2);
    this.sink.bytes[to] = bytes[at + 1]!;
    this.sink.bytes[to + 1] = bytes[at]!;
    this.validity.appendValid(1);
  }

  writeNull(): void {
    this.validity.appendNull();
    const to = this.sink.extend(2);
    this.sink.bytes.fill(0, to, to + 2);
  }

  type(): ColumnType {
    return { kind: "int", bits: 16, signed: true };
  }

  finish(): ColumnData {
    return { ...this.validity.finish(), values: this.sink.finish() };
  }
}

/** bool: a bit of each byte. */
export class Bits implements Writer {
  private readonly validity = new Validity();
  private readonly sink = new ByteSink();
  private length = 0;

  write(bytes: Buffer, at: number): void {
    this.push(bytes[at]!);
    this.validity.appendValid(1);
  }

  writeNull(): void {
    this.push(0);
    this.validity.appendNull();
  }

  type(): ColumnType {
    return { kind: "bool" };
  }

  finish(): ColumnData {
    this.length = 0;
    return { ...this.validity.finish(), values: this.sink.finish() };
  }

  private push(bit: number): void {
    const place = this.length++ & 7;
    if (place === 0) {
      const to = this.sink.extend(1);
      this.sink.bytes[to] = 0;
    }
    this.sink.bytes[this.sink.length - 1]! |= bit << place;
  }
}

/** void: nothing but nulls. */
export class Nulls implements Writer {
  private length = 0;

  write(): void {
    this.length++;
  }

  writeNull(): void {
    this.length++;
  }

  type(): ColumnType {
    return { kind: "null" };
  }

  finish(): ColumnData {
    const { length } = this;
    this.length = 0;
    return { length, nullCount: length };
  }
}
