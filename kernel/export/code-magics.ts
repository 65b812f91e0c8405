import type { Node } from "oxc-parser";
import { indent } from "./literals.ts";
import { declaredBy, findNames } from "./names.ts";
import { parse } from "./syntax.ts";

/** An identifier that stands where the last line shows nothing: it is taken away when the results are marked. */
export const nothing = "__nothing";

const ending = new RegExp(`\\n${nothing};$`);

/** A magic that runs code of the notebook. */
export interface CodeMagic {
  readonly name: string;
  readonly form: "line" | "cell";
  /** What stands before the code: options, or the name in which `%%capture` keeps its output. */
  readonly options: string;
  /** The code, without magics. */
  readonly code: string;
  /** `const x = ` where the value is kept. */
  readonly target: string;
}

/** What code magics need to know of the notebook. */
export interface CodeContext {
  api(name: string): string;
  /** Whether a name that the magic's code declares is needed outside of it. */
  isShared(name: string): boolean;
  /** A name that the notebook has not. */
  fresh(name: string): string;
}

/** Writes the call of a code magic: around a function, or around the code itself if its names are needed outside. */
export function codeMagic(magic: CodeMagic, context: CodeContext): string {
  const { name, options, target, form } = magic;
  const code = magic.code.replace(/^\n+|\s+$/g, "").replace(ending, "");
  const { body } = parse(code);
  const call = context.api(name);
  const kept = name === "capture" ? /^([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(options)?.[1] : undefined;
  const given = optionsOf(name, options, target !== "");
  const assign = kept === undefined ? target : `const ${kept} = `;
  // Of these only `%time` gives its code's value.
  const end = assign !== "" ? ";" : name === "time" ? "" : `;\n${nothing};`;
  const shared = [...new Set(findNames(body).declared.map((found) => found.name))].some((found) =>
    context.isShared(found),
  );
  if (shared && name !== "timeit") {
    const begun = context.fresh(name === "time" ? "timing" : "capturing");
    const [last] = lastExpression(body);
    const before = last ? code.slice(0, last.start) : `${code}\n`;
    const value = last ? code.slice(last.expression.start, last.expression.end) : "";
    const start = `const ${begun} = await ${call}.start(${given});`;
    return `${start}\n${before}${assign}await ${begun}.end(${value})${end || ";"}`;
  }
  const isAsync = /\bawait\b/.test(code) ? "async " : "";
  const [only] = body;
  if (form === "line" && body.length === 1 && only?.type === "ExpressionStatement") {
    const value = code.slice(only.expression.start, only.expression.end);
    return `${assign}await ${call}(${isAsync}() => ${value}${given && `, ${given}`})${end}`;
  }
  const wrapped = `await ${call}(${isAsync}() => {\n${indent(withReturn(code, body))}\n}${given && `, ${given}`})`;
  return `${assign}${wrapped}${end}`;
}

function optionsOf(name: string, options: string, quiet: boolean): string {
  const found: string[] = [];
  if (name === "capture") {
    for (const [, kind] of options.matchAll(/--no-(stdout|stderr|display)\b/g)) found.push(`${kind}: false`);
  }
  if (name === "timeit") {
    const loops = /-n\s*(\d+)/.exec(options)?.[1];
    const runs = /-r\s*(\d+)/.exec(options)?.[1];
    if (loops !== undefined) found.push(`loops: ${loops}`);
    if (runs !== undefined) found.push(`runs: ${runs}`);
    if (quiet) found.push("quiet: true");
  }
  return found.length > 0 ? `{ ${found.join(", ")} }` : "";
}

type ExpressionStatement = Extract<Node, { type: "ExpressionStatement" }>;

function lastExpression(body: readonly Node[]): ExpressionStatement[] {
  const last = body.findLast(({ type }) => type !== "EmptyStatement");
  if (last?.type !== "ExpressionStatement") return [];
  return last.expression.type === "Identifier" && last.expression.name === nothing ? [] : [last];
}

function withReturn(code: string, body: readonly Node[]): string {
  const [last] = lastExpression(body);
  return last && declaredBy(last).length === 0 ? `${code.slice(0, last.start)}return ${code.slice(last.start)}` : code;
}
