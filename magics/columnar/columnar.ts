/** Units of times and timestamps, as Arrow names them. */
export type TimeUnit = "second" | "millisecond" | "microsecond" | "nanosecond";

/** An Arrow type as plain data, so that it crosses threads. Engines fill columns of these; `arrow.ts` turns them into Arrow. */
export type ColumnType =
  | { readonly kind: "null" | "bool" | "utf8" | "binary" | "date" | "interval" }
  | { readonly kind: "int"; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: "float"; readonly bits: 32 | 64 }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "time"; readonly unit: "microsecond" | "nanosecond" }
  | { readonly kind: "timestamp"; readonly unit: TimeUnit; readonly timezone?: string }
  | { readonly kind: "enum"; readonly bits: 8 | 16 | 32; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly child: Column }
  | { readonly kind: "fixedList"; readonly size: number; readonly child: Column }
  | { readonly kind: "struct" | "union"; readonly children: readonly Column[] }
  | { readonly kind: "map"; readonly key: Column; readonly value: Column };

/** A named column of a result, or a member of a nested type. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** One column of one batch: the buffers of Arrow's columnar format, each of its exact size. */
export interface ColumnData {
  readonly length: number;
  readonly nullCount: number;
  /** One bit per row, set where there is a value; absent where there are no nulls. */
  readonly validity?: Uint8Array;
  /** Fixed-width values, bits of booleans, bytes of texts, or indices of an enum. */
  readonly values?: Uint8Array;
  /** 32-bit offsets of texts, bytes, lists and maps. */
  readonly offsets?: Uint8Array;
  /** 8-bit type ids of a sparse union. */
  readonly typeIds?: Uint8Array;
  readonly children?: readonly ColumnData[];
}

/** Rows of a result: one column's data per column of the schema. */
export interface Batch {
  readonly length: number;
  readonly columns: readonly ColumnData[];
}

/** Lists the buffers of a batch, to hand them to another thread without a copy. */
export function batchBuffers({ columns }: Batch): ArrayBuffer[] {
  const buffers = ({ validity, values, offsets, typeIds, children = [] }: ColumnData): ArrayBuffer[] => [
    ...[validity, values, offsets, typeIds].flatMap((view) => (view ? [view.buffer as ArrayBuffer] : [])),
    ...children.flatMap(buffers),
  ];
  return columns.flatMap(buffers);
}
