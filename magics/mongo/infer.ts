import type { Driver } from "./driver.ts";
import {
  type Field,
  type Reader,
  binary,
  bool,
  decimal,
  float,
  int,
  json,
  list,
  nothing,
  serverTimestamp,
  struct,
  text,
  timestamp,
} from "./readers.ts";
import type { Kind, Shape } from "./shape.ts";

/** Nested documents with more members than this are taken for maps with data in their names, and become extended JSON. */
const mostMembers = 1_000;
const mostDigits = 38;

/** Makes the fields of documents of a shape; `others` says what is done with members that come later. */
export function inferFields(driver: Driver, shape: Shape, others: "drop" | "refuse"): Field[] {
  return [...shape.fields].map(([name, field]) => ({ name, ...infer(driver, field, others) }));
}

function infer(driver: Driver, shape: Shape, others: "drop" | "refuse"): Reader {
  const { kinds, item, fields } = shape;
  const [first] = kinds;
  if (first === undefined) return nothing;
  if ([...kinds].every((kind) => numeric.has(kind))) return inferNumber(driver, shape);
  if (kinds.size === 2 && kinds.has("binary") && kinds.has("uuid")) return binary;
  if (kinds.size > 1) return json(driver);
  if (first === "array") return list(item ? infer(driver, item, others) : nothing);
  if (first === "document")
    return fields.size > mostMembers || fields.size === 0
      ? json(driver)
      : struct(inferFields(driver, shape, others), others);
  const simple: Partial<Record<Kind, Reader>> = { bool, date: timestamp, binary, timestamp: serverTimestamp };
  return simple[first] ?? (first === "other" ? json(driver) : text(driver));
}

const numeric: ReadonlySet<Kind> = new Set<Kind>(["int32", "int64", "double", "decimal"]);

/** The narrowest type that holds all of the numbers exactly. */
function inferNumber(driver: Driver, { kinds, isWide, whole, scale }: Shape): Reader {
  const has = (kind: Kind): boolean => kinds.has(kind);
  if (has("decimal")) {
    const digits = Math.max(whole, has("int64") ? 19 : has("int32") ? 10 : 0);
    if (!has("double") && digits + scale <= mostDigits) return decimal(mostDigits, scale);
    return kinds.size === 1 ? text(driver) : json(driver);
  }
  if (has("double")) return isWide ? json(driver) : float(64);
  return int(has("int64") ? 64 : 32);
}
