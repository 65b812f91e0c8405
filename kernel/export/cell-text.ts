import { type HelpUse, type MagicUse, findMagics } from "../cell/find-magics.ts";
import type { MagicsInfo } from "../cell/options.ts";
import { assignee } from "../cell/split-magics.ts";
import { closingBrace } from "../cell/tokens.ts";
import { type CodeContext, codeMagic, nothing } from "./code-magics.ts";
import { type Part, comment } from "./literals.ts";
import { type FormContext, formOf } from "./magic-forms.ts";
import type { SqlNames } from "./sql-text.ts";

/** What turning a cell's magics into code needs to know. */
export interface CellTextContext extends Omit<FormContext, "sql">, CodeContext {
  readonly magics: MagicsInfo;
  /** How names in a query become values, below the text that stands above it in its cell. */
  sqlBelow(above: string): SqlNames;
  /** Tells of a magic that was left out. */
  leftOut(use: string, why: string): void;
}

/** Turns a cell into plain TypeScript: each magic becomes its call, or a comment that says why there is none. */
export function toCellText(source: string, context: CellTextContext, above = ""): string {
  const uses = findMagics(source, context.magics);
  let text = "";
  let at = 0;
  for (const use of uses) {
    if (use.start < at) continue; // inside the code of a magic that is done
    const from = use.type === "magic" ? (use.assignedFrom ?? use.start) : use.start;
    text += source.slice(at, Math.max(at, from));
    text += use.type === "help" ? help(source, use) : magic(source, use, context, above);
    at = use.end;
  }
  return text + source.slice(at);
}

function help(source: string, { start, end }: HelpUse): string {
  return `${comment(source.slice(start, end).trim())}\n${nothing};`;
}

function magic(source: string, use: MagicUse, context: CellTextContext, outside: string): string {
  const above = outside + source.slice(0, use.assignedFrom ?? use.start);
  const target = use.assignedFrom === undefined ? "" : source.slice(use.assignedFrom, use.start);
  if (use.argument === "code") {
    const code = toCellText(source.slice(...(use.body ?? use.line)), context, above);
    const options = source.slice(...(use.body ? use.line : (use.options ?? [0, 0]))).trim();
    return codeMagic({ name: use.name, form: use.form, options, code, target }, context);
  }
  const assigned = assignee(source, use);
  const isKept = use.assignedFrom !== undefined || assigned !== undefined;
  const line = (assigned?.lines ?? [use.line]).flatMap(([start, end]) => partsOf(source, use, start, end));
  const body = use.body && partsOf(source, use, ...use.body);
  const form = formOf({ name: use.name, line, body, assigned: isKept }, { ...context, sql: context.sqlBelow(above) });
  const written = source.slice(use.start, use.form === "cell" ? use.line[1] : use.end).trim();
  if ("why" in form) {
    context.leftOut(written, form.why);
    const said = comment(`${source.slice(use.start, use.end).trim()}\n(left out: ${form.why})`);
    if (!isKept) return `${said}\n${nothing};`;
    return `${said}\n${assigned ? `const ${assigned.name} = ` : target}${form.kept ?? "undefined"};`;
  }
  if (assigned) return `const ${assigned.name} = ${form.code};${use.form === "cell" ? `\n${assigned.name}` : ""}`;
  if (isKept) return `${target}${form.code};`;
  return form.value ? form.code : `${form.code.replace(/;$/, "")};\n${nothing};`;
}

/** The text of a magic between two offsets, with its `${…}` where they are expressions. */
function partsOf(source: string, use: MagicUse, start: number, end: number): Part[] {
  const parts: Part[] = [];
  let text = "";
  for (let at = start; at < end;) {
    const rest = source.slice(at, end);
    const continued = use.form === "line" ? /^\\[^\S\n]*\n/.exec(rest) : null;
    if (continued) at += continued[0].length;
    else if (use.argument === "template" && rest.startsWith("\\${")) {
      text += "${";
      at += 3;
    } else if (use.argument === "template" && rest.startsWith("${")) {
      const close = Math.min(closingBrace(source, at + 2), end);
      parts.push(text, { code: source.slice(at + 2, close).trim() });
      text = "";
      at = close + 1;
    } else {
      text += source.charAt(at);
      at += 1;
    }
  }
  return text === "" && parts.length > 0 ? parts : [...parts, text];
}
