import type { Data, DataType, Dictionary, RecordBatch, Schema, Union, Vector } from "apache-arrow";
import type { Arrow } from "./arrow.ts";
import { type ReadValue, readColumn } from "./column-values.ts";
import { createWriter } from "./column-writers.ts";
import type { Batch, Column, ColumnData, ColumnType, TimeUnit } from "./columnar.ts";
import { copyBits, copyBytes, rebase } from "./arrow-buffers.ts";
import { isValid } from "./validity.ts";

// The other way of arrow.ts: Arrow data of any producer, with its slices, padding and dictionaries, as batches of exact buffers.

/** Rows of one batch: a table that was made in one piece is written, and shows how far it is, in parts. */
const batchRows = 65_536;

/** Turns record batches of one schema into batches. */
export interface BatchEncoder {
  readonly columns: readonly Column[];
  encode(batch: RecordBatch): Generator<Batch, void>;
}

/** One column's type, and how its data is turned. */
interface Encoder {
  readonly type: ColumnType;
  encode(data: Data): ColumnData;
}

/**
 * Makes the encoder for a schema. `sample` are batches by which types are chosen that Arrow leaves open (dates in ms may have
 * a time of day). Throws a TypeError, which names the column, for a type that has no exact form.
 */
export function createEncoder(arrow: Arrow, { fields }: Schema, sample: readonly RecordBatch[]): BatchEncoder {
  const encoders = fields.map(({ name, type }, i) =>
    createColumn(
      arrow,
      `"${name}"`,
      type as DataType,
      sample.map((batch) => batch.data.children[i]!),
    ),
  );
  return {
    columns: fields.map(({ name }, i) => ({ name, type: encoders[i]!.type })),
    *encode(batch) {
      for (let start = 0; start < batch.numRows; start += batchRows) {
        const { data } = batch.numRows <= batchRows ? batch : batch.slice(start, start + batchRows);
        const { length } = data;
        yield { length, columns: data.children.map((child, i) => encoders[i]!.encode(upTo(child, length))) };
      }
    },
  };
}

/** A child may be longer than what holds it. */
function upTo(data: Data, length: number): Data {
  return data.length > length ? data.slice(0, length) : data;
}

const units: readonly TimeUnit[] = ["second", "millisecond", "microsecond", "nanosecond"];
const nanosPer: readonly bigint[] = [1_000_000_000n, 1_000_000n, 1_000n, 1n];
const dayMs = 86_400_000n;

