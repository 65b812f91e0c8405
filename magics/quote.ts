import { MagicError } from "./magic.ts";

/** Quotes a value as one argument for the system's shell; an array as one argument each. */
export function quoteValue(value: unknown, platform: NodeJS.Platform = process.platform): string {
  const quote = platform === "win32" ? quoteForCmd : quoteForSh;
  return Array.isArray(value) ? value.map((one) => quote(argument(one))).join(" ") : quote(argument(value));
}

/** A value that has no text of its own is a mistake of the cell, and dangerous in `rm -r ${folder}`. */
function argument(value: unknown): string {
  const text = typeof value === "symbol" || typeof value === "function" ? undefined : textOf(value);
  if (text === undefined)
    throw new MagicError(
      "sh",
      `cannot pass ${describe(value)} to a command; give a string, a number or an array of them`,
    );
  if (text.includes("\0")) throw new MagicError("sh", "cannot pass text with a NUL character to a command; remove it");
  return text;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  try {
    const text = (value as string | number | URL).toString();
    return text.startsWith("[object ") && typeof value === "object" ? undefined : text;
  } catch {
    return undefined; // No toString, as in an object without a prototype.
  }
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function quoteForSh(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The shell of Windows expands `%` and reads `"` even within quotes; there is no safe way to write them. */
function quoteForCmd(text: string): string {
  if (/["%!\r\n]/.test(text)) {
    throw new MagicError(
      "sh",
      `cmd cannot take ${JSON.stringify(text)} as one argument; use node:child_process instead`,
    );
  }
  // A backslash before the closing quote would escape it for most programs.
  return /^[\w@+=:,./\\-]+$/.test(text) ? text : `"${text.replace(/\\+$/, "$&$&")}"`;
}
