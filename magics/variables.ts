import { inspect } from "node:util";
import type { Names } from "./magic.ts";
import { isSecretName, maskSecret } from "./secret.ts";

/** One line about a notebook's variable. */
export interface Variable {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly preview: string;
}

/** Describes every variable; never runs a getter and never fails, whatever the values are. */
export function describeVariables(names: Names): Variable[] {
  return Array.from(names.entries(), ({ name, kind, value }) => ({
    name,
    kind,
    type: typeOf(value),
    // What an object holds may be secret as well, so a suspicious name hides all of it.
    preview: isSecretName(name) && typeof value !== "function" ? maskSecret(name, "hidden") : preview(name, value),
  }));
}

function typeOf(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  try {
    if (Array.isArray(value)) return `Array(${value.length})`;
    const constructor: unknown = Object.getPrototypeOf(value)?.constructor;
    return typeof constructor === "function" && constructor.name ? constructor.name : "Object";
  } catch {
    return "object"; // A proxy may refuse all questions.
  }
}

function preview(name: string, value: unknown): string {
  const size = tableSize(value);
  if (size) return size;
  try {
    const short = typeof value === "string" && value.length > 2 * maxChars ? value.slice(0, 2 * maxChars) : value;
    const text = inspect(short, {
      depth: 0,
      customInspect: false,
      maxArrayLength: 6,
      maxStringLength: maxChars,
      breakLength: Infinity,
    });
    const line = maskSecret(name, text.replaceAll(/\s+/g, " "));
    return line.length > maxChars ? `${line.slice(0, maxChars - 1)}…` : line;
  } catch {
    return "(cannot be shown)";
  }
}

const maxChars = 80;

/** An Arrow table or a data frame says more by its size than by its fields. */
function tableSize(value: unknown): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  try {
    const { numRows, numCols } = value as { numRows?: unknown; numCols?: unknown };
    if (typeof numRows !== "number" || typeof numCols !== "number") return undefined;
    return `${numRows.toLocaleString("en")} rows × ${numCols}`;
  } catch {
    return undefined;
  }
}
