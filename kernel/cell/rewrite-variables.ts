import type { Node, VariableDeclaration, VariableDeclarator } from "oxc-parser";
import { collectPattern } from "./bindings.ts";
import type { Rewrite } from "./rewrite.ts";

/** Rewrites a `const`, `let` or `using` of the top level. */
export function declareVariables(context: Rewrite, node: VariableDeclaration): void {
  const { text } = context;
  if (namesOf(node).every((name) => !context.isUsers(name))) return;
  if (node.kind === "using" || node.kind === "await using") {
    for (const declarator of node.declarations) declareDisposable(context, declarator);
    return;
  }
  let at = node.start;
  for (const declarator of node.declarations) {
    const [name] = namesOf({ declarations: [declarator] });
    // A helper of the tools between the user's names: it stays a local.
    const local = name !== undefined && !context.isUsers(name) ? `${node.kind} ` : "";
    text.update(at, declarator.start, (at === node.start ? "" : ";") + local || " ");
    if (local === "") declareOne(context, declarator, node.kind);
    at = declarator.end;
  }
}

function namesOf({ declarations }: { declarations: readonly VariableDeclarator[] }): string[] {
  const names = new Set<string>();
  for (const { id } of declarations) collectPattern(id, names);
  return [...names];
}

function declareOne(context: Rewrite, declarator: VariableDeclarator, kind: string): void {
  const { text, names } = context;
  const { id, init } = declarator;
  const bound = namesOf({ declarations: [declarator] });
  const isEnum = freshEnum(context, declarator);
  for (const name of bound) {
    context.target(name);
    context.declare(name, isEnum ? "enum" : kind);
  }
  if (id.type === "Identifier") {
    const opening = `${names.cell}.declare("${isEnum ? "enum" : kind}", ${JSON.stringify(id.name)}, `;
    if (!init) text.update(id.start, id.end, `${opening}undefined)`);
    else {
      text.update(id.start, init.start, opening);
      text.appendLeft(init.end, ")");
    }
    return;
  }
  if (!init) return;
  const list = JSON.stringify(bound);
  text.prependRight(id.start, "(");
  text.update(id.end, init.start, ` = ${names.cell}.open("${kind}", ${list}, `);
  text.appendLeft(init.end, `))${kind === "const" ? `;${names.cell}.seal(${list})` : ""}`);
}

// The local binding stays, since it disposes of the value at the end of the cell.
function declareDisposable(context: Rewrite, { id, init }: VariableDeclarator): void {
  if (id.type !== "Identifier" || !init) return;
  context.target(id.name);
  context.declare(id.name, "const");
  context.text.prependRight(init.start, `${context.names.cell}.declare("const", ${JSON.stringify(id.name)}, `);
  context.text.appendLeft(init.end, ")");
}

/** Turns every `var` outside of functions into assignments; its names are declared at the head of the cell. */
export function rewriteVars(context: Rewrite): void {
  const { text, names, facts, head } = context;
  const byKind = new Map<string, Set<string>>();
  for (const { node, parent } of facts.varDeclarations) {
    if (node.type !== "VariableDeclaration") continue;
    const bound = namesOf(node);
    if (bound.every((name) => !context.isUsers(name))) continue;
    for (const declarator of node.declarations) {
      for (const name of namesOf({ declarations: [declarator] })) {
        if (!context.isUsers(name)) {
          head.push(`var ${name};`);
          continue;
        }
        context.target(name);
        const kind = isEnumCall(declarator) ? "enum" : "var";
        context.declare(name, kind);
        const sameKind = byKind.get(kind) ?? new Set();
        byKind.set(kind, sameKind.add(name));
      }
    }
    assignVars(text, node, parent);
  }
  for (const [kind, list] of byKind)
    head.push(`${names.cell}.open("${kind}", ${JSON.stringify([...list])}, undefined);`);
}

function assignVars(text: Rewrite["text"], node: VariableDeclaration, parent: Node): void {
  const isLoopHead = (parent.type === "ForInStatement" || parent.type === "ForOfStatement") && parent.left === node;
  text.update(node.start, node.declarations[0]?.start ?? node.end, " ");
  if (isLoopHead) return;
  for (const { id, init } of node.declarations) {
    if (!init) text.update(id.start, id.end, "0");
    else if (id.type !== "Identifier") {
      text.prependRight(id.start, "(");
      text.appendLeft(init.end, ")");
    }
  }
}

/**
 * Makes an enum start empty: a plain `E || {}` would add to the enum of an earlier run. Its further parts add to the first.
 * Says whether it is an enum.
 */
export function freshEnum({ text, begun }: Rewrite, declarator: VariableDeclarator): boolean {
  const argument = enumArgument(declarator);
  if (argument === undefined || declarator.id.type !== "Identifier") return false;
  const isFirst = !begun.has(declarator.id.name);
  begun.add(declarator.id.name);
  if (isFirst && argument.type === "LogicalExpression") text.update(argument.start, argument.end, "{}");
  return true;
}

function isEnumCall(declarator: VariableDeclarator): boolean {
  return enumArgument(declarator) !== undefined;
}

function enumArgument({ id, init }: VariableDeclarator): Node | undefined {
  if (id.type !== "Identifier" || init?.type !== "CallExpression" || init.arguments.length !== 1) return undefined;
  const callee = init.callee.type === "ParenthesizedExpression" ? init.callee.expression : init.callee;
  const [argument] = init.arguments;
  if ((callee.type !== "FunctionExpression" && callee.type !== "ArrowFunctionExpression") || !argument)
    return undefined;
  const isFirst = argument.type === "ObjectExpression" && argument.properties.length === 0;
  const isAgain =
    argument.type === "LogicalExpression" && argument.left.type === "Identifier" && argument.left.name === id.name;
  const [parameter] = callee.params;
  const isNamed = parameter?.type === "Identifier" && parameter.name.startsWith(id.name);
  return isNamed && (isFirst || isAgain) ? argument : undefined;
}

/** Makes a namespace start empty where it is first filled: `(function(_N) {…})(N || (N = {}))` after `let N`. */
export function freshNamespace(context: Rewrite, expression: Node, open: Set<string>): void {
  if (expression.type !== "CallExpression" || expression.arguments.length !== 1) return;
  const [argument] = expression.arguments;
  if (argument?.type !== "LogicalExpression" || argument.operator !== "||" || argument.left.type !== "Identifier")
    return;
  const { name } = argument.left;
  const value = argument.right.type === "ParenthesizedExpression" ? argument.right.expression : argument.right;
  if (!open.delete(name) || value.type !== "AssignmentExpression" || !context.isUsers(name)) return;
  context.text.remove(argument.left.start, argument.right.start);
  context.declare(name, "namespace");
}
