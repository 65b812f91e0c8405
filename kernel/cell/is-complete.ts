import { isDeep } from "./depth.ts";
import { CellSyntaxError } from "./errors.ts";
import type { MagicsInfo } from "./options.ts";
import { pickNames, wordsOf } from "./param-names.ts";
import { splitMagics } from "./split-magics.ts";
import { toJavaScript } from "./to-javascript.ts";

/** Whether a console may run a text, or must ask for another line, which begins with `indent`. */
export type Completeness =
  | { readonly status: "complete" | "invalid" | "unknown" }
  | { readonly status: "incomplete"; readonly indent: string };

// Where the magics are not known, every name is one.
const anyMagic: MagicsInfo = { magics: () => ({ line: "text", cell: "text" }) };

// `%%name`, but no question `%%name?`; a console's cell magic ends with an empty line, as in IPython.
const openCellMagic = /^\s*%%[\p{ID_Start}$_][\p{ID_Continue}$]*(?:[^\S\n][^\n]*)?(?:$|\n(?![^]*\S[^]*\n[^\S\n]*$))/u;

/** Says whether a text is a whole cell, the beginning of one, or wrong whatever follows; `unknown` for what is nested deep. */
export function isComplete(source: string, info: MagicsInfo = anyMagic): Completeness {
  if (isDeep(source)) return { status: "unknown" };
  try {
    toJavaScript(splitMagics(source, info, pickNames(wordsOf(source))).code);
    if (openCellMagic.test(source)) return { status: "incomplete", indent: indentAfter(source) };
    return { status: "complete" };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    if (error.atEnd) return { status: "incomplete", indent: indentAfter(source) };
    // An unknown magic is a whole line: running it says what is wrong with it.
    return { status: error.name === "UsageError" ? "complete" : "invalid" };
  }
}

function indentAfter(source: string): string {
  const last = source.trimEnd().split("\n").at(-1) ?? "";
  const indent = /^\s*/.exec(last)?.[0] ?? "";
  return /[([{]$/.test(last) ? `${indent}  ` : indent;
}
