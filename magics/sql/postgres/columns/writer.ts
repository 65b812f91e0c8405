import type { ColumnData, ColumnType } from "../../../columnar/columnar.ts";

/** Collects one column from values in PostgreSQL's binary format (or its text format, where the type has no better). */
export interface Writer {
  /** Appends the value in `bytes` from `at`, `length` bytes long. */
  write(bytes: Buffer, at: number, length: number): void;
  writeNull(): void;
  /** The column's type; what hangs on the values, as the depth of an array, is settled by the first of them. */
  type(): ColumnType;
  /** Gives what was appended and begins anew. */
  finish(): ColumnData;
}

/** A value that Arrow cannot hold exactly, with what to do. */
export class UnfitValue extends RangeError {}

/** Reads 32 bits, big end first. */
export function readInt32(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Reads 16 bits, big end first. */
export function readInt16(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
}
