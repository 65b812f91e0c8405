/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import type { Node } from "oxc-parser";
import { pathAt } from "./syntax.ts";
import type { Stretch } from "./cell-names.ts";

// A parameter, a name in its pattern, or the rest of the parameters without a type.
const untyped = new Set([7006, 7019, 7031]);

/**
 * Whether a parameter has no type since the function is handed to what is `any`, such as `JSON.parse(text).map((v) => v + 1)`:
 * what takes it would else have given the type.
 */
export function isForAny(code: number, text: string, at: Stretch, tsx: boolean): boolean {
  if (!untyped.has(code)) return false;
  const path = pathAt(text, at, tsx);
  const own = path.findLastIndex(({ type }) => /Function(?:Expression|Declaration)$/.test(type));
  return own !== -1 && isHandedOver(path.slice(0, own + 1));
}

/** Whether a value is an argument, an attribute, or is set on an object; by itself or as a part of an object, a list or a function's result. */
function isHandedOver(path: readonly Node[]): boolean {
  const [node, parent] = [path.at(-1)!, path.at(-2)];
  switch (parent?.type) {
    case "CallExpression":
    case "NewExpression":
      return parent.callee !== node;
    case "AssignmentExpression":
      return parent.right === node && parent.left.type === "MemberExpression";
    case "JSXExpressionContainer":
      return true;
    case "ConditionalExpression":
      return parent.test !== node && isHandedOver(path.slice(0, -1));
    case "ArrowFunctionExpression":
      return parent.body === node && isHandedOver(path.slice(0, -1));
    case "Property":
    case "ObjectExpression":
    case "ArrayExpression":
    case "SpreadElement":
    case "LogicalExpression":
    case "ParenthesizedExpression":
      return isHandedOver(path.slice(0, -1));
    default:
      return false;
  }
}
