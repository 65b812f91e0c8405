import { pythonNames } from "../cell/python-names.ts";
import type { Stretch } from "./cell-names.ts";
import type { CodeFix } from "./fixes.ts";
import { pathAt } from "./syntax.ts";

// What TypeScript says of a name that is nowhere, or near another's.
const unknownName = new Set([2304, 2552]);
const types: ReadonlyMap<string, string> = new Map([
  ["str", "string"],
  ["int", "number"],
  ["float", "number"],
  ["bool", "boolean"],
  ["None", "null"],
]);
const values = new Set(["None", "True", "False"]);
const functions: ReadonlyMap<string, string> = new Map([
  ["print", "console.log"],
  ["str", "String"],
  ["int", "Number"],
  ["float", "Number"],
  ["bool", "Boolean"],
]);
const longest = 40;

/** Finds what TypeScript has for a name of Python; undefined where it is no such name, or is used in another way. */
export function findPythonFix(code: number, text: string, at: Stretch, tsx: boolean): CodeFix | undefined {
  const name = text.slice(at.start, at.end);
  if (!unknownName.has(code) || !pythonNames.has(name)) return undefined;
  const write = (newText: string, title = newText, place: Stretch = at): CodeFix => ({
    title,
    edits: [{ start: place.start, end: place.end, newText }],
  });
  const [node, parent] = pathAt(text, at, tsx).slice(-2).toReversed();
  if (node?.type.startsWith("TS") === true || parent?.type === "TSTypeReference") {
    const type = types.get(name);
    return type === undefined ? undefined : write(type);
  }
  const title = pythonNames.get(name)!;
  if (values.has(name)) return write(title);
  if (parent?.type !== "CallExpression" || parent.callee !== node) return undefined;
  const named = functions.get(name);
  if (named !== undefined) return write(named, title);
  const given = parent.arguments.map(({ type, start, end }) => {
    const own = text.slice(start, end);
    return /^(?:Identifier|Literal|MemberExpression|CallExpression|ArrayExpression)$/.test(type) ? own : `(${own})`;
  });
  const [first, second] = given;
  if (first === undefined || parent.arguments.some(({ type }) => type === "SpreadElement")) return undefined;
  const mended = inWords(name, first, second, given.length);
  return mended === undefined ? undefined : write(mended, mended.length > longest ? title : mended, parent);
}

/** A call in the words of TypeScript; undefined where it is another's. */
function inWords(name: string, first: string, second: string | undefined, count: number): string | undefined {
  if (name === "isinstance") return count === 2 ? `${first} instanceof ${second}` : undefined;
  if (count !== 1) return undefined;
  if (name === "range") return `Array(${first}).keys()`;
  return name === "len" ? `${first}.length` : `${first}.entries()`;
}
