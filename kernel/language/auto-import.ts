import { createScanner } from "../cell/tokens.ts";
import type { ImportName } from "./import-names.ts";

/** Where a completion can bring an import: the statement at the cursor begins on its line, at the cell's top level. */
export interface ImportPlace {
  /** Offset at which the line begins. */
  readonly start: number;
  /** The line up to the name. */
  readonly head: string;
  readonly prefix: string;
}

// Shorter beginnings fit too much of all that could be imported.
const shortest = 3;

/**
 * Finds where an import could go. Jupyter replaces text up to the cursor: an import can stand only above its line, so not
 * where that is inside of a statement.
 */
export function findImportPlace(source: string, offset: number): ImportPlace | undefined {
  const before = source.slice(0, offset);
  const prefix = /[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.exec(before)?.[0] ?? "";
  if (prefix.length < shortest) return undefined;
  const start = before.lastIndexOf("\n") + 1;
  const head = before.slice(start, offset - prefix.length);
  if (/^\s*(?:%|[.?:,)\]}([*/&|^<>=+`-])|=\s*%|\bimport\b|["'`/.]\s*$/.test(head)) return undefined;
  // JupyterLab joins our list with the longer words of the cell, and then replaces the word alone.
  const longer = source.replace(prefix, "").includes(prefix) && countOf(source, prefix) > 1;
  return longer || !beginsStatement(before, start) ? undefined : { start, head, prefix };
}

function countOf(source: string, word: string): number {
  return source.split(word).length - 1;
}

/** Whether a line is at the top level, and the text before it is whole. */
function beginsStatement(source: string, lineStart: number): boolean {
  const scanner = createScanner(source);
  let depth = 0;
  for (let at = 0; at < lineStart;) {
    const token = scanner.read(at);
    at = token.end;
    if (at > lineStart) return false; // in a template or a comment
    if (token.kind === "open") depth += 1;
    if (token.kind === "close") depth -= 1;
  }
  const { previous } = scanner;
  return depth === 0 && (!previous || previous.endsValue || previous.text === ";" || previous.text === "}");
}

/** What the line becomes with the name and its import. */
export function withImport({ head }: ImportPlace, { name, module, isDefault }: ImportName): string {
  const indent = /^\s*/.exec(head)![0];
  const what = isDefault ? name : `{ ${name} }`;
  return `${indent}import ${what} from ${JSON.stringify(module)}\n${head}${name}`;
}
