import type { ColumnType } from "./columnar.ts";

/** A column's type, and what turns a value into the form that the type's writer takes (see `createWriter`). */
export interface RowReader {
  readonly type: ColumnType;
  read(value: unknown): unknown;
}

type Kind = "bool" | "number" | "bigint" | "text" | "date" | "bytes" | "list" | "object";

/** What was found in one place of all rows. */
interface Shape {
  readonly kinds: Map<Kind, number>;
  /** Whether each number is a whole one that 32 bits hold, and that a bigint holds. */
  fits32: boolean;
  isWhole: boolean;
  least: bigint;
  most: bigint;
  item: Shape | undefined;
  readonly members: Map<string, Shape>;
}

/**
 * Finds the narrowest type that holds the values of one column exactly. Throws a TypeError, which names the column and a row,
 * for what has none: values of several kinds, and values that would change silently.
 */
export function inferColumn(name: string, values: readonly unknown[]): RowReader {
  const shape = createShape();
  for (const [row, value] of values.entries()) look(shape, value, `the column "${name}" of rows[${row}]`, row);
  return readerOf(shape, `the column "${name}"`);
}

function createShape(): Shape {
  return { kinds: new Map(), fits32: true, isWhole: true, least: 0n, most: 0n, item: undefined, members: new Map() };
}

/** Takes a value into the shape. `at` says where it is. */
function look(shape: Shape, value: unknown, at: string, row: number): void {
  if (value === null || value === undefined) return;
  const kind = kindOf(value, at);
  if (!shape.kinds.has(kind)) shape.kinds.set(kind, row);
  switch (kind) {
    case "number":
      shape.fits32 &&= Object.is(value, (value as number) | 0);
      shape.isWhole &&= Number.isSafeInteger(value) && !Object.is(value, -0);
      break;
    case "bigint":
      if ((value as bigint) < shape.least) shape.least = value as bigint;
      if ((value as bigint) > shape.most) shape.most = value as bigint;
      break;
    case "text":
      if (!(value as string).isWellFormed())
        throw new TypeError(`${at} holds half of a surrogate pair, which UTF-8 cannot. Mend it by .toWellFormed()`);
      break;
    case "date":
      if (Number.isNaN((value as Date).getTime()))
        throw new TypeError(`${at} is an invalid Date. Check how it was made, or give null`);
      break;
    case "list":
      shape.item ??= createShape();
      for (const item of value as Iterable<unknown>) look(shape.item, item, at, row);
      break;
    case "object":
      for (const [key, item] of Object.entries(objectOf(value))) {
        const member = shape.members.get(key) ?? createShape();
        shape.members.set(key, member);
        look(member, item, at, row);
      }
      break;
    case "bool":
    case "bytes":
      break;
    default:
      kind satisfies never;
  }
}

function kindOf(value: unknown, at: string): Kind {
  const type = typeof value;
  if (type === "object") return kindOfObject(value as object, at);
  const kind = scalars[type];
  if (!kind) throw new TypeError(`${at} is a ${type}, for which Arrow has no type. Leave the column out`);
  return kind;
}

const scalars: Readonly<Record<string, Kind>> = {
  boolean: "bool",
  number: "number",
  bigint: "bigint",
  string: "text",
};

/** The value may come from another realm, so its tag is asked rather than its class. */
function kindOfObject(value: object, at: string): Kind {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (isBigNumber in value)
    throw new TypeError(`${at} is an Arrow decimal, which does not know its point. Cast it to a text in the query`);
  if (tag === "Date") return "date";
  if (tag === "Uint8Array" || tag === "ArrayBuffer") return "bytes";
  if (Array.isArray(value) || isVector(value)) return "list";
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return "list";
  if (tag === "Row") return "object";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return "object";
  const { name = "object" } = (value as { constructor?: { name?: string } }).constructor ?? {};
  const hint =
    tag === "Map"
      ? "Object.fromEntries(map)"
      : tag === "Set"
        ? "[...set]"
        : "its text or its parts, as in String(value)";
  throw new TypeError(`${at} is an object of class ${name}, for which Arrow has no type. Give ${hint}`);
}

/** Arrow's mark of its 128-bit numbers. */
const isBigNumber = Symbol.for("isArrowBigNum");

