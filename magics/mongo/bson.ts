// Reads documents as the server sends them. Values are decoded straight into columns, so that their types stay exact: a
// driver's JavaScript values tell no 5 of 32 bits from one of 64 or a double.

/** Codes of BSON's types. */
export const bson = {
  double: 1,
  string: 2,
  document: 3,
  array: 4,
  binary: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  code: 13,
  symbol: 14,
  codeWithScope: 15,
  int32: 16,
  timestamp: 17,
  int64: 18,
  decimal128: 19,
  maxKey: 127,
  minKey: 255,
} as const;

/** Names of the types, as `$type` and error messages have them. */
export const typeNames: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Object.entries(bson).map(([name, code]) => [code, name])),
  [bson.int32]: "int",
  [bson.int64]: "long",
  [bson.decimal128]: "decimal",
  [bson.binary]: "binData",
  [bson.document]: "object",
};

/** One value where it stands in its document's bytes. */
export interface BsonValue {
  readonly bytes: Buffer;
  type: number;
  /** Where the value begins and ends. */
  at: number;
  end: number;
}

/** Calls `visit` for each element of the document that begins at `start`; `value` is the same object each time. */
export function eachElement(
  bytes: Buffer,
  start: number,
  visit: (value: BsonValue, nameStart: number, nameEnd: number) => void,
): void {
  const end = start + bytes.readInt32LE(start) - 1;
  const value: BsonValue = { bytes, type: 0, at: 0, end: start + 4 };
  while (value.end < end) {
    const nameStart = value.end + 1;
    let nameEnd = nameStart;
    while (bytes[nameEnd] !== 0) nameEnd++;
    value.type = bytes[value.end]!;
    value.at = nameEnd + 1;
    value.end = value.at + sizeOf(value.type, bytes, value.at);
    visit(value, nameStart, nameEnd);
  }
}

/** Looks at one element of a document, by its name. */
export function findElement(bytes: Buffer, name: string): BsonValue | undefined {
  let found: BsonValue | undefined;
  eachElement(bytes, 0, (value, start, end) => {
    if (bytes.toString("utf8", start, end) === name) found = { ...value };
  });
  return found;
}

function sizeOf(type: number, bytes: Buffer, at: number): number {
  switch (type) {
    case bson.double:
    case bson.date:
    case bson.timestamp:
    case bson.int64:
      return 8;
    case bson.string:
    case bson.code:
    case bson.symbol:
      return 4 + bytes.readInt32LE(at);
    case bson.document:
    case bson.array:
    case bson.codeWithScope:
      return bytes.readInt32LE(at);
    case bson.binary:
      return 5 + bytes.readInt32LE(at);
    case bson.objectId:
      return 12;
    case bson.bool:
      return 1;
    case bson.regex:
      return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
    case bson.dbPointer:
      return 4 + bytes.readInt32LE(at) + 12;
    case bson.int32:
      return 4;
    case bson.decimal128:
      return 16;
    case bson.undefined:
    case bson.null:
    case bson.minKey:
    case bson.maxKey:
      return 0;
    default:
      throw new TypeError(`the server sent a value of BSON type ${type}, which nobody knows`);
  }
}

/** True for null and the outdated undefined. */
export function isNull({ type }: BsonValue): boolean {
  return type === bson.null || type === bson.undefined;
}

/** The bytes of a string, symbol or code. */
export function textBytes({ bytes, at, end }: BsonValue): Buffer {
  return bytes.subarray(at + 4, end - 1);
}

/** The subtype of binary data; 4 is a UUID. */
export function binarySubtype({ bytes, at }: BsonValue): number {
  return bytes[at + 4]!;
}

/** The bytes of binary data. */
export function binaryBytes({ bytes, at, end }: BsonValue): Buffer {
  // The outdated subtype 2 has its length a second time.
  return bytes.subarray(at + (bytes[at + 4] === 2 ? 9 : 5), end);
}

/** A number of any type but decimals: bigint where it may be beyond the safe integers. */
export function readNumber({ bytes, type, at }: BsonValue): number | bigint {
  if (type === bson.int32) return bytes.readInt32LE(at);
  if (type === bson.double) return bytes.readDoubleLE(at);
  const high = bytes.readInt32LE(at + 4);
  if (high >= -0x20_0000 && high < 0x20_0000) return high * 0x1_0000_0000 + bytes.readUInt32LE(at);
  return bytes.readBigInt64LE(at);
}

/** Milliseconds since 1970. */
export function readDate({ bytes, at }: BsonValue): bigint {
  return bytes.readBigInt64LE(at);
}

/** `/pattern/flags`. */
export function readRegex({ bytes, at, end }: BsonValue): string {
  const middle = bytes.indexOf(0, at);
  return `/${bytes.toString("utf8", at, middle)}/${bytes.toString("utf8", middle + 1, end - 1)}`;
}

/** The usual text of a UUID's 16 bytes. */
export function uuidText(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
