import type { ColumnWriter } from "../../columnar/column-writer.ts";
import type { ColumnData, ColumnType } from "../../columnar/columnar.ts";

/** Fills one column from the rows of a result. */
export interface ValueReader {
  readonly type: ColumnType;
  /** Appends the value at `at` as the binary protocol has it, and returns where the next one begins. */
  binary(bytes: Buffer, at: number): number;
  /** Appends a value that was sent as text. */
  text(bytes: Buffer, from: number, to: number): void;
  null(): void;
  finish(): ColumnData;
  /** Bytes of a column of texts. */
  readonly byteLength?: number;
  /** What the values had that their type has not. */
  readonly notice?: string | undefined;
}

/** Makes the reader that fills a writer. */
export function withWriter(
  type: ColumnType,
  writer: ColumnWriter,
  rest: Pick<ValueReader, "binary" | "text">,
): ValueReader {
  return { type, null: () => writer.push(null), finish: () => writer.finish(), ...rest };
}
