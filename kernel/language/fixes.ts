import type { Stretch } from "./cell-names.ts";
import { findPythonFix } from "./python-fixes.ts";
import { pathAt } from "./syntax.ts";
import { findTyping } from "./typing-fixes.ts";

/** What would mend a problem, in places of the cell's plain code. */
export interface CodeFix {
  readonly title: string;
  readonly edits: readonly { readonly start: number; readonly end: number; readonly newText: string }[];
}

// "Did you mean": a member, a name, an export, a property of an object.
const misspelt = new Set([2551, 2552, 2561, 2724]);
// "is possibly null": by name, where there is none, or of what is called.
const possiblyEmpty = new Set([18047, 18048, 18049, 2531, 2532, 2533, 2721, 2722, 2723]);
// A promise where its value would do: as an object, a value, an argument, a condition.
const unawaited = /(?:\bon type|^Type|^Argument of type|since this) 'Promise</;
const longest = 60;

/** Finds what would mend a problem without a change of what is meant. */
export function findFixes(code: number, message: string, text: string, at: Stretch, tsx: boolean): CodeFix[] {
  const python = findPythonFix(code, text, at, tsx);
  if (python) return [python];
  if (misspelt.has(code)) return spelling(message, at);
  if (possiblyEmpty.has(code)) return optionalChain(text, at, tsx);
  return unawaited.test(message) ? missingAwait(text, at, tsx) : findTyping(code, message, text, at, tsx);
}

function spelling(message: string, at: Stretch): CodeFix[] {
  const meant = /Did you mean (?:to write )?'([\p{ID_Start}$_#][\p{ID_Continue}$]*)'\?/u.exec(message)?.[1];
  return meant === undefined ? [] : [{ title: meant, edits: [{ ...at, newText: meant }] }];
}

/** `a.b` → `a?.b`; not where it is assigned. */
function optionalChain(text: string, at: Stretch, tsx: boolean): CodeFix[] {
  const { start, end } = at;
  const [, dot, bracket, member = ""] =
    /^(?:(\.)|([[(]))([\p{ID_Continue}$#]*)/u.exec(text.slice(end, end + longest)) ?? [];
  if (dot === undefined && bracket === undefined) return [];
  if (/^\.[\p{ID_Continue}$#]+\s*(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>])/u.test(text.slice(end))) return [];
  const next = dot === undefined ? text.slice(end, pathAt(text, at, tsx).at(-2)?.end ?? end + 1) : member;
  const title = `${short(text.slice(start, end))}?.${short(next)}`;
  return [{ title, edits: [{ start: end, end, newText: dot === undefined ? "?." : "?" }] }];
}

/** `f().b` → `(await f()).b`, and `f()` → `await f()` where a value is expected; only where `await` can stand. */
function missingAwait(text: string, at: Stretch, tsx: boolean): CodeFix[] {
  const path = pathAt(text, at, tsx);
  const inside = path.findLast(({ type }) => /Function|StaticBlock|PropertyDefinition/.test(type));
  if (inside && !("async" in inside && inside.async)) return [];
  const [node, parent] = [path.at(-1), path.at(-2)];
  if (!node) return [];
  const slice = ({ start, end }: Stretch): string => short(text.slice(start, end));
  if (parent?.type === "MemberExpression" && parent.property === node && !parent.computed) {
    const { object } = parent;
    return [
      {
        title: `(await ${slice(object)}).${slice(node)}`,
        edits: [
          { start: object.start, end: object.start, newText: "(await " },
          { start: object.end, end: object.end, newText: ")" },
        ],
      },
    ];
  }
  // The name that is declared stands for its value.
  const value = parent?.type === "VariableDeclarator" && parent.id === node ? parent.init : node;
  if (!value || !/^(?:Call|Identifier|Member|New)/.test(value.type)) return [];
  return [{ title: `await ${slice(value)}`, edits: [{ start: value.start, end: value.start, newText: "await " }] }];
}

/** Whether what stands at a place is a type. */
export function isTypeAt(text: string, at: Stretch, tsx: boolean): boolean {
  const around = pathAt(text, at, tsx).slice(-2);
  return around.some(({ type }) => /^TS(?:TypeReference|QualifiedName|InterfaceHeritage|ClassImplements)$/.test(type));
}

function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
