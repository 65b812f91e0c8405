import type { ArrowData, ArrowType, ArrowVector } from "./arrow-type.ts";
import { typeId } from "./arrow-type.ts";
import { formatDays, formatDuration, formatInterval, formatTime, formatTimestamp } from "./temporal.ts";
import { clip } from "./text.ts";

/** How long a nested value may become before the rest is left out, in characters. */
const nestedChars = 1_000;

/** How many bytes of a binary value are shown. */
const shownBytes = 32;

/**
 * Writes the value at a row exactly, or returns null.
 * Reads the format's buffers, since apache-arrow's own `get` gives timestamps as inexact numbers.
 */
export function formatAt(vector: ArrowVector, row: number): string | null {
  const place = locate(vector, row);
  return place ? formatData(place.data, place.index) : null;
}

/** Finds the chunk that holds a row, and the row's index in it. */
function locate(vector: ArrowVector, row: number): { data: ArrowData; index: number } | undefined {
  let index = row;
  for (const data of vector.data) {
    if (index < data.length) return { data, index };
    index -= data.length;
  }
  return undefined;
}

/** True where the value is null by its validity bitmap. */
function isNull(data: ArrowData, index: number): boolean {
  if (data.type.typeId === typeId.null) return true;
  if (data.type.typeId === typeId.union) return false;
  if (!data.nullBitmap?.length || data.nullCount === 0) return false;
  return !bit(data.nullBitmap, data.offset + index);
}

function formatData(data: ArrowData, index: number): string | null {
  if (isNull(data, index)) return null;
  const { type } = data;
  const format = formats[type.typeId];
  return format ? format(data, index, type) : `? ${type.typeId}`;
}

type Format = (data: ArrowData, index: number, type: ArrowType) => string | null;

const formats: Readonly<Record<number, Format>> = {
  [typeId.int]: ({ values }, index, type) =>
    String(type.bitWidth === 64 ? int64(values, index, type.isSigned !== false) : values[index]),
  [typeId.float]: ({ values }, index, type) => formatFloat(Number(values[index]), type.precision ?? 2),
  [typeId.bool]: ({ values, offset }, index) =>
    String(bit(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset + index)),
  [typeId.utf8]: (data, index) => decode(variableBytes(data, index)),
  [typeId.largeUtf8]: (data, index) => decode(variableBytes(data, index)),
  [typeId.utf8View]: (data, index) => decode(viewBytes(data, index)),
  [typeId.binary]: (data, index) => formatBytes(variableBytes(data, index)),
  [typeId.largeBinary]: (data, index) => formatBytes(variableBytes(data, index)),
  [typeId.binaryView]: (data, index) => formatBytes(viewBytes(data, index)),
  [typeId.fixedSizeBinary]: (data, index) => formatBytes(fixedBytes(data, index)),
  [typeId.decimal]: (data, index, type) => formatDecimal(fixedBytes(data, index), type.scale ?? 0),
  [typeId.date]: ({ values }, index, type) =>
    type.unit === 0 ? formatDays(Number(values[index])) : formatDateMs(int64(values, index)),
  [typeId.time]: ({ values }, index, { unit = 0 }) =>
    formatTime(unit < 2 ? BigInt(values[index] ?? 0) : int64(values, index), unit),
  [typeId.timestamp]: ({ values }, index, { unit = 0, timezone }) =>
    formatTimestamp(int64(values, index), unit, timezone),
  [typeId.duration]: ({ values }, index, { unit = 0 }) => formatDuration(int64(values, index), unit),
  [typeId.interval]: formatIntervalAt,
  [typeId.list]: formatList,
  [typeId.largeList]: formatList,
  [typeId.fixedSizeList]: ({ children, stride }, index) =>
    formatItems(children[0], index * stride, (index + 1) * stride),
  [typeId.struct]: ({ children }, index, type) =>
    join("{", "}", children.length, (at) => `${type.children?.[at]?.name ?? at}: ${nested(children[at], index)}`),
  [typeId.map]: ({ children: [entries], valueOffsets }, index) => {
    const begin = Number(valueOffsets[index]);
    const [keys, values] = entries?.children ?? [];
    return join(
      "{",
      "}",
      Number(valueOffsets[index + 1]) - begin,
      (at) => `${nested(keys, begin + at)}: ${nested(values, begin + at)}`,
    );
  },
  [typeId.union]: (data, index, type) => {
    const child = data.children[type.typeIdToChildIndex?.[data.typeIds[index] ?? 0] ?? 0];
    // The format's UnionMode: 0 sparse (children as long as the union), 1 dense (an offset for each value).
    const at = type.mode === 1 ? Number(data.valueOffsets[index]) : index;
    return child ? formatData(child, at) : null;
  },
  [typeId.dictionary]: ({ dictionary, values }, index) =>
    dictionary ? formatAt(dictionary, Number(values[index])) : null,
};

