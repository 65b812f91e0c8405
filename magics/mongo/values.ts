import type { Driver } from "./driver.ts";

const wrappers = new Set([
  "$oid",
  "$uuid",
  "$date",
  "$symbol",
  "$numberInt",
  "$numberLong",
  "$numberDouble",
  "$numberDecimal",
  "$binary",
  "$timestamp",
  "$regularExpression",
  "$minKey",
  "$maxKey",
  "$dbPointer",
]);

/**
 * Makes a cell's value one that the driver writes exactly: wrappers of extended JSON become their values, and what BSON
 * would change silently (half surrogates, integers of more than 64 bits, undefined, functions) is refused with its place.
 */
export function toBson(driver: Driver, value: unknown, path = "the value"): unknown {
  return convert({ driver, open: new Set() }, value, path);
}

interface Visit {
  readonly driver: Driver;
  readonly open: Set<object>;
}

function convert(visit: Visit, value: unknown, path: string): unknown {
  switch (typeof value) {
    case "string":
      return checkText(value, path);
    case "bigint":
      if (BigInt.asIntN(64, value) !== value)
        throw new TypeError(`${path} is ${value}, more than 64 bits hold. Write NumberDecimal("${value}") or a text`);
      return value;
    case "undefined":
      throw new TypeError(`${path} is undefined. Write null, or leave it out`);
    case "function":
    case "symbol":
      throw new TypeError(`${path} is a ${typeof value}, which no document can hold`);
    case "object":
      return value === null ? null : convertObject(visit, value, path);
    case "boolean":
    case "number":
    default:
      return value;
  }
}

function convertObject(visit: Visit, value: object, path: string): unknown {
  const { open } = visit;
  // Values may come from another realm or another copy of the driver: they are told by their tags.
  if ("_bsontype" in value) return value;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === "Date") {
    if (Number.isNaN(Number(value))) throw new TypeError(`${path} is an invalid Date. Look at how it was made`);
    return new Date(Number(value));
  }
  if (tag === "RegExp") return checkRegex(value as RegExp, path);
  if (tag === "Uint8Array") return Buffer.from(value as Uint8Array);
  if (tag === "ArrayBuffer") return Buffer.from(value as ArrayBuffer);
  if (tag === "Set") throw new TypeError(`${path} is a Set. Write [...set]`);
  if (ArrayBuffer.isView(value)) throw new TypeError(`${path} is a ${tag}. Write [...values], or its bytes`);
  if (open.has(value)) throw new TypeError(`${path} refers to itself, which no document can do`);
  open.add(value);
  const result = convertMembers(visit, value, path, tag);
  open.delete(value);
  return result;
}

function convertMembers(visit: Visit, value: object, path: string, tag: string): unknown {
  if (Array.isArray(value)) return Array.from(value, (item, i) => convert(visit, item, `${path}[${i}]`));
  const toJson = (value as { toBSON?: unknown }).toBSON;
  if (typeof toJson === "function") return convert(visit, toJson.call(value), path);
  const entries = tag === "Map" ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  const wrapped = fromWrapper(visit.driver, entries, path);
  if (wrapped !== undefined) return wrapped.value;
  const members = entries.map(([name, member]): [string, unknown] => {
    const key = checkText(String(name), `a name in ${path}`);
    if (key.includes("\0"))
      throw new TypeError(`a name in ${path} has a NUL character, which BSON's names cannot have`);
    return [key, convert(visit, member, `${path}.${key}`)];
  });
  // A Map may have an order that an object cannot have.
  return tag === "Map" ? new Map(members) : Object.fromEntries(members);
}

/** Reads `{ $oid: "…" }` and its like. */
function fromWrapper(
  { BSON }: Driver,
  entries: readonly (readonly [unknown, unknown])[],
  path: string,
): { value: unknown } | undefined {
  const names = entries.map(([name]) => String(name));
  const isCode = names[0] === "$code" && names.every((name) => name === "$code" || name === "$scope");
  if (!(names.length === 1 && wrappers.has(names[0]!)) && !isCode) return undefined;
  const [, content] = entries[0]!;
  // A query has this name too, with a date's value where that is no text.
  if (names[0] === "$date" && Object.prototype.toString.call(content) === "[object Date]") return { value: content };
  try {
    return { value: BSON.EJSON.deserialize(Object.fromEntries(entries) as never, { relaxed: false }) as unknown };
  } catch (error) {
    throw new TypeError(`${path} is no ${names[0]}: ${(error as Error).message}`, { cause: error });
  }
}

function checkText(text: string, path: string): string {
  if (text.isWellFormed()) return text;
  throw new TypeError(
    `${path} has half a surrogate pair, which UTF-8 cannot hold. Cut texts between characters, or mend it by .toWellFormed()`,
  );
}

function checkRegex(regex: RegExp, path: string): RegExp {
  const unknown = regex.flags.replaceAll(/[imsgu]/g, "");
  if (unknown !== "") throw new TypeError(`${path} is ${String(regex)}: the server knows the flags i, m and s only`);
  return new RegExp(regex.source, regex.flags.replaceAll(/[gu]/g, ""));
}
