import { isObject, read, toText } from "./property.ts";

/**
 * What display reads of an Arrow data type. Structural, since a notebook may have its own copy of apache-arrow.
 * Fields are those of the format's Schema.fbs.
 */
export interface ArrowType {
  readonly typeId: number;
  readonly bitWidth?: number;
  readonly isSigned?: boolean;
  readonly precision?: number;
  readonly scale?: number;
  readonly unit?: number;
  readonly timezone?: string | null;
  readonly byteWidth?: number;
  readonly listSize?: number;
  readonly mode?: number;
  readonly typeIdToChildIndex?: Readonly<Record<number, number>>;
  readonly dictionary?: ArrowType;
  readonly children?: readonly ArrowField[] | null;
}

/** A named column of a schema or child of a nested type. */
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
}

/** A chunk of a column: the format's buffers. */
export interface ArrowData {
  readonly type: ArrowType;
  readonly length: number;
  readonly offset: number;
  readonly nullCount: number;
  readonly stride: number;
  readonly values: ArrowBuffer;
  readonly valueOffsets: ArrayLike<number | bigint>;
  readonly nullBitmap: Uint8Array | undefined;
  readonly typeIds: ArrayLike<number>;
  readonly children: readonly ArrowData[];
  readonly dictionary?: ArrowVector;
  readonly variadicBuffers?: readonly Uint8Array[];
}

/** A typed array of any element. */
export type ArrowBuffer = ArrayBufferView & ArrayLike<number | bigint>;

/** A column. */
export interface ArrowVector {
  readonly type: ArrowType;
  readonly length: number;
  readonly data: readonly ArrowData[];
}

/** A table; a record batch has the same reading side. */
export interface ArrowTable {
  readonly schema: { readonly fields: readonly ArrowField[] };
  readonly numRows: number;
  readonly numCols: number;
  getChildAt(index: number): ArrowVector | null;
  slice(begin: number, end: number): ArrowTable;
}

/** The numbers of the format's `Type` that display treats apart. */
export const typeId = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  binaryView: 23,
  utf8View: 24,
  dictionary: -1,
} as const;

/** Recognises a Table or RecordBatch of any copy and version of apache-arrow. */
export function isArrowTable(value: unknown): value is ArrowTable {
  return (
    isObject(value) &&
    typeof read(value, "numRows") === "number" &&
    typeof read(value, "numCols") === "number" &&
    typeof read(value, "getChildAt") === "function" &&
    typeof read(value, "slice") === "function" &&
    Array.isArray(read(read(value, "schema"), "fields"))
  );
}

/** Recognises a Vector of any copy and version of apache-arrow. */
export function isArrowVector(value: unknown): value is ArrowVector {
  return (
    isObject(value) &&
    typeof read(value, "length") === "number" &&
    typeof read(read(value, "type"), "typeId") === "number" &&
    Array.isArray(read(value, "data")) &&
    typeof read(value, "get") === "function"
  );
}

const units = ["s", "ms", "µs", "ns"];
const floats = ["Float16", "Float32", "Float64"];
const intervals = ["YearMonth", "DayTime", "MonthDayNano"];

function children(type: ArrowType): string {
  return (type.children ?? []).map(({ name, type: child }) => `${name}: ${formatType(child)}`).join(", ");
}

function item(type: ArrowType): string {
  const [child] = type.children ?? [];
  return child ? formatType(child.type) : "";
}

const names: Readonly<Record<number, (type: ArrowType) => string>> = {
  [typeId.null]: () => "Null",
  [typeId.int]: (type) => `${type.isSigned === false ? "Uint" : "Int"}${type.bitWidth ?? ""}`,
  [typeId.float]: (type) => floats[type.precision ?? 2] ?? "Float",
  [typeId.binary]: () => "Binary",
  [typeId.utf8]: () => "Utf8",
  [typeId.bool]: () => "Bool",
  [typeId.decimal]: (type) => `Decimal(${type.precision ?? ""}, ${type.scale ?? 0})`,
  [typeId.date]: () => "Date",
  [typeId.time]: (type) => `Time(${units[type.unit ?? 0]})`,
  [typeId.timestamp]: (type) => `Timestamp(${units[type.unit ?? 0]}${type.timezone ? `, ${type.timezone}` : ""})`,
  [typeId.interval]: (type) => `Interval(${intervals[type.unit ?? 0]})`,
  [typeId.list]: (type) => `List<${item(type)}>`,
  [typeId.struct]: (type) => `Struct<${children(type)}>`,
  [typeId.union]: (type) => `Union<${children(type)}>`,
  [typeId.fixedSizeBinary]: (type) => `Binary(${type.byteWidth ?? ""})`,
  [typeId.fixedSizeList]: (type) => `List<${item(type)}, ${type.listSize ?? ""}>`,
  [typeId.map]: (type) => {
    const entry = type.children?.[0]?.type.children ?? [];
    return `Map<${entry.map(({ type: child }) => formatType(child)).join(", ")}>`;
  },
  [typeId.duration]: (type) => `Duration(${units[type.unit ?? 0]})`,
  [typeId.largeBinary]: () => "LargeBinary",
  [typeId.largeUtf8]: () => "LargeUtf8",
  [typeId.largeList]: (type) => `LargeList<${item(type)}>`,
  [typeId.binaryView]: () => "BinaryView",
  [typeId.utf8View]: () => "Utf8View",
  [typeId.dictionary]: (type) => `Dictionary<${type.dictionary ? formatType(type.dictionary) : ""}>`,
};

/** Writes a type in Arrow's words: `Int64`, `Timestamp(µs, UTC)`, `List<Utf8>`. */
export function formatType(type: ArrowType): string {
  return names[type.typeId]?.(type) ?? toText(type);
}

/** True for types whose values line up on the right: numbers, decimals and lengths of time. */
export function isRightAligned(type: ArrowType): boolean {
  const right: readonly number[] = [typeId.int, typeId.float, typeId.decimal, typeId.duration];
  return right.includes(type.typeId);
}
