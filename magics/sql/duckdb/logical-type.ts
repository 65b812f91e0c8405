import type { Column, ColumnType, TimeUnit } from "../../columnar/columnar.ts";
import type { Library, Pointer } from "./library.ts";

/** Numbers of DuckDB's types in its C API. */
export const typeId = {
  boolean: 1,
  tinyint: 2,
  smallint: 3,
  integer: 4,
  bigint: 5,
  utinyint: 6,
  usmallint: 7,
  uinteger: 8,
  ubigint: 9,
  float: 10,
  double: 11,
  timestamp: 12,
  date: 13,
  time: 14,
  interval: 15,
  hugeint: 16,
  varchar: 17,
  blob: 18,
  decimal: 19,
  timestampS: 20,
  timestampMs: 21,
  timestampNs: 22,
  enum: 23,
  list: 24,
  struct: 25,
  map: 26,
  uuid: 27,
  union: 28,
  bit: 29,
  timeTz: 30,
  timestampTz: 31,
  uhugeint: 32,
  array: 33,
  bignum: 35,
  sqlnull: 36,
  timeNs: 39,
  geometry: 40,
} as const;

/** How a column is stored in DuckDB and what it becomes in Arrow. */
export interface NativeType {
  readonly id: number;
  /** The integer type that stores a decimal or an enum. */
  readonly storage: number;
  readonly arrow: ColumnType;
  readonly children: readonly NativeType[];
}

const int = (bits: 8 | 16 | 32 | 64, signed = true): ColumnType => ({ kind: "int", bits, signed });
const timestamp = (unit: TimeUnit): ColumnType => ({ kind: "timestamp", unit });

const plain: Readonly<Record<number, ColumnType>> = {
  [typeId.boolean]: { kind: "bool" },
  [typeId.tinyint]: int(8),
  [typeId.smallint]: int(16),
  [typeId.integer]: int(32),
  [typeId.bigint]: int(64),
  [typeId.utinyint]: int(8, false),
  [typeId.usmallint]: int(16, false),
  [typeId.uinteger]: int(32, false),
  [typeId.ubigint]: int(64, false),
  [typeId.float]: { kind: "float", bits: 32 },
  [typeId.double]: { kind: "float", bits: 64 },
  [typeId.timestamp]: timestamp("microsecond"),
  [typeId.timestampS]: timestamp("second"),
  [typeId.timestampMs]: timestamp("millisecond"),
  [typeId.timestampNs]: timestamp("nanosecond"),
  [typeId.timestampTz]: { kind: "timestamp", unit: "microsecond", timezone: "UTC" },
  [typeId.date]: { kind: "date" },
  [typeId.time]: { kind: "time", unit: "microsecond" },
  [typeId.timeNs]: { kind: "time", unit: "nanosecond" },
  [typeId.interval]: { kind: "interval" },
  // All 128 bits are kept, also of values with 39 digits.
  [typeId.hugeint]: { kind: "decimal", precision: 38, scale: 0 },
  [typeId.varchar]: { kind: "utf8" },
  // Arrow has no unsigned integers of 128 bits.
  [typeId.uhugeint]: { kind: "utf8" },
  [typeId.uuid]: { kind: "utf8" },
  [typeId.bit]: { kind: "utf8" },
  [typeId.timeTz]: { kind: "utf8" },
  [typeId.bignum]: { kind: "utf8" },
  [typeId.blob]: { kind: "binary" },
  [typeId.geometry]: { kind: "binary" },
  [typeId.sqlnull]: { kind: "null" },
};

/** Describes a logical type, which it frees. */
export function describeType(library: Library, pointer: Pointer): NativeType {
  try {
    return describe(library, pointer);
  } finally {
    library.destroy_logical_type([pointer]);
  }
}

function describe(library: Library, pointer: Pointer): NativeType {
  const id = library.get_type_id(pointer);
  const make = (arrow: ColumnType, children: readonly NativeType[] = [], storage: number = id): NativeType => ({
    id,
    storage,
    arrow,
    children,
  });
  const known = plain[id];
  if (known) return make(known);
  const members = (names: readonly string[], children: readonly NativeType[]): Column[] =>
    children.map(({ arrow }, i) => ({ name: names[i]!, type: arrow }));
  switch (id) {
    case typeId.decimal: {
      const [precision, scale] = [library.decimal_width(pointer), library.decimal_scale(pointer)];
      return make({ kind: "decimal", precision, scale }, [], library.decimal_internal_type(pointer));
    }
    case typeId.enum: {
      const storage = library.enum_internal_type(pointer);
      const bits = storage === typeId.utinyint ? 8 : storage === typeId.usmallint ? 16 : 32;
      const values = list(library.enum_dictionary_size(pointer), (i) => library.enum_dictionary_value(pointer, i));
      return make({ kind: "enum", bits, values }, [], storage);
    }
    case typeId.list: {
      const child = describeType(library, library.list_type_child_type(pointer));
      return make({ kind: "list", child: { name: "item", type: child.arrow } }, [child]);
    }
    case typeId.array: {
      const child = describeType(library, library.array_type_child_type(pointer));
      const size = library.array_type_array_size(pointer);
      return make({ kind: "fixedList", size, child: { name: "item", type: child.arrow } }, [child]);
    }
    case typeId.map: {
      const key = describeType(library, library.map_type_key_type(pointer));
      const value = describeType(library, library.map_type_value_type(pointer));
      const columns = members(["key", "value"], [key, value]);
      return make({ kind: "map", key: columns[0]!, value: columns[1]! }, [key, value]);
    }
    case typeId.struct: {
      const count = library.struct_type_child_count(pointer);
      const names = list(count, (i) => library.struct_type_child_name(pointer, i));
      const children = list(count, (i) => describeType(library, library.struct_type_child_type(pointer, i)));
      return make({ kind: "struct", children: members(names, children) }, children);
    }
    case typeId.union: {
      const count = library.union_type_member_count(pointer);
      const names = list(count, (i) => library.union_type_member_name(pointer, i));
      const children = list(count, (i) => describeType(library, library.union_type_member_type(pointer, i)));
      return make({ kind: "union", children: members(names, children) }, children);
    }
    default:
      throw new TypeError(
        "DuckDB gave a column of a type that has no Arrow form; cast it in the query, as in `x::json`",
      );
  }
}

function list<T>(count: number, item: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => item(i));
}
