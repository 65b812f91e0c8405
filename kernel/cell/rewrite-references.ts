import type { Node } from "oxc-parser";
import type { Reference } from "./bindings.ts";
import type { Rewrite } from "./rewrite.ts";

/**
 * Rewrites what stands inside expressions: notebook names, `await`, `for await`, `import.meta`.
 * Replacements come before insertions, and inner insertions before outer ones, so that brackets nest.
 */
export function rewriteReferences(context: Rewrite): void {
  const { text, facts, names } = context;
  const named: [Node, string][] = [];
  for (const reference of facts.references) {
    const target = context.target(reference);
    if (target === undefined) continue;
    replace(context, reference, target);
    const value = assignedValue(reference);
    if (value && isAnonymous(value)) named.push([value, reference.name]);
  }
  for (const { start, end } of facts.metas) text.update(start, end, `${names.cell}.meta`);
  for (const node of facts.awaits.toReversed()) {
    if (node.type === "AwaitExpression") call(context, node.argument, "wait");
  }
  for (const node of facts.loops) if (node.type === "ForOfStatement") call(context, node.right, "iterate");
  for (const [value, name] of named.toReversed()) keepName(context, value, name);
}

function call({ text, names }: Rewrite, { start, end }: Node, method: string): void {
  text.prependRight(start, `${names.cell}.${method}(`);
  text.appendLeft(end, ")");
}

function replace(context: Rewrite, { name, node, parents }: Reference, target: string): void {
  const { text, names } = context;
  const { parent, child, depth } = outerParent(node, parents);
  if (isDeclarator(parents.at(-1), node, parents.at(-2))) return;
  if (parent?.type === "UnaryExpression" && parent.operator === "typeof" && context.isUnknown(name)) {
    const scope = names.scope(0);
    text.update(parent.start, parent.end, `(${JSON.stringify(name)} in ${scope} ? typeof ${target} : "undefined")`);
    return;
  }
  const isCallee =
    (parent?.type === "CallExpression" && parent.callee === child) ||
    (parent?.type === "TaggedTemplateExpression" && parent.tag === child);
  if (isCallee) text.update(node.start, node.end, `(0, ${target})`);
  else text.update(node.start, node.end, isShorthand(node, parents, depth) ? `${name}: ${target}` : target);
}

/** The nearest node around one that is not merely parentheses. */
function outerParent(node: Node, parents: readonly Node[]): { parent: Node | undefined; child: Node; depth: number } {
  let child = node;
  let depth = parents.length - 1;
  while (parents[depth]?.type === "ParenthesizedExpression") child = parents[depth--] as Node;
  return { parent: parents[depth], child, depth };
}

function isShorthand(node: Node, parents: readonly Node[], depth: number): boolean {
  const parent = parents[depth];
  if (parent?.type === "Property") return parent.shorthand && parent.value === node;
  const outer = parents[depth - 1];
  return parent?.type === "AssignmentPattern" && parent.left === node && outer?.type === "Property" && outer.shorthand;
}

// `const x = …` and `using x = …` are rewritten whole, with the statement.
function isDeclarator(parent: Node | undefined, node: Node, declaration: Node | undefined): boolean {
  return (
    parent?.type === "VariableDeclarator" &&
    parent.id === node &&
    declaration?.type === "VariableDeclaration" &&
    declaration.kind !== "var"
  );
}

/** The value that a reference is assigned where it stands, whose name JavaScript takes from it. */
function assignedValue({ node, parents }: Reference): Node | null | undefined {
  const parent = parents.at(-1);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only these assign
  switch (parent?.type) {
    case "AssignmentExpression":
      return parent.left === node && /^(?:=|\|\|=|&&=|\?\?=)$/.test(parent.operator) ? parent.right : undefined;
    case "AssignmentPattern":
      return parent.left === node ? parent.right : undefined;
    case "VariableDeclarator":
      return parent.id === node ? parent.init : undefined;
    default:
      return undefined;
  }
}

function isAnonymous(value: Node): boolean {
  if (value.type === "ParenthesizedExpression") return isAnonymous(value.expression);
  if (value.type === "ArrowFunctionExpression") return true;
  return (value.type === "FunctionExpression" || value.type === "ClassExpression") && value.id === null;
}

/** Gives an anonymous function or class the name that a plain variable would have given it. */
function keepName({ text }: Rewrite, { start, end }: Node, name: string): void {
  const key = JSON.stringify(name);
  text.prependRight(start, `{ [${key}]: `);
  text.appendLeft(end, ` }[${key}]`);
}
