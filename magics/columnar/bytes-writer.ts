import { ByteSink } from "./byte-sink.ts";
import type { ColumnWriter } from "./column-writer.ts";
import type { ColumnData } from "./columnar.ts";
import { NumberWriter } from "./number-writers.ts";
import { Validity } from "./validity.ts";

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
