import type { Node } from "oxc-parser";
import type { Stretch } from "./cell-names.ts";
import type { CodeFix } from "./fixes.ts";
import { pathAt } from "./syntax.ts";

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
const onEmptyObject = /(?:^Property '.+' does not exist on|index) type '\{\}'/;
const onBuffer = /^Property '(.+)' does not exist on type '(?:NonShared)?Buffer\b/;
const unknownCodes = new Set([18046, 2571]);
const globalCode = 7017;
const ofErrors = new Set(["message", "name", "stack", "cause"]);
const ofSystemErrors = new Set(["code", "errno", "syscall", "path"]);

/** Finds what would give a type to what has none, or one that says too little. */
export function findTyping(code: number, message: string, text: string, at: Stretch, tsx: boolean): CodeFix[] {
  if (unknownCodes.has(code)) return cast(text, at, tsx);
  if (code === globalCode) return globalVariable(message, text, at);
  if (onEmptyObject.test(message)) return record(text, at, tsx);
  const member = onBuffer.exec(message)?.[1];
  return member !== undefined && member in String.prototype ? decoded(text, at, tsx) : [];
}

/** `e.message` → `(e as Error).message`. */
function cast(text: string, at: Stretch, tsx: boolean): CodeFix[] {
  const [, access, member = ""] = new RegExp(`^(\\.(${name})|\\[[^\\[\\]\n]*\\])`, "u").exec(text.slice(at.end)) ?? [];
  if (access === undefined) return [];
  const value = text.slice(at.start, at.end);
  const isCaught = pathAt(text, at, tsx).some(
    (node) => node.type === "CatchClause" && node.param?.type === "Identifier" && node.param.name === value,
  );
  const system = ofSystemErrors.has(member) ? "NodeJS.ErrnoException" : "any";
  const type = !isCaught ? "any" : ofErrors.has(member) ? "Error" : system;
  return [
    {
      title: `(${value} as ${type})${access}`,
      edits: [
        { start: at.start, end: at.start, newText: "(" },
        { start: at.end, end: at.end, newText: ` as ${type})` },
      ],
    },
  ];
}

/** `globalThis.shared`: its declaration. */
function globalVariable(message: string, text: string, at: Stretch): CodeFix[] {
  const property = text.slice(at.start, at.end);
  if (!message.includes("'typeof globalThis'") || !new RegExp(`^${name}$`, "u").test(property)) return [];
  const title = `declare global { var ${property}: any }`;
  return [{ title, edits: [{ start: 0, end: 0, newText: `${title}\n` }] }];
}

/** `const o = {}` → `const o: Record<string, any> = {}`, also where another cell declares it. */
function record(text: string, at: Stretch, tsx: boolean): CodeFix[] {
  const path = pathAt(text, at, tsx);
  const member = path.findLast((node) => node.type === "MemberExpression");
  if (member?.object.type !== "Identifier") return [];
  const declared = `${member.object.name}: Record<string, any>`;
  const escaped = member.object.name.replaceAll("$", String.raw`\$`);
  const found = new RegExp(String.raw`(?<![\p{ID_Continue}$])(const|let|var)\s+${escaped}(?=\s*=\s*\{\s*\})`, "u").exec(
    text,
  );
  const title = `${found?.[1] ?? "const"} ${declared} = {}`;
  if (!found) return [{ title, edits: [] }];
  const end = found.index + found[0].length;
  return [{ title, edits: [{ start: end, end, newText: ": Record<string, any>" }] }];
}

/** `readFileSync(path).split` → `readFileSync(path, "utf8")`; of other bytes, `bytes.toString().split`. */
function decoded(text: string, at: Stretch, tsx: boolean): CodeFix[] {
  const member = pathAt(text, at, tsx).at(-2);
  if (member?.type !== "MemberExpression") return [];
  const { object } = member;
  const call = reading(object);
  const [path] = call?.arguments ?? [];
  if (call && path && call.arguments.length === 1) {
    const title = `${text.slice(call.start, path.end)}, "utf8")`;
    return [{ title, edits: [{ start: path.end, end: path.end, newText: ', "utf8"' }] }];
  }
  const title = `${text.slice(object.start, object.end)}.toString().${text.slice(at.start, at.end)}`;
  return [{ title, edits: [{ start: object.end, end: object.end, newText: ".toString()" }] }];
}

/** The call that has read a file. */
function reading(node: Node): Extract<Node, { type: "CallExpression" }> | undefined {
  if (node.type === "AwaitExpression") return reading(node.argument);
  if (node.type === "ParenthesizedExpression") return reading(node.expression);
  if (node.type !== "CallExpression") return undefined;
  const { callee } = node;
  const called = callee.type === "MemberExpression" ? callee.property : callee;
  return called.type === "Identifier" && /^readFile(?:Sync)?$/.test(called.name) ? node : undefined;
}