function bit(bytes: Uint8Array, position: number): boolean {
  return (((bytes[position >> 3] ?? 0) >> (position % 8)) & 1) === 1;
}

/** Reads 64 bits, from BigInt arrays and from the pairs of 32 bits that older copies of apache-arrow keep. */
function int64(values: ArrayBufferView, index: number, signed = true): bigint {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  return signed ? view.getBigInt64(index * 8, true) : view.getBigUint64(index * 8, true);
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function variableBytes({ values, valueOffsets }: ArrowData, index: number): Uint8Array {
  // A column of empty values may have no data buffer at all.
  if (!ArrayBuffer.isView(values)) return new Uint8Array();
  return bytesOf(values).subarray(Number(valueOffsets[index]), Number(valueOffsets[index + 1]));
}

function fixedBytes({ values, stride }: ArrowData, index: number): Uint8Array {
  const size = stride * (values.byteLength / Math.max(1, values.length));
  return bytesOf(values).subarray(index * size, (index + 1) * size);
}

/** Reads a value of a view layout: 16 bytes that hold the value, or its length, buffer and offset. */
function viewBytes({ values, variadicBuffers }: ArrowData, index: number): Uint8Array {
  const view = new DataView(values.buffer, values.byteOffset + index * 16, 16);
  const size = view.getInt32(0, true);
  if (size <= 12) return bytesOf(view).subarray(4, 4 + size);
  const begin = view.getInt32(12, true);
  return variadicBuffers?.[view.getInt32(8, true)]?.subarray(begin, begin + size) ?? new Uint8Array();
}

const utf8 = new TextDecoder();

function decode(bytes: Uint8Array): string {
  // Only the head of a long text is shown, so only that is decoded.
  return utf8.decode(bytes.length > 40_000 ? bytes.subarray(0, 40_000) : bytes);
}

function formatBytes(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, shownBytes));
  const rest = bytes.length > shownBytes ? `… (${bytes.length} bytes)` : "";
  return `0x${head.toString("hex")}${rest}`;
}

/** Writes a float in the fewest digits that read back as the same value at its precision. */
function formatFloat(value: number, precision: number): string {
  if (precision === 0) return fewestDigits(halfToNumber(value), Math.f16round);
  if (precision === 1) return fewestDigits(value, Math.fround);
  return Object.is(value, -0) ? "-0" : String(value);
}

function fewestDigits(value: number, round: (value: number) => number): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (round(short) === value) return String(short);
  }
  return String(value);
}

function halfToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(2));
  view.setUint16(0, bits);
  return view.getFloat16(0);
}

function formatDecimal(bytes: Uint8Array, scale: number): string {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  value = BigInt.asIntN(bytes.length * 8, value);
  const sign = value < 0n ? "-" : "";
  const digits = String(value < 0n ? -value : value);
  if (scale <= 0) return digits === "0" ? digits : `${sign}${digits}${"0".repeat(-scale)}`;
  const padded = digits.padStart(scale + 1, "0");
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

function formatDateMs(ms: bigint): string {
  return formatTimestamp(ms, 1).replace(/ 00:00:00$/, "");
}

function formatIntervalAt({ values }: ArrowData, index: number, { unit = 0 }: ArrowType): string {
  const ints = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  const int = (at: number): number => ints[at] ?? 0;
  if (unit === 0) return formatInterval(int(index), 0, 0n);
  if (unit === 1) return formatInterval(0, int(2 * index), BigInt(int(2 * index + 1)) * 1_000_000n);
  const nanoseconds = (BigInt(int(4 * index + 3)) << 32n) | BigInt(int(4 * index + 2) >>> 0);
  return formatInterval(int(4 * index), int(4 * index + 1), nanoseconds);
}

function formatList({ children, valueOffsets }: ArrowData, index: number): string {
  return formatItems(children[0], Number(valueOffsets[index]), Number(valueOffsets[index + 1]));
}

function formatItems(child: ArrowData | undefined, begin: number, end: number): string {
  return join("[", "]", end - begin, (at) => nested(child, begin + at));
}

function join(open: string, close: string, count: number, part: (at: number) => string): string {
  const parts: string[] = [];
  let size = 0;
  for (let at = 0; at < count; at++) {
    if (size > nestedChars) {
      parts.push(`… ${count - at} more`);
      break;
    }
    const text = part(at);
    size += text.length + 2;
    parts.push(text);
  }
  return `${open}${parts.join(", ")}${close}`;
}

const quoted: readonly number[] = [typeId.utf8, typeId.largeUtf8, typeId.utf8View];

/** Writes a value inside another: text is quoted there. */
function nested(data: ArrowData | undefined, index: number): string {
  const text = data ? formatData(data, index) : null;
  if (data === undefined || text === null) return "null";
  const inner = data.type.dictionary ?? data.type;
  return quoted.includes(inner.typeId) ? JSON.stringify(clip(text, nestedChars)) : text;
}
