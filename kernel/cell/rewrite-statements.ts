import type { Node, VariableDeclaration } from "oxc-parser";
import { collectPattern } from "./bindings.ts";
import { bindImport, bindReexport } from "./rewrite-imports.ts";
import { declareVariables, freshEnum, freshNamespace, rewriteVars } from "./rewrite-variables.ts";
import type { Rewrite } from "./rewrite.ts";

/** Rewrites the statements of the top level: what they declare goes to the scope objects, the last value is returned. */
export function rewriteStatements(context: Rewrite): void {
  const { text, names, program } = context;
  const body = (program as unknown as { body: Node[] }).body;
  let functions: string[] = context.head;
  // The code of magics around the statement at hand, the outermost first: `%%time` over `%time f()`.
  const sections: { start: Node; functions: string[]; last: Node | undefined }[] = [];
  let last: Node | undefined;
  let hasDefault = false;
  const open = new Set<string>();

  const declareFunction = (id: { name: string } | null): void => {
    if (!id || !context.isUsers(id.name)) return;
    context.target(id.name);
    context.declare(id.name, "function");
    functions.push(declaring(context, "function", id.name));
  };
  const declareClass = (node: Node, id: { name: string } | null): void => {
    if (!id || !context.isUsers(id.name)) return;
    context.target(id.name);
    context.declare(id.name, "class");
    text.appendLeft(node.end, `;${declaring(context, "class", id.name)}`);
  };

  function declareAny(node: Node): void {
    if (node.type === "FunctionDeclaration") declareFunction(node.id);
    else if (node.type === "ClassDeclaration") declareClass(node, node.id);
    else if (node.type === "VariableDeclaration") {
      if (node.kind === "var") freshEnums(context, node);
      else declareVariables(context, node);
      for (const { id, init } of node.declarations) if (!init) collectPattern(id, open);
    }
  }

  function exported(node: Node): void {
    if (node.type === "ExportAllDeclaration") bindReexport(context, node);
    if (node.type === "ExportNamedDeclaration") {
      if (node.declaration) {
        text.remove(node.start, node.declaration.start);
        declareAny(node.declaration);
      } else bindReexport(context, node);
    }
    if (node.type !== "ExportDefaultDeclaration") return;
    const { declaration } = node;
    const id =
      "id" in declaration && declaration.type.endsWith("Declaration")
        ? (declaration.id as { name: string } | null)
        : null;
    const result = names.own("result");
    hasDefault = true;
    if (id) {
      text.remove(node.start, declaration.start);
      declareAny(declaration);
      text.appendLeft(node.end, `;const ${result} = { value: ${context.target(id.name) ?? id.name} };`);
    } else {
      text.update(node.start, declaration.start, `const ${result} = { value: { ["default"]: `);
      text.appendLeft(declaration.end, ' }["default"] };');
    }
  }

  for (const node of body) {
    const section = sectionOf(node, names.cell);
    if (section?.edge === "begin") {
      sections.push({ start: node, functions, last });
      functions = [];
      last = undefined;
      continue;
    }
    const outer = section?.edge === "end" ? sections.pop() : undefined;
    if (section && outer) {
      returnLast(context, last, false);
      const opening = `const ${names.own(`code${section.index}`)} = async () => {${functions.join("")}`;
      text.update(outer.start.start, outer.start.end, opening);
      text.update(node.start, node.end, "};");
      ({ functions, last } = outer);
      continue;
    }
    if (node.type === "EmptyStatement") continue;
    if (isEmptyExport(node)) {
      text.remove(node.start, node.end);
      continue;
    }
    last = node;
    declareAny(node);
    if (node.type === "ImportDeclaration") bindImport(context, node);
    else if (node.type === "ExpressionStatement") freshNamespace(context, node.expression, open);
    else exported(node);
  }
  rewriteVars(context);
  if (hasDefault) text.append(`\nreturn ${names.own("result")};`);
  else returnLast(context, last, true);
}

/** `export {}`: oxc appends it where types were all that a cell imported or exported. */
function isEmptyExport(node: Node): boolean {
  return node.type === "ExportNamedDeclaration" && !node.declaration && !node.source && node.specifiers.length === 0;
}

/** The statement that declares a name whose local binding exists already. */
function declaring({ names }: Rewrite, kind: string, name: string): string {
  return `${names.cell}.declare("${kind}", ${JSON.stringify(name)}, ${name});`;
}

function freshEnums(context: Rewrite, node: VariableDeclaration): void {
  for (const declarator of node.declarations) freshEnum(context, declarator);
}

function sectionOf(node: Node, cell: string): { edge: string; index: string } | undefined {
  if (node.type !== "ExpressionStatement" || node.expression.type !== "CallExpression") return undefined;
  const { callee, arguments: values } = node.expression;
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier" || callee.object.name !== cell)
    return undefined;
  const edge = callee.property.type === "Identifier" ? callee.property.name : "";
  const index = values[0]?.type === "Literal" ? String(values[0].value) : "";
  return edge === "begin" || edge === "end" ? { edge, index } : undefined;
}

/**
 * Returns the last statement's value if it is an expression; boxed, for the box's own promise is the cell's end.
 * The comma keeps an anonymous function from being named after the box's property.
 */
function returnLast(context: Rewrite, last: Node | undefined, boxed: boolean): void {
  if (last?.type !== "ExpressionStatement" || isOurs(context, last.expression)) return;
  const { start, end } = last.expression;
  context.text.prependRight(start, boxed ? "return { value: (0, " : "return (0, ");
  context.text.appendLeft(end, boxed ? ") }" : ")");
}

/** Whether an expression is one that the tools added, such as the call that decorates a class. */
function isOurs(context: Rewrite, expression: Node): boolean {
  if (expression.type === "AssignmentExpression") return isOurs(context, expression.right);
  if (expression.type !== "CallExpression") return false;
  const { callee } = expression;
  const root = callee.type === "MemberExpression" ? callee.object : callee;
  if (root.type !== "Identifier" || context.isUsers(root.name) || context.names.has(root.name)) return false;
  if (/^_jsxs?\d*$/.test(root.name)) return false; // an element of the user's, by the automatic runtime
  return root.name === "babelHelpers" || context.facts.topLevel.has(root.name);
}
