import type { Bindable } from "../engine.ts";
import type { Library, Pointer } from "./library.ts";
import { typeId } from "./logical-type.ts";

/** The SQL type a value is bound as. */
type Kind =
  | { readonly id: Exclude<(typeof typeId)[keyof typeof typeId], typeof typeId.list | typeof typeId.struct> }
  | { readonly id: typeof typeId.list; readonly item: Kind }
  | { readonly id: typeof typeId.struct; readonly members: Readonly<Record<string, Kind>> };

const nullKind: Kind = { id: typeId.sqlnull };
/** Numbers, from the narrowest: a list of several kinds becomes a list of the widest. */
const numeric: readonly number[] = [typeId.integer, typeId.bigint, typeId.hugeint, typeId.uhugeint, typeId.double];

/** Makes a `duckdb_value` that the caller destroys. */
export function createValue(library: Library, value: Bindable): Pointer {
  return create(library, value, kindOf(value));
}

function kindOf(value: Bindable): Kind {
  if (typeof value === "boolean") return { id: typeId.boolean };
  if (typeof value === "string") return { id: typeId.varchar };
  if (typeof value === "bigint") return { id: bigintKind(value) };
  if (typeof value === "number") return { id: numberKind(value) };
  if (value === null) return nullKind;
  if (value instanceof Uint8Array) return { id: typeId.blob };
  if (value instanceof Date) return { id: typeId.timestampTz };
  if (isList(value)) return { id: typeId.list, item: value.map(kindOf).reduce(common, nullKind) };
  const members = Object.entries(value as Readonly<Record<string, Bindable>>);
  return { id: typeId.struct, members: Object.fromEntries(members.map(([name, item]) => [name, kindOf(item)])) };
}

function isList(value: Bindable): value is readonly Bindable[] {
  return Array.isArray(value);
}

function numberKind(value: number): typeof typeId.integer | typeof typeId.bigint | typeof typeId.double {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return typeId.double;
  return value === (value | 0) ? typeId.integer : typeId.bigint;
}

function bigintKind(value: bigint): typeof typeId.bigint | typeof typeId.hugeint | typeof typeId.uhugeint {
  if (BigInt.asIntN(64, value) === value) return typeId.bigint;
  if (BigInt.asIntN(128, value) === value) return typeId.hugeint;
  if (BigInt.asUintN(128, value) === value) return typeId.uhugeint;
  throw new RangeError(`${value} has more than 128 bits; bind it as a string and cast it in the query`);
}

/** Finds the kind that holds values of both. */
function common(a: Kind, b: Kind): Kind {
  if (a.id === typeId.sqlnull) return b;
  if (b.id === typeId.sqlnull) return a;
  if (a.id === typeId.list && b.id === typeId.list) return { id: typeId.list, item: common(a.item, b.item) };
  if (a.id === typeId.struct && b.id === typeId.struct) {
    const names = new Set([...Object.keys(a.members), ...Object.keys(b.members)]);
    const members = [...names].map((name) => [name, common(a.members[name] ?? nullKind, b.members[name] ?? nullKind)]);
    return { id: typeId.struct, members: Object.fromEntries(members) as Record<string, Kind> };
  }
  const [left, right] = [numeric.indexOf(a.id), numeric.indexOf(b.id)];
  if (left >= 0 && right >= 0) return left > right ? a : b;
  if (a.id === b.id) return a;
  throw new TypeError("the items of a bound list are of different types; make them all strings, or all numbers");
}

function create(library: Library, value: Bindable, kind: Kind): Pointer {
  if (value === null) return library.create_null_value();
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- kindOf gives these kinds only
  switch (kind.id) {
    case typeId.boolean:
      return library.create_bool(value as boolean);
    case typeId.integer:
      return library.create_int32(value as number);
    case typeId.bigint:
      return library.create_int64(BigInt(value as number | bigint));
    case typeId.hugeint:
    case typeId.uhugeint: {
      const whole = BigInt(value as number | bigint);
      const words = { lower: BigInt.asUintN(64, whole), upper: BigInt.asIntN(64, whole >> 64n) };
      return kind.id === typeId.hugeint ? library.create_hugeint(words) : library.create_uhugeint(words);
    }
    case typeId.double:
      return library.create_double(Number(value));
    case typeId.varchar: {
      const text = new TextEncoder().encode(value as string);
      return library.create_varchar_length(text, text.length);
    }
    case typeId.blob:
      return library.create_blob(value as Uint8Array, (value as Uint8Array).length);
    case typeId.timestampTz:
      return library.create_timestamp_tz({ micros: BigInt((value as Date).getTime()) * 1000n });
    case typeId.list:
      return createList(library, value as readonly Bindable[], kind.item);
    case typeId.struct:
      return createStruct(library, value as Readonly<Record<string, Bindable>>, kind.members);
    default:
      return library.create_null_value();
  }
}

function createList(library: Library, values: readonly Bindable[], item: Kind): Pointer {
  const type = createType(library, item);
  const items = values.map((value) => create(library, value, item));
  const list = library.create_list_value(type, items, items.length);
  for (const value of items) library.destroy_value([value]);
  library.destroy_logical_type([type]);
  return list;
}

function createStruct(
  library: Library,
  value: Readonly<Record<string, Bindable>>,
  members: Readonly<Record<string, Kind>>,
): Pointer {
  const type = createType(library, { id: typeId.struct, members });
  const items = Object.entries(members).map(([name, kind]) => create(library, value[name] ?? null, kind));
  const struct = library.create_struct_value(type, items);
  for (const item of items) library.destroy_value([item]);
  library.destroy_logical_type([type]);
  return struct;
}

function createType(library: Library, kind: Kind): Pointer {
  if (kind.id !== typeId.list && kind.id !== typeId.struct) return library.create_logical_type(kind.id);
  const children = kind.id === typeId.list ? [kind.item] : Object.values(kind.members);
  const types = children.map((child) => createType(library, child));
  const type =
    kind.id === typeId.list
      ? library.create_list_type(types[0]!)
      : library.create_struct_type(types, Object.keys(kind.members), types.length);
  for (const child of types) library.destroy_logical_type([child]);
  return type;
}
