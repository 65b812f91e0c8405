import { type MagicUse, findMagics } from "../cell/find-magics.ts";
import { closingBrace } from "../cell/tokens.ts";
import { magicSyntax } from "../../magics/index.ts";

/** Where in a cell's magics a cursor stands. */
export type MagicPlace =
  /** On the line of a magic or in the cell below it, in text that is the magic's own. */
  | {
      readonly kind: "text";
      readonly name: string;
      readonly part: "line" | "body";
      /** Where that text begins and ends in the cell. */
      readonly start: number;
      readonly end: number;
    }
  /** In code of the notebook that a magic holds: the cell with all that is no such code blanked out. */
  | { readonly kind: "code"; readonly code: string };

/** Finds the magic in whose text or code a cursor stands; undefined outside of magics, and in a magic's name. */
export function findMagicPlace(code: string, offset: number): MagicPlace | undefined {
  const use = useAt(code, offset);
  if (!use) return undefined;
  const nameEnd = use.start + (use.form === "cell" ? 2 : 1) + use.name.length;
  if (offset <= nameEnd) return undefined;
  const inBody = use.body !== undefined && offset >= use.body[0] && code[use.body[0] - 1] === "\n";
  const [start, end] = inBody
    ? use.body
    : [nameEnd, code.indexOf("\n", offset) < 0 || !use.body ? use.end : use.body[0] - 1];
  const codeAt = inBody ? start : use.form === "line" ? codeStart(code, use, nameEnd) : Number.POSITIVE_INFINITY;
  if (use.argument === "code" && offset >= codeAt) {
    return { kind: "code", code: blank(code.slice(0, codeAt)) + code.slice(codeAt) };
  }
  if (use.argument === "template") {
    const value = valueAt(code, start, end, offset);
    if (value !== undefined) return { kind: "code", code: blank(code.slice(0, value)) + code.slice(value, end) };
  }
  return { kind: "text", name: use.name, part: inBody ? "body" : "line", start, end };
}

/** The innermost magic around a cursor. */
function useAt(code: string, offset: number): MagicUse | undefined {
  const around = usesIn(code).filter((use) => use.start < offset && offset <= use.end);
  return around.at(-1) ?? alone(code, offset);
}

/** A line by itself, where the cell as a whole cannot be read yet. */
function alone(code: string, offset: number): MagicUse | undefined {
  const from = code.lastIndexOf("\n", offset - 1) + 1;
  const shown = blank(code.slice(0, from)) + code.slice(from).split("\n", 1)[0]!;
  if (!/^\s*(?:[^\n]*=\s*)?%[a-z]/iu.test(shown.slice(from))) return undefined;
  return usesIn(shown).find((use) => use.form === "line" && use.start < offset && offset <= use.end);
}

function usesIn(code: string): MagicUse[] {
  try {
    return findMagics(code, { magics: magicSyntax }).filter((use) => use.type === "magic");
  } catch {
    return []; // an unknown magic, or one that is not finished yet
  }
}

/** Where the code of a `code` magic begins on its line, behind options such as `-n 10`. */
function codeStart(code: string, use: MagicUse, nameEnd: number): number {
  if (use.options) return use.options[1];
  const [options = ""] = /^(?:\s+-[a-z]*(?:\s+\d*)?$)?/.exec(code.slice(nameEnd, use.end)) ?? [];
  return options === "" ? nameEnd : Number.POSITIVE_INFINITY;
}

/** Where the expression of the `${…}` begins in which a cursor stands. */
function valueAt(code: string, start: number, end: number, offset: number): number | undefined {
  for (let at = start; at < offset - 1; at += 1) {
    if (code.startsWith("\\${", at)) at += 2;
    else if (code.startsWith("${", at)) {
      const close = Math.min(closingBrace(code, at + 2), end);
      if (offset >= at + 2 && (offset <= close || code[close] !== "}")) return at + 2;
      at = close;
    }
  }
  return undefined;
}

function blank(code: string): string {
  return code.replaceAll(/[^\n]/g, " ");
}
