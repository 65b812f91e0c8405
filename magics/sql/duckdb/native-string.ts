import { ByteSink } from "../../columnar/byte-sink.ts";
import type { ColumnData } from "../../columnar/columnar.ts";
import { isValid, Validity } from "../../columnar/validity.ts";
import type { CopyMemory, Pointer } from "./library.ts";

/** Bytes of DuckDB's `string_t`: a 32-bit length, then up to 12 bytes of text, or a prefix of 4 and a pointer. */
const structBytes = 16;
const inlineBytes = 12;
/** Memory is mapped in pages of this size or multiples of it. */
const page = 4096;
/** Longest stretch of memory that is copied for the sake of several strings in it. */
const longestSpan = 1 << 20;
/** Bytes of one step of the copying loop, which may read and write as many past a text's end, less one. */
const step = 8;
const mostBytes = 2 ** 31 - 1;

/** Collects texts and byte strings of one column. */
export class NativeStrings {
  private readonly copyMemory: CopyMemory;
  private readonly validity = new Validity();
  private readonly values = new ByteSink();
  private readonly offsets = new ByteSink();
  private structs = new Uint8Array(2048 * structBytes + step);
  private words = new Uint32Array(this.structs.buffer);
  private scratch = new Uint8Array(1 << 16);

  constructor(copyMemory: CopyMemory) {
    this.copyMemory = copyMemory;
  }

  append(data: Pointer, bits: Uint8Array | undefined, start: number, count: number): void {
    this.validity.append(bits, start, count);
    if (count * structBytes + step > this.structs.length) {
      this.structs = new Uint8Array(count * structBytes + step);
      this.words = new Uint32Array(this.structs.buffer);
    }
    this.copyMemory(this.structs, data + BigInt(start * structBytes), count * structBytes);
    const first = this.layOut(bits, start, count);
    this.copy(first, count);
  }

  finish(): ColumnData {
    if (this.offsets.length === 0) this.offsets.bytes.fill(0, this.offsets.extend(4), 4);
    return { ...this.validity.finish(), values: this.values.finish(), offsets: this.offsets.finish() };
  }

  /** Writes the offsets of `count` texts and makes room for their bytes; returns the index of the first's offset. */
  private layOut(bits: Uint8Array | undefined, start: number, count: number): number {
    const { words } = this;
    if (this.offsets.length === 0) this.offsets.bytes.fill(0, this.offsets.extend(4), 4);
    const first = this.offsets.length / 4 - 1;
    this.offsets.extend(count * 4);
    const offsets = this.offsetWords();
    let end = offsets[first]!;
    for (let i = 0; i < count; i++) {
      // The bytes of a NULL are whatever was there before.
      if (bits && !isValid(bits, start + i)) words[i * 4] = 0;
      end += words[i * 4]!;
      offsets[first + i + 1] = end;
    }
    if (end > mostBytes)
      throw new RangeError("a batch of text is longer than 2 GB; select fewer rows or shorter texts");
    this.values.extend(end - this.values.length + step);
    this.values.length -= step;
    return first;
  }

  private offsetWords(): Int32Array {
    return new Int32Array(this.offsets.bytes.buffer, 0, this.offsets.length / 4);
  }

  /**
   * Copies the texts, many long ones with one call: a span runs over texts in memory with less than a page between them.
   * All bytes between two such texts are mapped, whatever they belong to.
   */
  private copy(first: number, count: number): void {
    const { words } = this;
    let low = 0;
    let high = 0;
    let from = 0;
    for (let i = 0; i < count; i++) {
      const length = words[i * 4]!;
      if (length <= inlineBytes) continue;
      const begin = words[i * 4 + 2]! + words[i * 4 + 3]! * 2 ** 32;
      const end = begin + length;
      if (high === 0) [low, high] = [begin, end];
      else if (begin < high + page && end > low - page && Math.max(high, end) - Math.min(low, begin) <= longestSpan) {
        if (begin < low) low = begin;
        if (end > high) high = end;
      } else {
        this.copyRows(first, from, i, low, high);
        [low, high, from] = [begin, end, i];
      }
    }
    this.copyRows(first, from, count, low, high);
  }

  /** Copies the texts of rows `from` to `to`; the long ones lie between the addresses `low` and `high`. */
  private copyRows(first: number, from: number, to: number, low: number, high: number): void {
    const offsets = this.offsetWords();
    const { words, structs } = this;
    const { bytes } = this.values;
    if (to === from + 1 && high > low) {
      this.copyMemory(bytes.subarray(offsets[first + from], offsets[first + to]), BigInt(low), high - low);
      return;
    }
    if (high - low + step > this.scratch.length) this.scratch = new Uint8Array(high - low + step);
    const { scratch } = this;
    if (high > low) this.copyMemory(scratch, BigInt(low), high - low);
    const target = new DataView(bytes.buffer);
    const inline = new DataView(structs.buffer);
    const long = new DataView(scratch.buffer);
    // In the order of rows: what a step writes past one text's end is where the next text begins.
    for (let i = from; i < to; i++) {
      const length = words[i * 4]!;
      if (length === 0) continue;
      const isLong = length > inlineBytes;
      const source = isLong ? words[i * 4 + 2]! + words[i * 4 + 3]! * 2 ** 32 - low : i * structBytes + 4;
      const view = isLong ? long : inline;
      const at = offsets[first + i]!;
      if (length > 256) bytes.set(scratch.subarray(source, source + length), at);
      else
        for (let k = 0; k < length; k += step) target.setBigUint64(at + k, view.getBigUint64(source + k, true), true);
    }
  }
}
