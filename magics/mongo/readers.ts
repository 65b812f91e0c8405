import type { Column, ColumnType } from "../columnar/columnar.ts";
import {
  type BsonValue,
  binaryBytes,
  bson,
  eachElement,
  isNull,
  readDate,
  readNumber,
  readRegex,
  textBytes,
  typeNames,
  uuidText,
} from "./bson.ts";
import { readDecimal, rescale } from "./decimal128.ts";
import { isUuid } from "./shape.ts";
import type { Driver } from "./driver.ts";

/** Turns the values of one field into what a column writer takes. */
export interface Reader {
  readonly type: ColumnType;
  /** Throws a `Misfit` for a value that is not of its type. */
  read(value: BsonValue): unknown;
}

/** A named field of a document. */
export interface Field extends Reader {
  readonly name: string;
}

/** A value that its column cannot hold as it is. */
export class Misfit extends Error {
  /** The names on the way to the value, the innermost first. */
  readonly path: string[] = [];
}

function reader(type: ColumnType, wanted: string, convert: (value: BsonValue) => unknown): Reader {
  return {
    type,
    read(value) {
      if (isNull(value)) return null;
      const converted = convert(value);
      if (converted === undefined) throw new Misfit(`is ${articled(typeNames[value.type]!)} and no ${wanted}`);
      return converted;
    },
  };
}

function articled(name: string): string {
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

const isNumber = ({ type }: BsonValue): boolean => type === bson.int32 || type === bson.int64 || type === bson.double;

/** Booleans. */
export const bool: Reader = reader({ kind: "bool" }, "bool", ({ type, bytes, at }) =>
  type === bson.bool ? bytes[at] === 1 : undefined,
);

/** Whole numbers that the width holds, of any numeric type. */
export function int(bits: 8 | 16 | 32 | 64, signed = true): Reader {
  const least = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const most = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  const kept = bits < 53;
  return reader({ kind: "int", bits, signed }, `${signed ? "" : "u"}int${bits}`, (value) => {
    if (!isNumber(value)) return undefined;
    const number = readNumber(value);
    if (typeof number === "number" && !Number.isInteger(number)) return undefined;
    if (kept && typeof number === "bigint") return undefined;
    if (number < least || number > most) return undefined;
    return Object.is(number, -0) ? 0 : bits === 64 && !Number.isSafeInteger(number) ? BigInt(number) : number;
  });
}

/** Numbers that a float holds exactly. */
export function float(bits: 32 | 64): Reader {
  return reader({ kind: "float", bits }, `float${bits} without loss`, (value) => {
    if (!isNumber(value)) return undefined;
    const number = readNumber(value);
    if (typeof number === "bigint") return undefined;
    return bits === 64 || Object.is(Math.fround(number), number) ? number : undefined;
  });
}

/** Decimals and whole numbers that have so many digits. */
export function decimal(precision: number, scale: number): Reader {
  const limit = 10n ** BigInt(precision);
  return reader({ kind: "decimal", precision, scale }, `decimal(${precision}, ${scale}) without loss`, (value) => {
    const whole = value.type === bson.int32 || value.type === bson.int64;
    const read = whole ? { digits: BigInt(readNumber(value)), scale: 0 } : undefined;
    const exact = read ?? (value.type === bson.decimal128 ? readDecimal(value) : undefined);
    const scaled = exact && rescale(exact, scale);
    return scaled !== undefined && scaled < limit && scaled > -limit ? scaled : undefined;
  });
}

/** What has a text of its own: strings, ObjectIds (24 hex digits), UUIDs, decimals, code, regular expressions, MinKey, MaxKey. */
export function text({ BSON }: Driver, only?: "objectId" | "uuid"): Reader {
  return reader({ kind: "utf8" }, only ?? "text", (value) => {
    const { type, bytes, at, end } = value;
    if (type === bson.objectId) return only === "uuid" ? undefined : bytes.toString("hex", at, end);
    if (type === bson.binary && isUuid(value) && only !== "objectId") return uuidText(binaryBytes(value));
    if (only) return undefined;
    if (type === bson.string || type === bson.symbol || type === bson.code) return textBytes(value);
    if (type === bson.decimal128) return new BSON.Decimal128(Buffer.from(bytes.subarray(at, end))).toString();
    if (type === bson.regex) return readRegex(value);
    if (type === bson.minKey) return "MinKey";
    return type === bson.maxKey ? "MaxKey" : undefined;
  });
}

/** Bytes of binary data of any subtype. */
export const binary: Reader = reader({ kind: "binary" }, "binData", (value) =>
  value.type === bson.binary ? binaryBytes(value) : undefined,
);

/** Points in time. */
export const timestamp: Reader = reader({ kind: "timestamp", unit: "millisecond", timezone: "UTC" }, "date", (value) =>
  value.type === bson.date ? readDate(value) : undefined,
);

const dayMs = 86_400_000n;

/** Points in time at midnight UTC, as days. */
export const day: Reader = reader({ kind: "date" }, "date at midnight UTC", (value) => {
  const ms = value.type === bson.date ? readDate(value) : undefined;
  return ms !== undefined && ms % dayMs === 0n ? Number(ms / dayMs) : undefined;
});

const uint32: ColumnType = { kind: "int", bits: 32, signed: false };

/** The server's own timestamps: seconds and a counter. */
export const serverTimestamp: Reader = reader(
  {
    kind: "struct",
    children: [
      { name: "t", type: uint32 },
      { name: "i", type: uint32 },
    ],
  },
  "timestamp",
  ({ type, bytes, at }) => (type === bson.timestamp ? [bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at)] : undefined),
);

