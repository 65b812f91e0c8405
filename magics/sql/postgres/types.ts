import { Enums } from "./columns/enums.ts";
import { Bits, Days, DoubleWord, Instants, Intervals, Nulls, Shorts, Word } from "./columns/fixed.ts";
import { Arrays, Composites, Multiranges, Points, Ranges, Records } from "./columns/nested.ts";
import { Decimals, Money, NumericTexts } from "./columns/numeric.ts";
import { formatAddress, formatBits, formatMac, formatTimeTz } from "./columns/text-forms.ts";
import { Formatted, Uuids, Varied } from "./columns/varied.ts";
import { UnfitValue, type Writer } from "./columns/writer.ts";

/** Numbers of types that are the same in every database: PostgreSQL's `pg_type.dat`. */
export const oid = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  float4: 700,
  float8: 701,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const;

/** What the catalog says of a type that is not of the simple ones. */
export type TypeEntry =
  | { readonly kind: "enum"; readonly labels: readonly string[] }
  | { readonly kind: "domain"; readonly base: number; readonly modifier: number }
  | { readonly kind: "array" | "range" | "multirange"; readonly item: number }
  | { readonly kind: "composite"; readonly members: readonly TypeMember[] }
  | { readonly kind: "money"; readonly scale: number }
  /** Of a form that only PostgreSQL knows: it is asked for the text. */
  | { readonly kind: "text" };

/** A member of a composite type. */
export interface TypeMember {
  readonly name: string;
  readonly type: number;
  readonly modifier: number;
}

/** The types that were looked up. */
export interface TypeCatalog {
  get(type: number): TypeEntry | undefined;
  /** Has a type looked up anew, since it has changed. */
  forget(type: number): void;
}

const scalars: Readonly<Record<number, (modifier: number) => Writer>> = {
  [oid.bool]: () => new Bits(),
  [oid.bytea]: () => new Varied("binary"),
  18: () => new Varied(), // "char"
  19: () => new Varied(), // name
  [oid.int8]: () => new DoubleWord({ kind: "int", bits: 64, signed: true }),
  [oid.int2]: () => new Shorts(),
  [oid.int4]: () => new Word({ kind: "int", bits: 32, signed: true }),
  [oid.text]: () => new Varied(),
  26: () => new Word({ kind: "int", bits: 32, signed: false }), // oid
  28: () => new Word({ kind: "int", bits: 32, signed: false }), // xid
  29: () => new Word({ kind: "int", bits: 32, signed: false }), // cid
  [oid.json]: () => new Varied(),
  142: () => new Varied(), // xml
  600: () => new Points(newFloat8(), newFloat8()), // point
  650: () => new Formatted(formatAddress), // cidr
  [oid.float4]: () => new Word({ kind: "float", bits: 32 }),
  [oid.float8]: newFloat8,
  705: () => new Varied(), // unknown
  774: () => new Formatted(formatMac), // macaddr8
  829: () => new Formatted(formatMac), // macaddr
  869: () => new Formatted(formatAddress), // inet
  [oid.bpchar]: () => new Varied(),
  [oid.varchar]: () => new Varied(),
  [oid.date]: () => new Days(),
  [oid.time]: () => new DoubleWord({ kind: "time", unit: "microsecond" }),
  [oid.timestamp]: () => new Instants(),
  [oid.timestamptz]: () => new Instants("UTC"),
  1186: () => new Intervals(),
  1266: () => new Formatted(formatTimeTz),
  1560: () => new Formatted(formatBits), // bit
  1562: () => new Formatted(formatBits), // varbit
  [oid.numeric]: createNumeric,
  2278: () => new Nulls(), // void
  [oid.uuid]: () => new Uuids(),
  [oid.jsonb]: () => new Varied("utf8", 1), // behind its version
  5069: () => new DoubleWord({ kind: "int", bits: 64, signed: false }), // xid8
};
/** Its columns are known when its first value comes. */
const record = 2249;

function newFloat8(): Writer {
  return new DoubleWord({ kind: "float", bits: 64 });
}

const mostDigits = 38;
const modifierHeader = 4;

/** Precision and scale of a numeric's modifier as Arrow has them; undefined where Arrow has no such decimal. */
export function decimalOf(modifier: number): { readonly precision: number; readonly scale: number } | undefined {
  if (modifier < modifierHeader) return undefined;
  const packed = modifier - modifierHeader;
  // The scale has 11 bits, with sign: numeric(3, -2) are hundreds, numeric(2, 5) begins behind the point.
  const scale = ((packed & 0x7ff) ^ 0x400) - 0x400;
  const precision = Math.max((packed >>> 16) - Math.min(scale, 0), scale);
  return precision <= mostDigits ? { precision, scale: Math.max(scale, 0) } : undefined;
}

function createNumeric(modifier: number): Writer {
  const decimal = decimalOf(modifier);
  return decimal ? new Decimals(decimal.precision, decimal.scale) : new NumericTexts();
}

/** Tells whether the catalog has to be asked what a type is. */
export function needsLookup(type: number, catalog: TypeCatalog): boolean {
  return !(type in scalars) && type !== record && catalog.get(type) === undefined;
}

/** Tells whether a type's values are read in binary; else the server is asked for text. */
export function isBinary(type: number, catalog: TypeCatalog): boolean {
  if (type in scalars || type === record) return true;
  const entry = catalog.get(type);
  switch (entry?.kind) {
    case "enum":
    case "money":
      return true;
    case "domain":
      return isBinary(entry.base, catalog);
    case "array":
    case "range":
    case "multirange":
      return isBinary(entry.item, catalog);
    case "composite":
      return entry.members.every((member) => isBinary(member.type, catalog));
    case "text":
    case undefined:
      return false;
    default:
      return entry satisfies never;
  }
}

/** Makes the writer for a column of a type. */
export function createWriter(type: number, modifier: number, catalog: TypeCatalog): Writer {
  const scalar = scalars[type];
  if (scalar) return scalar(modifier);
  if (type === record) return new Records((member) => createMember(member, catalog));
  if (!isBinary(type, catalog)) return new Varied();
  const entry = catalog.get(type)!;
  const item = (of: number): Writer => createWriter(of, modifier, catalog);
  switch (entry.kind) {
    case "enum":
      return new Enums(entry.labels, () => catalog.forget(type));
    case "money":
      return new Money(entry.scale);
    case "domain":
      return createWriter(entry.base, entry.modifier, catalog);
    case "array":
      return new Arrays(item(entry.item));
    case "range":
      return new Ranges(item(entry.item), item(entry.item), () => new Bits());
    case "multirange":
      return new Multiranges(item(entry.item));
    case "composite":
      return new Composites(
        entry.members.map(({ name, type: of, modifier: own }) => ({ name, writer: createWriter(of, own, catalog) })),
      );
    case "text":
      return new Varied();
    default:
      return entry satisfies never;
  }
}

function createMember(type: number, catalog: TypeCatalog): Writer {
  if (isBinary(type, catalog)) return createWriter(type, -1, catalog);
  throw new UnfitValue(
    "a record holds a type that is not known before it comes; cast the record in the query, as in to_json(x) or x::text",
  );
}

/** Tells whether a column's type hangs on its values. */
export function isSettledByValues(type: number, catalog: TypeCatalog): boolean {
  if (type === record) return true;
  const entry = catalog.get(type);
  if (!entry || !isBinary(type, catalog)) return false;
  if (entry.kind === "composite") return entry.members.some((member) => isSettledByValues(member.type, catalog));
  if (entry.kind === "domain") return isSettledByValues(entry.base, catalog);
  return entry.kind === "array";
}
