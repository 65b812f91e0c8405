import { ByteSink } from "../../../columnar/byte-sink.ts";
import type { ColumnData, ColumnType } from "../../../columnar/columnar.ts";
import { Validity } from "../../../columnar/validity.ts";
import { WordSink } from "./word-sink.ts";
import type { Writer } from "./writer.ts";

// Below this a loop is faster than a call.
const shortest = 24;

/** Texts and bytes: `skip` bytes of each value are not part of it, as jsonb's version. */
export class Varied implements Writer {
  protected readonly validity: Validity = new Validity();
  protected readonly sink: ByteSink = new ByteSink();
  private readonly offsets = new WordSink();
  private readonly kind: "utf8" | "binary";
  private readonly skip: number;

  constructor(kind: "utf8" | "binary" = "utf8", skip = 0) {
    this.kind = kind;
    this.skip = skip;
    this.start();
  }

  write(bytes: Buffer, at: number, length: number): void {
    this.copy(bytes, at + this.skip, length - this.skip);
    this.end();
  }

  writeNull(): void {
    this.endValue();
    this.validity.appendNull();
  }

  type(): ColumnType {
    return { kind: this.kind };
  }

  finish(): ColumnData {
    const offsets = this.offsets.finish();
    this.start();
    return { ...this.validity.finish(), values: this.sink.finish(), offsets };
  }

  /** Appends bytes to the value that is being written. */
  protected copy(bytes: Buffer, at: number, length: number): void {
    const { sink } = this;
    const to = sink.extend(length);
    const target = sink.bytes;
    if (length < shortest) for (let i = 0; i < length; i++) target[to + i] = bytes[at + i]!;
    else target.set(bytes.subarray(at, at + length), to);
  }

  /** Ends the value that was written. */
  protected end(): void {
    this.endValue();
    this.validity.appendValid(1);
  }

  private endValue(): void {
    const to = this.offsets.extend(1);
    this.offsets.words[to] = this.sink.length;
  }

  private start(): void {
    const to = this.offsets.extend(1);
    this.offsets.words[to] = 0;
  }
}

/** Types that become ASCII text by a function. */
export class Formatted extends Varied {
  private readonly format: (bytes: Buffer, at: number, length: number) => string;

  constructor(format: (bytes: Buffer, at: number, length: number) => string) {
    super();
    this.format = format;
  }

  override write(bytes: Buffer, at: number, length: number): void {
    const text = this.format(bytes, at, length);
    const to = this.sink.extend(text.length);
    const target = this.sink.bytes;
    for (let i = 0; i < text.length; i++) target[to + i] = text.charCodeAt(i);
    this.end();
  }
}

const hexDigits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const dash = 45;

/** uuid: 16 bytes, as 36 characters. */
export class Uuids extends Varied {
  override write(bytes: Buffer, at: number): void {
    let to = this.sink.extend(36);
    const target = this.sink.bytes;
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) target[to++] = dash;
      const byte = bytes[at + i]!;
      target[to++] = hexDigits[byte >> 4]!;
      target[to++] = hexDigits[byte & 15]!;
    }
    this.end();
  }
}
