import { findNearest } from "../nearest.ts";
import type { Driver } from "./driver.ts";
import {
  type Field,
  type Reader,
  binary,
  bool,
  day,
  decimal,
  float,
  int,
  json,
  list,
  serverTimestamp,
  struct,
  text,
  timestamp,
} from "./readers.ts";

/** The type of a field: a word, `[type]` for arrays, an object for documents. */
export type SchemaType = string | readonly [SchemaType] | { readonly [name: string]: SchemaType };

/** Names of the columns that are wanted, with their types. */
export type Schema = Readonly<Record<string, SchemaType>>;

const words: Readonly<Record<string, (driver: Driver) => Reader>> = {
  bool: () => bool,
  int8: () => int(8),
  int16: () => int(16),
  int32: () => int(32),
  int64: () => int(64),
  uint8: () => int(8, false),
  uint16: () => int(16, false),
  uint32: () => int(32, false),
  uint64: () => int(64, false),
  float32: () => float(32),
  float64: () => float(64),
  utf8: (driver) => text(driver),
  objectid: (driver) => text(driver, "objectId"),
  uuid: (driver) => text(driver, "uuid"),
  binary: () => binary,
  date: () => day,
  timestamp: () => timestamp,
  servertimestamp: () => serverTimestamp,
  json,
};

const others: Readonly<Record<string, string>> = {
  boolean: "bool",
  int: "int32",
  long: "int64",
  float: "float64",
  double: "float64",
  number: "float64",
  string: "utf8",
  text: "utf8",
  bytes: "binary",
  datetime: "timestamp",
};

/** Reads a declared schema. Throws a TypeError that says what is wrong with it. */
export function readSchema(driver: Driver, schema: unknown): Field[] {
  if (!isRecord(schema) || Object.keys(schema).length === 0)
    throw new TypeError('a schema has a type for each column, as in { name: "utf8", age: "int32", tags: ["utf8"] }');
  return Object.entries(schema).map(([name, type]) => ({ name, ...readType(driver, type, name) }));
}

function readType(driver: Driver, type: unknown, path: string): Reader {
  if (Array.isArray(type)) {
    if (type.length !== 1) throw new TypeError(`the type of the array ${path} is written as ["int32"]`);
    return list(readType(driver, type[0], `${path}[]`));
  }
  if (isRecord(type)) {
    const fields = Object.entries(type).map(([name, member]) => ({
      name,
      ...readType(driver, member, `${path}.${name}`),
    }));
    if (fields.length > 0) return struct(fields, "drop");
  }
  if (typeof type === "string") {
    const word = type.toLowerCase();
    const name = others[word] ?? word;
    if (Object.hasOwn(words, name)) return words[name]!(driver);
    const [, precision, scale = "0"] = /^decimal\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)$/.exec(word) ?? [];
    if (
      precision !== undefined &&
      Number(precision) >= 1 &&
      Number(precision) <= 38 &&
      Number(scale) <= Number(precision)
    )
      return decimal(Number(precision), Number(scale));
  }
  const known = [...Object.keys(words), "decimal(38, 2)"];
  const nearest = typeof type === "string" ? findNearest(type, known) : undefined;
  throw new TypeError(
    `the type of ${path} cannot be ${JSON.stringify(type)}. ${nearest ? `Did you mean "${nearest}"? ` : ""}There are ${known.join(", ")}, [type] for arrays and { name: type } for documents`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
