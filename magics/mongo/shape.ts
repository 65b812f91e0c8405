import { binarySubtype, bson, type BsonValue, eachElement, isNull, readNumber } from "./bson.ts";
import { readDecimal, wholeDigits } from "./decimal128.ts";

/** What was seen at one place of many documents. */
export interface Shape {
  /** The types, by what they become. */
  readonly kinds: Set<Kind>;
  /** True where an integer is beyond those that a double holds exactly. */
  isWide: boolean;
  /** Most digits of decimals and integers before and behind the point. */
  whole: number;
  scale: number;
  /** Members of documents, in the order in which they came. */
  readonly fields: Map<string, Shape>;
  /** Items of arrays. */
  item: Shape | undefined;
}

/** BSON types that become one type of column; `other` are those that only EJSON writes whole. */
export type Kind =
  | "bool"
  | "int32"
  | "int64"
  | "double"
  | "decimal"
  | "string"
  | "objectId"
  | "uuid"
  | "binary"
  | "date"
  | "timestamp"
  | "regex"
  | "code"
  | "key"
  | "document"
  | "array"
  | "other";

const kinds: Readonly<Record<number, Kind>> = {
  [bson.bool]: "bool",
  [bson.int32]: "int32",
  [bson.int64]: "int64",
  [bson.double]: "double",
  [bson.decimal128]: "decimal",
  [bson.string]: "string",
  [bson.symbol]: "string",
  [bson.objectId]: "objectId",
  [bson.date]: "date",
  [bson.timestamp]: "timestamp",
  [bson.regex]: "regex",
  [bson.code]: "code",
  [bson.minKey]: "key",
  [bson.maxKey]: "key",
  [bson.document]: "document",
  [bson.array]: "array",
};

/** Makes the shape of nothing. */
export function createShape(): Shape {
  return { kinds: new Set(), isWide: false, whole: 0, scale: 0, fields: new Map(), item: undefined };
}

/** Adds what a document has. */
export function addDocument(shape: Shape, bytes: Buffer, start = 0): void {
  eachElement(bytes, start, (value, nameStart, nameEnd) => {
    const name = bytes.toString("utf8", nameStart, nameEnd);
    let field = shape.fields.get(name);
    if (!field) shape.fields.set(name, (field = createShape()));
    addValue(field, value);
  });
}

function addValue(shape: Shape, value: BsonValue): void {
  if (isNull(value)) return;
  const { type, bytes, at } = value;
  const kind = type === bson.binary ? (isUuid(value) ? "uuid" : "binary") : (kinds[type] ?? "other");
  shape.kinds.add(kind);
  if (kind === "document") addDocument(shape, bytes, at);
  else if (kind === "array") {
    const item = (shape.item ??= createShape());
    eachElement(bytes, at, (element) => addValue(item, element));
  } else if (kind === "int64") shape.isWide ||= !Number.isSafeInteger(readNumber(value));
  else if (kind === "decimal") addDecimal(shape, value);
}

/** True for a UUID in the byte order of today. */
export function isUuid(value: BsonValue): boolean {
  return binarySubtype(value) === 4 && value.end - value.at === 21;
}

function addDecimal(shape: Shape, value: BsonValue): void {
  const decimal = readDecimal(value);
  if (!decimal) shape.scale = Infinity;
  else {
    shape.scale = Math.max(shape.scale, decimal.scale);
    shape.whole = Math.max(shape.whole, wholeDigits(decimal));
  }
}
