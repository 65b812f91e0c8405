/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import type { Node } from "oxc-parser";
import { nothing } from "./code-magics.ts";

/** What becomes of a cell's last expression. */
export type Shown = "display" | "result" | "nothing";

/** Finds the statement whose value the notebook shows: the last one, types aside. */
export function lastShown(body: readonly Node[], isType: (statement: Node) => boolean): Node | undefined {
  const last = body.findLast((statement) => statement.type !== "EmptyStatement" && !isType(statement));
  return last?.type === "ExpressionStatement" ? last : undefined;
}

/** Says how an expression is shown: by `display` where it is certain to have a value, else by `display.result`. */
export function howShown(expression: Node, isCertainName: (name: string) => boolean): Shown {
  if (expression.type === "Identifier" && expression.name === nothing) return "nothing";
  if (givesNothing(expression)) return "nothing";
  return isCertain(expression, isCertainName) ? "display" : "result";
}

// Functions of the API whose values are never undefined.
const certainCalls =
  /^(?:plot|figure|progress|slider|select|text|checkbox|button|hbox|vbox|tableFromArrays|tableFromJSON|tableFromIPC|Number|String|Boolean|BigInt|Symbol)$/;
const certainMethods =
  /^(?:map|filter|flatMap|toSorted|toReversed|toSpliced|slice|concat|join|split|trim|trimStart|trimEnd|toString|toFixed|toPrecision|toISOString|toLocaleString|toUpperCase|toLowerCase|padStart|padEnd|repeat|replace|replaceAll|includes|startsWith|endsWith|indexOf|some|every|toArray)$/;
const certainObjects = /^(?:Math|Object|Number|Array|String|Reflect|Date|performance)$/;

/** Whether an expression cannot be undefined. */
export function isCertain(expression: Node, isCertainName: (name: string) => boolean): boolean {
  switch (expression.type) {
    case "Literal":
    case "TemplateLiteral":
    case "ArrayExpression":
    case "ObjectExpression":
    case "ArrowFunctionExpression":
    case "FunctionExpression":
    case "ClassExpression":
    case "NewExpression":
    case "BinaryExpression":
    case "UpdateExpression":
      return true;
    case "UnaryExpression":
      return expression.operator !== "void";
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
      return isCertain(expression.expression, isCertainName);
    case "AssignmentExpression":
      return expression.operator !== "=" || isCertain(expression.right, isCertainName);
    case "AwaitExpression":
      return expression.argument.type === "TaggedTemplateExpression" && isApi(expression.argument.tag, "sql");
    case "Identifier":
      return isCertainName(expression.name);
    case "CallExpression":
      return isCertainCall(expression.callee);
    case "MemberExpression": {
      const { object, property } = expression;
      if (property.type !== "Identifier" || expression.computed || expression.optional) return false;
      if (object.type === "Identifier" && object.name === "process") return property.name !== "exitCode";
      return property.name === "length" || property.name === "size" || property.name === "numRows";
    }
    default:
      return false;
  }
}

function isCertainCall(callee: Node): boolean {
  if (callee.type === "Identifier") return certainCalls.test(apiName(callee.name));
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier" || callee.optional) return false;
  if (callee.object.type === "Identifier" && certainObjects.test(callee.object.name)) {
    return callee.property.name !== "getOwnPropertyDescriptor" && callee.property.name !== "mark";
  }
  if (callee.object.type === "Identifier" && callee.object.name === "process") return callee.property.name === "cwd";
  return certainMethods.test(callee.property.name);
}

/** Whether an expression is a call that returns nothing, or shows its value itself. */
function givesNothing(expression: Node): boolean {
  if (expression.type === "AwaitExpression") return givesNothing(expression.argument);
  if (expression.type === "UnaryExpression") return expression.operator === "void";
  if (expression.type === "TaggedTemplateExpression") return isDisplay(expression.tag);
  if (expression.type !== "CallExpression") return false;
  const { callee } = expression;
  if (isDisplay(callee)) return true;
  if (callee.type === "Identifier") return callee.name === "assert" || callee.name === "queueMicrotask";
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return false;
  const { object, property } = callee;
  if (property.name === "forEach" || property.name === "show") return true;
  return object.type === "Identifier" && (object.name === "console" || object.name === "assert");
}

function isDisplay(callee: Node): boolean {
  if (
    callee.type === "MemberExpression" &&
    callee.property.type === "Identifier" &&
    callee.property.name === "fragment"
  )
    return false;
  return isApi(callee.type === "MemberExpression" ? callee.object : callee, "display");
}

function isApi(node: Node, name: string): boolean {
  return node.type === "Identifier" && apiName(node.name) === name;
}

function apiName(name: string): string {
  return name.replace(/^__api_/, "");
}
