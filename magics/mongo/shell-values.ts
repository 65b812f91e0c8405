import type { Driver } from "./driver.ts";
import type { ShellName } from "./shell-names.ts";

interface Parts {
  t: number;
  i: number;
}

/** What a body may use beside the notebook's names: the types of BSON, with or without `new`, as the MongoDB shell has them. */
export function shellValues(driver: Driver): Readonly<Record<ShellName, unknown>> {
  const { Binary, Code, DBRef, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } = driver;
  return {
    ObjectId: callable(ObjectId),
    UUID: callable(UUID),
    Binary: callable(Binary),
    Code: callable(Code),
    DBRef: callable(DBRef),
    Int32: callable(Int32),
    Double: callable(Double),
    Long: callable(Long),
    MinKey: callable(MinKey),
    MaxKey: callable(MaxKey),
    Decimal128: callable(Decimal128),
    Timestamp: shellFunction((t: number | Parts, i = 0) => new Timestamp(typeof t === "number" ? { t, i } : t)),
    ISODate: shellFunction(isoDate),
    NumberInt: shellFunction((value: number | string = 0) => new Int32(Number(value))),
    NumberLong: shellFunction((value: number | string | bigint = 0) => numberLong(driver, value)),
    NumberDecimal: shellFunction((value: number | string = 0) => Decimal128.fromString(String(value))),
    BinData: shellFunction((subtype: number, base64: string) => new Binary(Buffer.from(base64, "base64"), subtype)),
    HexData: shellFunction((subtype: number, hex: string) => new Binary(Buffer.from(hex, "hex"), subtype)),
  };
}

function numberLong({ Long }: Driver, value: number | string | bigint): object {
  const number = BigInt(value);
  if (BigInt.asIntN(64, number) !== number) throw new RangeError(`NumberLong(${value}) is more than 64 bits hold`);
  return Long.fromBigInt(number);
}

function callable(type: object): unknown {
  return new Proxy(type, {
    apply: (target, _this, values): object =>
      Reflect.construct<unknown[], object>(target as new (...values: unknown[]) => object, values),
  });
}

/** A function that `new` may stand before, too. */
function shellFunction(make: (...values: never[]) => object): unknown {
  return function (...values: never[]) {
    return make(...values);
  };
}

function isoDate(text?: string): Date {
  if (text === undefined) return new Date();
  // Without a zone, the shell means UTC.
  const date = new Date(/(?:z|[+-]\d\d:?\d\d)$/i.test(text) || /^\d{4}(?:-\d\d){0,2}$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(Number(date)))
    throw new RangeError(`ISODate("${text}") is no date. Write it as 2024-05-17T10:30:00Z`);
  return date;
}
