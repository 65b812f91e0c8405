import { ByteSink } from "./byte-sink.ts";

/** Tells whether a row has a value; a missing bitmap says that all have. */
export function isValid(bits: Uint8Array | undefined, row: number): boolean {
  return bits === undefined || ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** Collects validity bits of one column; allocates only when the first null comes. */
export class Validity {
  private readonly sink = new ByteSink(0);
  private length = 0;
  private nullCount = 0;

  /** Appends `count` rows from bit `start` of `bits`; without `bits` all of them are valid. */
  append(bits: Uint8Array | undefined, start: number, count: number): void {
    if (bits === undefined || allSet(bits, start, count)) return this.appendValid(count);
    this.fill();
    for (let row = start; row < start + count; row++) this.push(isValid(bits, row));
  }

  appendValid(count: number): void {
    if (this.nullCount === 0) this.length += count;
    else for (let i = 0; i < count; i++) this.push(true);
  }

  /** Makes the row that was appended last a null. */
  revokeLast(): void {
    this.fill();
    const { sink } = this;
    this.nullCount++;
    const last = this.length - 1;
    sink.bytes[last >> 3]! &= ~(1 << (last & 7));
  }

  appendNull(): void {
    this.fill();
    this.push(false);
  }

  finish(): { length: number; nullCount: number; validity?: Uint8Array } {
    const { length, nullCount } = this;
    this.length = 0;
    this.nullCount = 0;
    return nullCount === 0 ? { length, nullCount } : { length, nullCount, validity: this.sink.finish() };
  }

  /** Writes the bits of the rows before the first null. */
  private fill(): void {
    if (this.nullCount > 0 || this.length === 0) return;
    const rows = this.length;
    this.length = 0;
    for (let i = 0; i < rows; i++) this.push(true);
  }

  private push(valid: boolean): void {
    const { sink } = this;
    const bit = this.length++ & 7;
    if (bit === 0) sink.bytes[sink.extend(1)] = 0;
    if (valid) sink.bytes[sink.length - 1]! |= 1 << bit;
    else this.nullCount++;
  }
}

function allSet(bits: Uint8Array, start: number, count: number): boolean {
  for (let row = start; row < start + count; row++) {
    if ((row & 7) === 0 && row + 8 <= start + count && bits[row >> 3] === 0xff) row += 7;
    else if (!isValid(bits, row)) return false;
  }
  return true;
}
