import { ByteSink } from "./byte-sink.ts";
import type { Column, ColumnData, ColumnType } from "./columnar.ts";
import { Validity } from "./validity.ts";

/** Fills one column value by value. `null` and `undefined` are nulls; otherwise `createWriter` says what a type takes. */
export interface ColumnWriter {
  push(value: unknown): void;
  /** Gives what was pushed and begins anew. */
  finish(): ColumnData;
}

/**
 * Makes the writer for a type. It takes: a boolean for `bool`; a number for `int` up to 32 bits, `float`, `date` (days since
 * 1970) and `enum` (the index of its value); a bigint for 64 bits, `decimal` (without its point), `time` and `timestamp` (in
 * their unit); a string or its UTF-8 bytes for `utf8`; bytes for `binary`; months, days and nanoseconds in an array for
 * `interval`; an array for lists; an array of the members' values for `struct`; pairs for `map`; the number of the member and
 * its value for `union`. Ranges are the caller's to check.
 */
export function createWriter(type: ColumnType): ColumnWriter {
  switch (type.kind) {
    case "null":
      return nulls();
    case "bool":
      return new BitWriter();
    case "int":
      return type.bits === 64
        ? new WideWriter(1)
        : new NumberWriter(numberArrays[`${type.signed ? "i" : "u"}${type.bits}`]);
    case "float":
      return new NumberWriter(numberArrays[`f${type.bits}`]);
    case "date":
      return new NumberWriter(numberArrays.i32);
    case "enum":
      return new NumberWriter(numberArrays[`u${type.bits}`]);
    case "time":
    case "timestamp":
      return new WideWriter(1);
    case "decimal":
      return new WideWriter(2);
    case "utf8":
    case "binary":
      return new BytesWriter();
    case "interval":
      return intervals();
    case "list":
      return lists(createWriter(type.child.type));
    case "map":
      return lists(structs([type.key, type.value]));
    case "fixedList":
      return fixedLists(type.size, createWriter(type.child.type));
    case "struct":
      return structs(type.children);
    case "union":
      return unions(type.children);
    default:
      return type satisfies never;
  }
}

const numberArrays: Readonly<Record<`${"i" | "u"}${8 | 16 | 32}` | "f32" | "f64", NumberArrayType>> = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
};

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

/** Texts and bytes. */
export class BytesWriter implements ColumnWriter {
  private readonly validity = new Validity();
  private readonly bytes = new ByteSink(0);
  private offsets = new NumberWriter(Int32Array);

  constructor() {
    this.offsets.pushNumber(0);
  }

  /** Bytes of the batch so far: its offsets have 31 bits. */
  get byteLength(): number {
    return this.bytes.length;
  }

  push(value: unknown): void {
    if (value === null || value === undefined) this.pushNull();
    else if (typeof value === "string") this.pushText(value);
    else this.pushBytes(value as Uint8Array, 0, (value as Uint8Array).length);
  }

  pushText(text: string): void {
    const { bytes } = this;
    // A UTF-16 unit takes three bytes at most; for long texts that would waste too much.
    const most = text.length < 4096 ? text.length * 3 : Buffer.byteLength(text);
    const start = bytes.extend(most);
    const { written } = encoder.encodeInto(text, bytes.bytes.subarray(start));
    bytes.length = start + written;
    this.end();
  }

  pushBytes(source: Uint8Array, from: number, to: number): void {
    const { bytes } = this;
    const start = bytes.extend(to - from);
    const target = bytes.bytes;
    // For a few bytes, a call costs more than a loop.
    if (to - from < 24) for (let i = from, at = start; i < to; i++) target[at++] = source[i]!;
    else target.set(source.subarray(from, to), start);
    this.end();
  }

  pushNull(): void {
    this.end();
    this.validity.revokeLast();
  }

  finish(): ColumnData {
    const offsets = this.offsets.finish().values!;
    this.offsets.pushNumber(0);
    return { ...this.validity.finish(), offsets, values: this.bytes.finish() };
  }

  private end(): void {
    this.offsets.pushNumber(this.bytes.length);
    this.validity.appendValid(1);
  }
}

const encoder = new TextEncoder();

/** Booleans. */
class BitWriter implements ColumnWriter {
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

function nulls(): ColumnWriter {
  let length = 0;
  return {
    push: () => void length++,
    finish: () => {
      const data = { length, nullCount: length };
      length = 0;
      return data;
    },
  };
}

function intervals(): ColumnWriter {
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

function lists(child: ColumnWriter): ColumnWriter {
  const validity = new Validity();
  const offsets = new NumberWriter(Int32Array);
  let end = 0;
  offsets.pushNumber(0);
  return {
    push(value) {
      const items = (value ?? []) as readonly unknown[];
      for (const item of items) child.push(item);
      end += items.length;
      offsets.pushNumber(end);
      validity.appendValid(1);
      if (value === null || value === undefined) validity.revokeLast();
    },
    finish() {
      const data = { ...validity.finish(), offsets: offsets.finish().values!, children: [child.finish()] };
      end = 0;
      offsets.pushNumber(0);
      return data;
    },
  };
}

function fixedLists(size: number, child: ColumnWriter): ColumnWriter {
  const validity = new Validity();
  return {
    push(value) {
      const items = (value ?? []) as readonly unknown[];
      for (let i = 0; i < size; i++) child.push(items[i]);
      validity.appendValid(1);
      if (value === null || value === undefined) validity.revokeLast();
    },
    finish: () => ({ ...validity.finish(), children: [child.finish()] }),
  };
}

function structs(members: readonly Column[]): ColumnWriter {
  const validity = new Validity();
  const children = members.map(({ type }) => createWriter(type));
  return {
    push(value) {
      const items = (value ?? []) as readonly unknown[];
      for (const [i, child] of children.entries()) child.push(items[i]);
      validity.appendValid(1);
      if (value === null || value === undefined) validity.revokeLast();
    },
    finish: () => ({ ...validity.finish(), children: children.map((child) => child.finish()) }),
  };
}

/** A sparse union; a null is a null of the first member. */
function unions(members: readonly Column[]): ColumnWriter {
  const ids = new NumberWriter(Int8Array);
  const children = members.map(({ type }) => createWriter(type));
  return {
    push(value) {
      const [id, item] = (value ?? [0, null]) as [number, unknown];
      ids.pushNumber(id);
      for (const [i, child] of children.entries()) child.push(i === id ? item : null);
    },
    finish() {
      const { length, values } = ids.finish();
      return { length, nullCount: 0, typeIds: values!, children: children.map((child) => child.finish()) };
    },
  };
}