function createColumn(arrow: Arrow, name: string, type: DataType, sample: readonly Data[]): Encoder {
  const { DataType: is } = arrow;
  const column = (made: ColumnType, encode: (data: Data) => Partial<ColumnData>): Encoder => ({
    type: made,
    encode: (data) => ({ ...validityOf(data), ...encode(data) }),
  });
  const flat = (made: ColumnType, width: number): Encoder =>
    column(made, ({ values, length }) => ({ values: copyBytes(values as ArrayBufferView, 0, length * width) }));
  /** A column whose values are brought into another form one by one. */
  const each = (made: ColumnType, turn: (value: never) => unknown): Encoder => ({
    type: made,
    encode(data) {
      const writer = createWriter(made);
      for (const value of new arrow.Vector([data]) as Iterable<unknown>)
        writer.push(value === null ? null : turn(value as never));
      return writer.finish();
    },
  });
  /** A column whose values are whole numbers, of one or several to a row. */
  const whole = (made: ColumnType, turn: (numbers: ArrayLike<number | bigint>, row: number) => unknown): Encoder => ({
    type: made,
    encode(data) {
      const writer = createWriter(made);
      const { validity } = validityOf(data);
      const numbers = data.values as ArrayLike<number | bigint>;
      for (let row = 0; row < data.length; row++) writer.push(isValid(validity, row) ? turn(numbers, row) : null);
      return writer.finish();
    },
  });
  const child = (at: number): Encoder =>
    createColumn(
      arrow,
      name,
      type.children[at]!.type as DataType,
      sample.flatMap(({ children }) => children[at] ?? []),
    );
  const childName = (at: number): string => type.children[at]!.name;
  const varied = (kind: "utf8" | "binary"): Encoder =>
    column({ kind }, ({ valueOffsets, values, length }) => {
      const { offsets, first, last } = rebase(valueOffsets as never, length, name);
      return { offsets, values: copyBytes(values as Uint8Array, first, last - first) };
    });

  if (is.isNull(type)) return { type: { kind: "null" }, encode: ({ length }) => ({ length, nullCount: length }) };
  if (is.isBool(type))
    return column({ kind: "bool" }, ({ values, offset, length }) => ({
      values: copyBits(values as Uint8Array, offset, length),
    }));
  if (is.isInt(type)) return flat({ kind: "int", bits: type.bitWidth, signed: type.isSigned }, type.bitWidth / 8);
  if (is.isFloat(type)) {
    if (type.precision === arrow.Precision.HALF) return each({ kind: "float", bits: 32 }, (value: number) => value);
    const bits = type.precision === arrow.Precision.SINGLE ? 32 : 64;
    return flat({ kind: "float", bits }, bits / 8);
  }
  if (is.isDecimal(type)) {
    const { precision, scale, bitWidth } = type;
    if (bitWidth !== 128 || precision > 38 || precision < 1)
      throw noForm(name, type, "a decimal of up to 38 digits has one");
    return flat({ kind: "decimal", precision, scale }, 16);
  }
  if (is.isUtf8(type) || is.isLargeUtf8(type)) return varied("utf8");
  if (is.isBinary(type) || is.isLargeBinary(type)) return varied("binary");
  if (is.isUtf8View(type)) return each({ kind: "utf8" }, (value: string) => value);
  if (is.isBinaryView(type)) return each({ kind: "binary" }, (value: Uint8Array) => value);
  if (is.isFixedSizeBinary(type)) {
    const { byteWidth } = type;
    return column({ kind: "binary" }, ({ values, length }) => ({
      offsets: new Uint8Array(Int32Array.from({ length: length + 1 }, (_, row) => row * byteWidth).buffer),
      values: copyBytes(values as Uint8Array, 0, length * byteWidth),
    }));
  }
  if (is.isDate(type)) {
    if (type.unit === arrow.DateUnit.DAY) return flat({ kind: "date" }, 4);
    return sample.every(hasWholeDays)
      ? whole({ kind: "date" }, (numbers, row) => daysOf(name, BigInt(numbers[row]!)))
      : flat({ kind: "timestamp", unit: "millisecond" }, 8);
  }
  if (is.isTime(type)) {
    const unit = units[type.unit]!;
    if (unit === "microsecond" || unit === "nanosecond") return flat({ kind: "time", unit }, 8);
    const micros = unit === "second" ? 1_000_000n : 1_000n;
    return whole({ kind: "time", unit: "microsecond" }, (numbers, row) => BigInt(numbers[row]!) * micros);
  }
  if (is.isTimestamp(type)) {
    const { timezone, unit } = type;
    return flat({ kind: "timestamp", unit: units[unit]!, ...(timezone ? { timezone } : {}) }, 8);
  }
  if (is.isDuration(type)) {
    const nanos = nanosPer[type.unit]!;
    return whole({ kind: "interval" }, (numbers, row) => [0, 0, fits(name, BigInt(numbers[row]!) * nanos)]);
  }
  if (is.isInterval(type)) {
    if (type.unit === arrow.IntervalUnit.MONTH_DAY_NANO) return flat({ kind: "interval" }, 16);
    return whole({ kind: "interval" }, (numbers, row) =>
      type.unit === arrow.IntervalUnit.YEAR_MONTH
        ? [Number(numbers[row]), 0, 0n]
        : [0, Number(numbers[2 * row]), BigInt(numbers[2 * row + 1]!) * 1_000_000n],
    );
  }
  if (is.isList(type) || is.isLargeList(type)) {
    const item = child(0);
    return column({ kind: "list", child: { name: childName(0), type: item.type } }, (data) =>
      items(data, item.encode, name),
    );
  }
  if (is.isMap(type)) {
    const entries = child(0);
    const [key, value] = (entries.type as ColumnType & { kind: "struct" }).children;
    return column({ kind: "map", key: key!, value: value! }, (data) => items(data, entries.encode, name));
  }
  if (is.isFixedSizeList(type)) {
    const item = child(0);
    const { listSize: size } = type;
    return column({ kind: "fixedList", size, child: { name: childName(0), type: item.type } }, (data) => ({
      children: [item.encode(upTo(data.children[0]!, data.length * size))],
    }));
  }
  if (is.isStruct(type)) {
    const members = type.children.map((_, i) => child(i));
    const children = members.map((member, i) => ({ name: childName(i), type: member.type }));
    return column({ kind: "struct", children }, (data) => ({
      children: members.map((member, i) => member.encode(upTo(data.children[i]!, data.length))),
    }));
  }
  if (is.isUnion(type))
    return union(
      arrow,
      type,
      type.children.map((_, i) => child(i)),
    );
  if (is.isDictionary(type)) return dictionary(arrow, name, type, sample);
  throw noForm(name, type, "turn it into texts or numbers first");
}

