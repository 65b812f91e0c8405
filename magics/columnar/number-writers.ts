import { ByteSink } from "./byte-sink.ts";
import type { ColumnWriter } from "./column-writer.ts";
import type { ColumnData } from "./columnar.ts";
import { Validity } from "./validity.ts";

type NumberArray =
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;
type NumberArrayType = new (buffer: ArrayBuffer) => NumberArray;

const initialRows = 1024;

/** Gives the first `size` bytes of a buffer in one of their own. */
function exact(buffer: ArrayBuffer, size: number): Uint8Array {
  return new Uint8Array(buffer.byteLength === size ? buffer : buffer.transfer(size));
}

/** Numbers of up to 32 bits, and floats. */
export class NumberWriter implements ColumnWriter {
  private readonly validity = new Validity();
  private readonly View: NumberArrayType;
  private values: NumberArray;
  private length = 0;

  constructor(View: NumberArrayType) {
    this.View = View;
    this.values = new View(new ArrayBuffer(0));
  }

  push(value: unknown): void {
    if (value === null || value === undefined) this.pushNull();
    else this.pushNumber(value as number);
  }

  pushNumber(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
    this.validity.appendValid(1);
  }

  pushNull(): void {
    this.pushNumber(0);
    this.validity.revokeLast();
  }

  finish(): ColumnData {
    const { values, length, View } = this;
    const width = values.BYTES_PER_ELEMENT;
    const bytes = exact(values.buffer, length * width);
    this.values = new View(new ArrayBuffer(length * width));
    this.length = 0;
    return { ...this.validity.finish(), values: bytes };
  }

  private grow(): void {
    const { View, values } = this;
    const rows = Math.max(initialRows, values.length * 2);
    this.values = new View(values.buffer.transfer(rows * values.BYTES_PER_ELEMENT));
  }
}

/** Integers of `size` times 64 bits, little end first. */
export class WideWriter implements ColumnWriter {
  private readonly validity = new Validity();
  private readonly size: 1 | 2;
  private words: Int32Array<ArrayBuffer> = new Int32Array(0);
  private wide: BigInt64Array<ArrayBuffer> = new BigInt64Array(0);
  private length = 0;

  constructor(size: 1 | 2) {
    this.size = size;
  }

  push(value: unknown): void {
    if (value === null || value === undefined) this.pushNull();
    else if (typeof value === "number") this.pushNumber(value);
    else this.pushBig(value as bigint);
  }

  pushBig(value: bigint): void {
    const at = this.next();
    if (this.size === 1) this.wide[at] = value;
    else {
      this.wide[at] = BigInt.asIntN(64, value);
      this.wide[at + 1] = value >> 64n;
    }
  }

  /** Takes a safe integer: faster than a bigint. */
  pushNumber(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.pushWords(value, high);
  }

  /** Takes the low and the high 32 bits; what is above has the sign of the high ones. */
  pushWords(low: number, high: number): void {
    const at = this.next() * 2;
    this.words[at] = low;
    this.words[at + 1] = high;
    if (this.size === 1) return;
    const sign = high < 0 ? -1 : 0;
    this.words[at + 2] = sign;
    this.words[at + 3] = sign;
  }

  pushNull(): void {
    this.pushWords(0, 0);
    this.validity.revokeLast();
  }

  finish(): ColumnData {
    const bytes = this.length * this.size * 8;
    const values = exact(this.words.buffer, bytes);
    this.use(new ArrayBuffer(bytes));
    this.length = 0;
    return { ...this.validity.finish(), values };
  }

  private next(): number {
    const at = this.length++ * this.size;
    if (at === this.wide.length) this.use(this.words.buffer.transfer(Math.max(initialRows, at * 2) * 8));
    this.validity.appendValid(1);
    return at;
  }

  private use(buffer: ArrayBuffer): void {
    this.words = new Int32Array(buffer);
    this.wide = new BigInt64Array(buffer);
  }
}

/** Booleans. */
export class BitWriter implements ColumnWriter {
  private readonly validity = new Validity();
  private readonly sink = new ByteSink(0);
  private length = 0;

  push(value: unknown): void {
    const { sink } = this;
    const bit = this.length++ & 7;
    if (bit === 0) sink.bytes[sink.extend(1)] = 0;
    if (value) sink.bytes[sink.length - 1]! |= 1 << bit;
    this.validity.appendValid(1);
    if (value === null || value === undefined) this.validity.revokeLast();
  }

  finish(): ColumnData {
    this.length = 0;
    return { ...this.validity.finish(), values: this.sink.finish() };
  }
}

/** Months, days and nanoseconds. */
export function intervals(): ColumnWriter {
  const parts = new WideWriter(2);
  return {
    push(value) {
      const [months, days, nanos] = (value ?? []) as [number, number, bigint];
      if (value === null || value === undefined) parts.pushNull();
      else
        parts.pushBig(
          BigInt.asIntN(128, (nanos << 64n) | (BigInt.asUintN(32, BigInt(days)) << 32n)) |
            BigInt.asUintN(32, BigInt(months)),
        );
    },
    finish: () => parts.finish(),
  };
}
