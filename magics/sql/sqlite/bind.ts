import { bindableToJson, isBytes, isDate } from "../bindable-json.ts";
import { type Bindable, SqlFailure } from "../engine.ts";
import type { Parameter } from "./protocol.ts";

/** Turns a value into one that SQLite can store. */
export function toParameter(value: Bindable, index: number): Parameter {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  // Otherwise Node binds 1 as the float 1.0.
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
  if (typeof value === "bigint") {
    if (BigInt.asIntN(64, value) === value) return value;
    throw new SqlFailure("NumberOutOfRange", `value ${index + 1}, ${value}, has more than SQLite's 64 bits`, {
      hint: "Bind its text, as in ${String(x)}",
    });
  }
  if (isBytes(value)) return value;
  // In the form of SQLite's own functions for dates, by UTC, so that texts compare as the moments do.
  if (isDate(value)) return value.toISOString().replace("T", " ").replace("Z", "");
  return bindableToJson(value);
}