function validityOf(data: Data): Pick<ColumnData, "length" | "nullCount" | "validity"> {
  const { length, offset } = data;
  const nullCount = data.nullBitmap.length === 0 ? 0 : data.nullCount;
  if (nullCount <= 0) return { length, nullCount: 0 };
  return { length, nullCount, validity: copyBits(data.nullBitmap, offset, length) };
}

function items(data: Data, encode: (child: Data) => ColumnData, name: string): Partial<ColumnData> {
  const { offsets, first, last } = rebase(data.valueOffsets as never, data.length, name);
  return { offsets, children: [encode(data.children[0]!.slice(first, last - first))] };
}

/** Spells a dictionary's values out: each batch may have its own. */
function dictionary(arrow: Arrow, name: string, type: Dictionary, sample: readonly Data[]): Encoder {
  const inner = createColumn(
    arrow,
    name,
    type.dictionary as DataType,
    sample.flatMap(({ dictionary: values }) => values?.data ?? []),
  );
  // A text is copied as the bytes that it is.
  const read = inner.type.kind === "utf8" ? ({ kind: "binary" } as const) : inner.type;
  const known = new WeakMap<Vector, ReadValue>();
  const readerOf = (values: Vector): ReadValue => {
    const found = known.get(values);
    if (found) return found;
    const parts = values.data.map((part) => readColumn(read, inner.encode(part)));
    const starts = values.data.map((_, i) => values.data.slice(0, i).reduce((sum, { length }) => sum + length, 0));
    const made: ReadValue =
      parts.length === 1
        ? parts[0]!
        : (row) => {
            const at = starts.findLastIndex((start) => start <= row);
            return parts[at]?.(row - starts[at]!) ?? null;
          };
    known.set(values, made);
    return made;
  };
  return {
    type: inner.type,
    encode(data) {
      const writer = createWriter(inner.type);
      const value = readerOf(data.dictionary as Vector);
      const { validity } = validityOf(data);
      const indices = data.values as ArrayLike<number | bigint>;
      for (let row = 0; row < data.length; row++)
        writer.push(isValid(validity, row) ? value(Number(indices[row])) : null);
      return writer.finish();
    },
  };
}

function union(arrow: Arrow, type: Union, members: readonly Encoder[]): Encoder {
  const children = members.map((member, i) => ({ name: type.children[i]!.name, type: member.type }));
  const made: ColumnType = { kind: "union", children };
  const isDense = type.mode === arrow.UnionMode.Dense;
  return {
    type: made,
    encode(data) {
      const writer = createWriter(made);
      const values = members.map((member, i) => readColumn(member.type, member.encode(data.children[i]!)));
      for (let row = 0; row < data.length; row++) {
        const at = type.typeIdToChildIndex[data.typeIds[row]!]!;
        writer.push([at, values[at]!(isDense ? data.valueOffsets[row]! : row)]);
      }
      return writer.finish();
    },
  };
}

function hasWholeDays(data: Data): boolean {
  const { validity } = validityOf(data);
  const days = (data.values as BigInt64Array).subarray(0, data.length);
  // What stands in the place of a null may be anything.
  return days.every((ms, row) => ms % dayMs === 0n || !isValid(validity, row));
}

function daysOf(name: string, ms: bigint): number {
  if (ms % dayMs === 0n) return Number(ms / dayMs);
  throw new TypeError(
    `the column ${name} begins with dates of whole days, and has one with a time of day later. Make it timestamps first`,
  );
}

function fits(name: string, nanos: bigint): bigint {
  if (BigInt.asIntN(64, nanos) === nanos) return nanos;
  throw new TypeError(`the column ${name} has a duration of more than 292 years, which no interval holds exactly`);
}

function noForm(name: string, type: DataType, hint: string): TypeError {
  return new TypeError(
    `the column ${name} has the Arrow type ${(type as { toString(): string }).toString()}, which has no exact form in SQL; ${hint}`,
  );
}