/** Any value, as canonical extended JSON. */
export function json(driver: Driver): Reader {
  return reader({ kind: "utf8" }, "value", (value) => ejson(driver, value, false));
}

/** Writes a value as extended JSON; the relaxed form is for people. */
export function ejson({ BSON }: Driver, { bytes, type, at, end }: BsonValue, relaxed: boolean): string {
  const document = Buffer.alloc(end - at + 8);
  document.writeInt32LE(document.length);
  document[4] = type;
  document[5] = 0x76;
  bytes.copy(document, 7, at, end);
  const exact = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true };
  const { v } = BSON.deserialize(document, exact) as { v: unknown };
  return BSON.EJSON.stringify(v, { relaxed });
}

/** Nothing but nulls. */
export const nothing: Reader = reader({ kind: "null" }, "null", () => undefined);

/** Arrays. */
export function list(item: Reader): Reader {
  const child: Column = { name: "item", type: item.type };
  return reader({ kind: "list", child }, "array", ({ type, bytes, at }) => {
    if (type !== bson.array) return undefined;
    const items: unknown[] = [];
    eachElement(bytes, at, (element) => void items.push(within(String(items.length), () => item.read(element))));
    return items;
  });
}

/** Documents. Members that are no fields are left out, or refused. */
export function struct(fields: readonly Field[], others: "drop" | "refuse"): Reader {
  const read = createMembers(fields, others);
  return reader(
    { kind: "struct", children: fields.map(({ name, type }) => ({ name, type })) },
    "object",
    ({ type, bytes, at }) => (type === bson.document ? read(bytes, at) : undefined),
  );
}

/** Makes the function that reads a document's members in the order of the fields. */
export function createMembers(
  fields: readonly Field[],
  others: "drop" | "refuse",
): (bytes: Buffer, at: number) => unknown[] {
  const places = new Map(fields.map(({ name }, i) => [name, i]));
  return (bytes, at) => {
    const members: unknown[] = Array.from({ length: fields.length }, () => null);
    eachElement(bytes, at, (value, nameStart, nameEnd) => {
      const name = bytes.toString("utf8", nameStart, nameEnd);
      const place = places.get(name);
      if (place !== undefined) members[place] = within(name, () => fields[place]!.read(value));
      else if (others === "refuse") within(name, missing);
    });
    return members;
  };
}

function missing(): never {
  throw new Misfit("is a field that no document before it had");
}

function within<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Misfit) error.path.push(name);
    throw error;
  }
}