/** Tells an Arrow vector, of whichever copy of the package. */
function isVector(value: object): boolean {
  return "numChildren" in value && "toArray" in value && Symbol.iterator in value;
}

/** The members of an object; a row of an Arrow struct gives its own. */
function objectOf(value: unknown): object {
  const isRow = Object.prototype.toString.call(value) === "[object Row]";
  return isRow ? (value as { toJSON(): object }).toJSON() : (value as object);
}

const sameKind = "Make them alike, as with String(value)";

function readerOf(shape: Shape, where: string): RowReader {
  const [first, second] = [...shape.kinds.keys()];
  if (first === undefined) return { type: { kind: "null" }, read: () => null };
  if (second !== undefined) return mixedReader(shape, where);
  switch (first) {
    case "bool":
      return { type: { kind: "bool" }, read: same };
    case "number":
      return { type: shape.fits32 ? { kind: "int", bits: 32, signed: true } : { kind: "float", bits: 64 }, read: same };
    case "bigint":
      return { type: integerType(shape, where), read: same };
    case "text":
      return { type: { kind: "utf8" }, read: same };
    case "date":
      return {
        type: { kind: "timestamp", unit: "millisecond", timezone: "UTC" },
        read: nullOr((value) => BigInt((value as Date).getTime())),
      };
    case "bytes":
      return {
        type: { kind: "binary" },
        read: nullOr((value) => (ArrayBuffer.isView(value) ? value : new Uint8Array(value as ArrayBuffer))),
      };
    case "list": {
      const item = readerOf(shape.item!, `an array of ${where}`);
      return {
        type: { kind: "list", child: { name: "item", type: item.type } },
        read: nullOr((value) => Array.from(value as Iterable<unknown>, (each) => item.read(each))),
      };
    }
    case "object":
      return structReader(shape, where);
    default:
      return first satisfies never;
  }
}

function structReader({ members }: Shape, where: string): RowReader {
  if (members.size === 0) throw new TypeError(`${where} holds objects without members, for which Arrow has no type`);
  const readers = [...members].map(([name, member]) => ({ name, ...readerOf(member, `"${name}" in ${where}`) }));
  return {
    type: { kind: "struct", children: readers.map(({ name, type }) => ({ name, type })) },
    read: nullOr((value) => {
      const object = objectOf(value) as Readonly<Record<string, unknown>>;
      return readers.map(({ name, read }) => read(Object.hasOwn(object, name) ? object[name] : null));
    }),
  };
}

/** Whole numbers may stand beside bigints; nothing else may stand beside what is of another kind. */
function mixedReader(shape: Shape, where: string): RowReader {
  const [[one, oneAt], [other, otherAt]] = [...shape.kinds] as [[Kind, number], [Kind, number]];
  const isNumbers = shape.kinds.size === 2 && shape.kinds.has("number") && shape.kinds.has("bigint");
  if (isNumbers && shape.isWhole)
    return { type: integerType(shape, where), read: nullOr((value) => BigInt(value as number)) };
  if (isNumbers)
    throw new TypeError(
      `${where} holds bigints beside numbers that are not whole, or too large to be exact: no type holds both exactly. ${sameKind}`,
    );
  throw new TypeError(
    `${where} holds values of more than one kind: ${nouns[one]} in rows[${oneAt}], ${nouns[other]} in rows[${otherAt}]. ${sameKind}`,
  );
}

const nouns: Readonly<Record<Kind, string>> = {
  bool: "a boolean",
  number: "a number",
  bigint: "a bigint",
  text: "a text",
  date: "a Date",
  bytes: "bytes",
  list: "an array",
  object: "an object",
};

const mostDecimal = 10n ** 38n - 1n;

function integerType({ least, most }: Shape, where: string): ColumnType {
  if (BigInt.asIntN(64, least) === least && BigInt.asIntN(64, most) === most)
    return { kind: "int", bits: 64, signed: true };
  if (least === 0n && BigInt.asUintN(64, most) === most) return { kind: "int", bits: 64, signed: false };
  if (most <= mostDecimal && least >= -mostDecimal) return { kind: "decimal", precision: 38, scale: 0 };
  throw new TypeError(
    `${where} holds an integer of more than 38 digits, which no type holds. Give texts: String(value)`,
  );
}

function same(value: unknown): unknown {
  return value;
}

function nullOr(turn: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) => (value === null || value === undefined ? null : turn(value));
}
