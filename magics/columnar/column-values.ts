import type { ColumnData, ColumnType } from "./columnar.ts";
import { isValid } from "./validity.ts";

/** Reads the value of a row, in the form that the type's writer takes (see `createWriter`); null where there is none. */
export type ReadValue = (row: number) => unknown;

/** Makes the reader of a column's data. */
export function readColumn(type: ColumnType, data: ColumnData): ReadValue {
  const read = readValid(type, data);
  const { validity } = data;
  return validity === undefined ? read : (row) => (isValid(validity, row) ? read(row) : null);
}

function readValid(type: ColumnType, data: ColumnData): ReadValue {
  switch (type.kind) {
    case "null":
      return () => null;
    case "bool":
      return (row) => isValid(data.values, row);
    case "int": {
      const values = view<Items>(data.values, integers[`${type.signed ? "i" : "u"}${type.bits}`]);
      return (row) => values[row];
    }
    case "float": {
      const values = view<Items>(data.values, type.bits === 32 ? Float32Array : Float64Array);
      return (row) => values[row];
    }
    case "date": {
      const values = view(data.values, Int32Array);
      return (row) => values[row];
    }
    case "enum": {
      const values = view<Items>(data.values, integers[`u${type.bits}`]);
      return (row) => values[row];
    }
    case "time":
    case "timestamp": {
      const values = view(data.values, BigInt64Array);
      return (row) => values[row];
    }
    case "decimal": {
      const words = view(data.values, BigInt64Array);
      return (row) => (words[2 * row + 1]! << 64n) | BigInt.asUintN(64, words[2 * row]!);
    }
    case "interval": {
      const parts = view(data.values, Int32Array);
      const nanos = view(data.values, BigInt64Array);
      return (row) => [parts[4 * row], parts[4 * row + 1], nanos[2 * row + 1]];
    }
    case "utf8": {
      const bytes = readBytes(data);
      return (row) => decoder.decode(bytes(row));
    }
    case "binary":
      return readBytes(data);
    case "list":
      return readItems(data, readChild(type.child.type, data, 0));
    case "map":
      return readItems(data, readChild({ kind: "struct", children: [type.key, type.value] }, data, 0));
    case "fixedList": {
      const item = readChild(type.child.type, data, 0);
      return (row) => Array.from({ length: type.size }, (_, i) => item(row * type.size + i));
    }
    case "struct": {
      const members = type.children.map((child, i) => readChild(child.type, data, i));
      return (row) => members.map((member) => member(row));
    }
    case "union": {
      const members = type.children.map((child, i) => readChild(child.type, data, i));
      const ids = view(data.typeIds, Int8Array);
      return (row) => [ids[row], members[ids[row]!]!(row)];
    }
    default:
      return type satisfies never;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const integers = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
} as const;

type Items = ArrayLike<number | bigint>;

interface ArrayType<T extends Items> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, offset: number, length: number): T;
}

function view<T extends Items>(bytes: Uint8Array | undefined, View: ArrayType<T>): T {
  const { buffer, byteOffset, byteLength } = bytes ?? new Uint8Array(0);
  return new View(buffer as ArrayBuffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT);
}

function readChild(type: ColumnType, { children = [] }: ColumnData, number: number): ReadValue {
  return readColumn(type, children[number]!);
}

function readBytes({ offsets, values = new Uint8Array(0) }: ColumnData): (row: number) => Uint8Array {
  const ends = view(offsets, Int32Array);
  return (row) => values.subarray(ends[row], ends[row + 1]);
}

function readItems({ offsets }: ColumnData, item: ReadValue): ReadValue {
  const ends = view(offsets, Int32Array);
  return (row) => Array.from({ length: ends[row + 1]! - ends[row]! }, (_, i) => item(ends[row]! + i));
}
