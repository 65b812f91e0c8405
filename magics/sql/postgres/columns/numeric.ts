import { ByteSink } from "../../../columnar/byte-sink.ts";
import type { ColumnData, ColumnType } from "../../../columnar/columnar.ts";
import { Validity } from "../../../columnar/validity.ts";
import { Varied } from "./varied.ts";
import { WordSink } from "./word-sink.ts";
import { readInt16, readInt32, UnfitValue, type Writer } from "./writer.ts";

// A numeric: number of groups, weight of the first, sign, digits behind the point; then groups of four decimal digits.
const headerBytes = 8;
const negative = 0x4000;
const special = 0xc000;
const groupDigits = 4;
const groupBase = 10_000;
const wordBase = 2 ** 32;

/** Numerics of a declared precision, as 128-bit integers. */
export class Decimals implements Writer {
  private readonly validity = new Validity();
  private readonly sink = new WordSink();
  private readonly precision: number;
  private readonly scale: number;
  /** Groups behind the point, and by how much they are too many digits. */
  private readonly below: number;
  private readonly surplus: number;

  constructor(precision: number, scale: number) {
    this.precision = precision;
    this.scale = scale;
    this.below = Math.ceil(scale / groupDigits);
    this.surplus = 10 ** (this.below * groupDigits - scale);
  }

  write(bytes: Buffer, at: number): void {
    const count = readInt16(bytes, at);
    const weight = readInt16(bytes, at + 2);
    const sign = readInt16(bytes, at + 4) & 0xffff;
    if (sign >= special)
      throw new UnfitValue(
        "a numeric is NaN, which no decimal of Arrow is; cast it in the query, as in x::text or x::float8",
      );
    const groups = weight + 1 + this.below;
    const digits = at + headerBytes;
    // What has at most 15 digits is exact as a double.
    if (groups < 4 || (groups === 4 && readInt16(bytes, digits) < 900)) {
      let value = 0;
      for (let i = 0; i < groups; i++) value = value * groupBase + (i < count ? readInt16(bytes, digits + i * 2) : 0);
      value /= this.surplus;
      this.append(sign === negative ? -value : value);
    } else {
      let value = 0n;
      for (let i = 0; i < groups; i++)
        value = value * 10_000n + BigInt(i < count ? readInt16(bytes, digits + i * 2) : 0);
      value /= BigInt(this.surplus);
      this.appendBig(sign === negative ? -value : value);
    }
    this.validity.appendValid(1);
  }

  writeNull(): void {
    this.append(0);
    this.validity.appendNull();
  }

  type(): ColumnType {
    return { kind: "decimal", precision: this.precision, scale: this.scale };
  }

  finish(): ColumnData {
    return { ...this.validity.finish(), values: this.sink.finish() };
  }

  private append(value: number): void {
    const to = this.sink.extend(4);
    const { words } = this.sink;
    const high = Math.floor(value / wordBase);
    words[to] = (value - high * wordBase) | 0;
    words[to + 1] = high;
    words[to + 2] = high >> 31;
    words[to + 3] = high >> 31;
  }

  private appendBig(value: bigint): void {
    const to = this.sink.extend(4);
    for (let i = 0; i < 4; i++) this.sink.words[to + i] = Number(BigInt.asIntN(32, value >> BigInt(i * 32)));
  }
}

/** money: 64 bits of the smallest unit. */
export class Money implements Writer {
  private readonly validity = new Validity();
  private readonly sink = new WordSink();
  private readonly scale: number;

  constructor(scale: number) {
    this.scale = scale;
  }

  write(bytes: Buffer, at: number): void {
    const high = readInt32(bytes, at);
    const to = this.sink.extend(4);
    const { words } = this.sink;
    words[to] = readInt32(bytes, at + 4);
    words[to + 1] = high;
    words[to + 2] = high >> 31;
    words[to + 3] = high >> 31;
    this.validity.appendValid(1);
  }

  writeNull(): void {
    const to = this.sink.extend(4);
    this.sink.words.fill(0, to, to + 4);
    this.validity.appendNull();
  }

  type(): ColumnType {
    return { kind: "decimal", precision: 19, scale: this.scale };
  }

  finish(): ColumnData {
    return { ...this.validity.finish(), values: this.sink.finish() };
  }
}

const specials: Readonly<Record<number, string>> = { 0xc000: "NaN", 0xd000: "Infinity", 0xf000: "-Infinity" };

/** Numerics without a precision, of any size: their exact text. */
export class NumericTexts extends Varied {
  override write(bytes: Buffer, at: number): void {
    appendNumeric(this.sink, bytes, at);
    this.end();
  }
}

function appendNumeric(sink: ByteSink, bytes: Buffer, at: number): void {
  const count = readInt16(bytes, at);
  const weight = readInt16(bytes, at + 2);
  const sign = readInt16(bytes, at + 4) & 0xffff;
  const scale = readInt16(bytes, at + 6);
  if (sign >= special) {
    const text = specials[sign] ?? "NaN";
    const to = sink.extend(text.length);
    for (let i = 0; i < text.length; i++) sink.bytes[to + i] = text.charCodeAt(i);
    return;
  }
  const group = (power: number): number => {
    const i = weight - power;
    return i >= 0 && i < count ? readInt16(bytes, at + headerBytes + i * 2) : 0;
  };
  if (sign === negative) put(sink, minus);
  if (weight < 0) put(sink, zero);
  for (let power = weight; power >= 0; power--) putGroup(sink, group(power), power < weight, groupDigits);
  if (scale === 0) return;
  put(sink, point);
  let left = scale;
  for (let power = -1; left > 0; power--) {
    putGroup(sink, group(power), true, Math.min(left, groupDigits));
    left -= groupDigits;
  }
}

const zero = 48;
const minus = 45;
const point = 46;

function put(sink: ByteSink, character: number): void {
  const to = sink.extend(1);
  sink.bytes[to] = character;
}

/** Writes the first `digits` of a group's four; without `padded` none of its leading zeros. */
function putGroup(sink: ByteSink, group: number, padded: boolean, digits: number): void {
  let isBegun = padded;
  let rest = group;
  let unit = 1000;
  for (let i = 0; i < digits; i++) {
    const digit = Math.trunc(rest / unit);
    rest -= digit * unit;
    unit /= 10;
    if (digit > 0 || i === groupDigits - 1) isBegun = true;
    if (isBegun) put(sink, zero + digit);
  }
}
