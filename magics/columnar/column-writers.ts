import { BytesWriter } from "./bytes-writer.ts";
import type { ColumnWriter } from "./column-writer.ts";
import type { Column, ColumnType } from "./columnar.ts";
import { fixedLists, lists, structs, unions } from "./nested-writers.ts";
import { BitWriter, NumberWriter, WideWriter, intervals } from "./number-writers.ts";

/**
 * Makes the writer for a type. It takes: a boolean for `bool`; a number for `int` up to 32 bits, `float`, `date` (days since
 * 1970) and `enum` (the index of its value); a bigint for 64 bits, `decimal` (without its point), `time` and `timestamp` (in
 * their unit); a string or its UTF-8 bytes for `utf8`; bytes for `binary`; months, days and nanoseconds in an array for
 * `interval`; an array for lists; an array of the members' values for `struct`; pairs for `map`; the number of the member and
 * its value for `union`. Ranges are the caller's to check.
 */
export function createWriter(type: ColumnType): ColumnWriter {
  switch (type.kind) {
    case "null":
      return nulls();
    case "bool":
      return new BitWriter();
    case "int":
      return type.bits === 64
        ? new WideWriter(1)
        : new NumberWriter(numberArrays[`${type.signed ? "i" : "u"}${type.bits}`]);
    case "float":
      return new NumberWriter(numberArrays[`f${type.bits}`]);
    case "date":
      return new NumberWriter(numberArrays.i32);
    case "enum":
      return new NumberWriter(numberArrays[`u${type.bits}`]);
    case "time":
    case "timestamp":
      return new WideWriter(1);
    case "decimal":
      return new WideWriter(2);
    case "utf8":
    case "binary":
      return new BytesWriter();
    case "interval":
      return intervals();
    case "list":
      return lists(createWriter(type.child.type));
    case "map":
      return lists(structs(all([type.key, type.value])));
    case "fixedList":
      return fixedLists(type.size, createWriter(type.child.type));
    case "struct":
      return structs(all(type.children));
    case "union":
      return unions(all(type.children));
    default:
      return type satisfies never;
  }
}

function all(members: readonly Column[]): ColumnWriter[] {
  return members.map(({ type }) => createWriter(type));
}

const numberArrays: Readonly<
  Record<`${"i" | "u"}${8 | 16 | 32}` | "f32" | "f64", ConstructorParameters<typeof NumberWriter>[0]>
> = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
};

function nulls(): ColumnWriter {
  let length = 0;
  return {
    push: () => void length++,
    finish: () => {
      const data = { length, nullCount: length };
      length = 0;
      return data;
    },
  };
}
