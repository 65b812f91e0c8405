import type { Data, DataType, Field, Table } from "apache-arrow";
import type { Arrow } from "./arrow.ts";

/** A field of Arrow's C data interface, as plain data. */
export interface CField {
  readonly format: string;
  readonly name: string;
  readonly children: readonly CField[];
  readonly dictionary?: CField;
}

/** An array of Arrow's C data interface, with its own copies of the buffers; null where the format lets a buffer be absent. */
export interface CArray {
  readonly length: number;
  readonly nullCount: number;
  readonly buffers: readonly (Uint8Array | null)[];
  readonly children: readonly CArray[];
  readonly dictionary?: CArray;
}

/** A table, ready to be read by a C library. */
export interface CTable {
  readonly fields: readonly CField[];
  readonly batches: readonly CArray[];
}

/** Copies a table out of JavaScript's objects into the C data interface's terms. */
export function exportTable(arrow: Arrow, table: Table): CTable {
  return {
    fields: table.schema.fields.map((field) => exportField(arrow, field)),
    batches: table.batches.map(({ data }) => exportArray(arrow, data)),
  };
}

/** Lists the buffers of an exported table, to hand them to another thread. */
export function exportedBuffers({ batches }: CTable): ArrayBuffer[] {
  const all = ({ buffers: own, children, dictionary }: CArray): ArrayBuffer[] => [
    ...own.flatMap((view) => (view ? [view.buffer as ArrayBuffer] : [])),
    ...children.flatMap(all),
    ...(dictionary ? all(dictionary) : []),
  ];
  return batches.flatMap(all);
}

function exportField(arrow: Arrow, { name, type }: Field): CField {
  const children = ((type.children ?? []) as Field[]).map((child) => exportField(arrow, child));
  if (!arrow.DataType.isDictionary(type)) return { format: format(arrow, type), name, children };
  const dictionary = exportField(arrow, new arrow.Field("", type.dictionary as DataType, true));
  return { format: format(arrow, type.indices), name, children: [], dictionary };
}

/** Writes a type as the C data interface's format string. */
function format(arrow: Arrow, type: DataType): string {
  const { DataType: is } = arrow;
  const letter = (unit: number): string => ["s", "m", "u", "n"][unit]!;
  if (is.isNull(type)) return "n";
  if (is.isBool(type)) return "b";
  if (is.isInt(type)) {
    const small = { 8: "c", 16: "s", 32: "i", 64: "l" }[type.bitWidth as 8 | 16 | 32 | 64];
    return type.isSigned ? small : small.toUpperCase();
  }
  if (is.isFloat(type)) return ["e", "f", "g"][type.precision]!;
  if (is.isDecimal(type)) return `d:${type.precision},${type.scale}${type.bitWidth === 128 ? "" : `,${type.bitWidth}`}`;
  if (is.isUtf8(type)) return "u";
  if (is.isLargeUtf8(type)) return "U";
  if (is.isBinary(type)) return "z";
  if (is.isLargeBinary(type)) return "Z";
  if (is.isFixedSizeBinary(type)) return `w:${type.byteWidth}`;
  if (is.isDate(type)) return type.unit === arrow.DateUnit.DAY ? "tdD" : "tdm";
  if (is.isTime(type)) return `tt${letter(type.unit)}`;
  if (is.isTimestamp(type)) return `ts${letter(type.unit)}:${type.timezone ?? ""}`;
  if (is.isDuration(type)) return `tD${letter(type.unit)}`;
  if (is.isInterval(type)) return ["tiM", "tiD", "tin"][type.unit]!;
  if (is.isList(type)) return "+l";
  if (is.isStruct(type)) return "+s";
  if (is.isFixedSizeList(type)) return `+w:${type.listSize}`;
  if (is.isMap(type)) return "+m";
  if (is.isUnion(type))
    return `${type.mode === arrow.UnionMode.Sparse ? "+us" : "+ud"}:${Array.from(type.typeIds).join(",")}`;
  throw new TypeError(`an Arrow column of type number ${type.typeId} cannot be queried; convert it first`);
}

function exportArray(arrow: Arrow, data: Data): CArray {
  const children = data.children.map((child) => exportArray(arrow, child));
  const { length, nullCount } = data;
  const base = { length, nullCount, buffers: buffers(arrow, data), children };
  if (!arrow.DataType.isDictionary(data.type)) return base;
  const { dictionary } = data;
  const chunks = dictionary?.data ?? [];
  const whole =
    chunks.length === 1
      ? chunks[0]!
      : arrow.vectorFromArray([...(dictionary ?? [])], data.type.dictionary as never).data[0]!;
  return { ...base, dictionary: exportArray(arrow, whole) };
}

function buffers(arrow: Arrow, data: Data): (Uint8Array | null)[] {
  const { DataType: is } = arrow;
  const { type, offset, length } = data;
  if (is.isNull(type)) return [];
  if (is.isUnion(type)) {
    const ids = copy(data.typeIds);
    return type.mode === arrow.UnionMode.Sparse ? [ids] : [ids, copy(data.valueOffsets)];
  }
  const validity = data.nullCount > 0 ? copyBits(data.nullBitmap, offset, length) : null;
  if (is.isStruct(type) || is.isFixedSizeList(type)) return [validity];
  if (is.isList(type) || is.isMap(type)) return [validity, copy(data.valueOffsets)];
  if (is.isBool(type)) return [validity, copyBits(data.values as Uint8Array, offset, length)];
  if (data.valueOffsets !== undefined && data.valueOffsets !== null && isVaried(arrow, type))
    return [validity, copy(data.valueOffsets), copy(data.values as Uint8Array)];
  return [validity, copy(data.values as ArrayBufferView)];
}

function isVaried({ DataType: is }: Arrow, type: DataType): boolean {
  return is.isUtf8(type) || is.isLargeUtf8(type) || is.isBinary(type) || is.isLargeBinary(type);
}

function copy(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
}

/** Copies `count` bits from bit `start` on, so that they begin with bit 0. */
function copyBits(bits: Uint8Array, start: number, count: number): Uint8Array {
  if (start % 8 === 0) return bits.slice(start / 8, Math.ceil((start + count) / 8));
  const copied = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) {
    const from = start + i;
    if ((bits[from >> 3]! & (1 << (from & 7))) !== 0) copied[i >> 3]! |= 1 << (i & 7);
  }
  return copied;
}
