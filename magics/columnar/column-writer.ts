import type { ColumnData } from "./columnar.ts";

/** Fills one column value by value. `null` and `undefined` are nulls; otherwise `createWriter` says what a type takes. */
export interface ColumnWriter {
  push(value: unknown): void;
  /** Gives what was pushed and begins anew. */
  finish(): ColumnData;
}
