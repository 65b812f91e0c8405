/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import type { MagicString } from "magic-string";
import type { Function as FunctionNode, Node } from "oxc-parser";
import type { ModuleContext } from "./module-context.ts";
import { childNodes } from "./scopes.ts";
import { UnexportableError } from "./unexportable.ts";
import type { NotebookCell } from "./write-cell.ts";

/** Statements that are added to a cell: at its head, and after its statements by their index. */
export interface Added {
  readonly before: string[];
  readonly after: Map<number, string>;
}

type Variables = Extract<Node, { type: "VariableDeclaration" }>;

/** Makes the declarations of names that cells share one variable: the first declares it, the others assign it. */
export function shareVariables(cell: NotebookCell, index: number, text: MagicString, context: ModuleContext): Added {
  const added: Added = { before: [], after: new Map() };
  if (context.shared.size === 0) return added;
  for (const [at, statement] of cell.body.entries()) {
    const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
    if (node.type === "FunctionDeclaration" || node.type === "TSDeclareFunction") {
      if (node.id && context.shared.has(node.id.name)) shareFunction(node, index, text, context, added);
    } else if (node.type === "VariableDeclaration") shareStatement(cell, node, at, index, text, context, added);
    else shareNested(cell, node, index, text, context, added);
  }
  return added;
}

function isFirst(name: string, index: number, context: ModuleContext): boolean {
  return context.declarationsOf(name).find(({ value }) => value)?.cell === index;
}

function typed(name: string, context: ModuleContext): string {
  const type = context.sharedType(name);
  return type === undefined ? "" : `: ${type}`;
}

/** A function's declaration is assigned at the head of its cell; without its name inside, which is the variable's. */
function shareFunction(
  node: FunctionNode,
  index: number,
  text: MagicString,
  context: ModuleContext,
  { before }: Added,
): void {
  const { id, body } = node;
  if (id && body) {
    text.remove(id.start, id.end);
    const target = isFirst(id.name, index, context) ? `let ${id.name}: any` : id.name;
    before.push(`${target} = ${text.slice(node.start, node.end)};`);
  }
  text.update(node.start, node.end, " ");
}

function shareStatement(
  cell: NotebookCell,
  node: Variables,
  at: number,
  index: number,
  text: MagicString,
  context: ModuleContext,
  { after }: Added,
): void {
  const lines: string[] = [];
  const isOne = node.declarations.length === 1;
  for (const { id, init } of node.declarations) {
    for (const found of bindingsIn(id)) {
      const { name, start } = found.id;
      if (!context.shared.has(name)) continue;
      const first = isFirst(name, index, context);
      const nameEnd = start + name.length;
      const annotation = found.id.end > nameEnd;
      if (id === found.id && isOne && !first) {
        text.remove(node.start, start);
        if (annotation) text.remove(nameEnd, found.id.end);
        // A `var` without a value keeps the one that it has.
        if (!init && node.kind !== "var") text.appendLeft(nameEnd, " = undefined");
      } else if (id === found.id && first && (isOne || node.kind === "let" || node.kind === "var")) {
        if (isOne) text.update(node.start, start, "let ");
        const type = typed(name, context);
        if (type !== "" && annotation) text.remove(nameEnd, found.id.end);
        if (type !== "") text.appendLeft(nameEnd, type);
      } else {
        const own = context.fresh(name);
        text.update(start, nameEnd, found.shorthand ? `${name}: ${own}` : own);
        lines.push(`\n${first ? `let ${name}${typed(name, context)}` : name} = ${own};`);
      }
    }
  }
  if (lines.length > 0) after.set(at, lines.join(""));
}

/** A `var` of a block or a loop assigns the variable. */
function shareNested(
  cell: NotebookCell,
  node: Node,
  index: number,
  text: MagicString,
  context: ModuleContext,
  added: Added,
): void {
  if (/Function|^Class|^TS/.test(node.type)) return;
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    const names = node.declarations.flatMap(({ id }) => bindingsIn(id).map((found) => found.id.name));
    const shared = names.filter((name) => context.shared.has(name));
    if (shared.length === 0) return;
    if (shared.length < names.length || node.declarations.some(({ id }) => id.type !== "Identifier")) {
      const message = `${shared.join(", ")} is declared by other cells too: declare it in a statement of its own`;
      throw new UnexportableError(message, cell.code, node.start);
    }
    for (const name of shared) {
      const line = `let ${name}: any;`;
      if (isFirst(name, index, context) && !added.before.includes(line)) added.before.push(line);
    }
    text.remove(node.start, node.declarations[0]?.start ?? node.start);
  }
  for (const [, child] of childNodes(node)) shareNested(cell, child, index, text, context, added);
}

interface Binding {
  readonly id: Extract<Node, { type: "Identifier" }>;
  readonly shorthand: boolean;
}

/** The identifiers that a pattern binds. */
function bindingsIn(pattern: unknown, shorthand = false): Binding[] {
  const node = pattern as Node | null;
  switch (node?.type) {
    case "Identifier":
      return [{ id: node, shorthand }];
    case "ObjectPattern":
      return node.properties.flatMap((property) =>
        property.type === "RestElement"
          ? bindingsIn(property.argument)
          : bindingsIn(property.value, property.shorthand),
      );
    case "ArrayPattern":
      return node.elements.flatMap((element) => bindingsIn(element));
    case "AssignmentPattern":
      return bindingsIn(node.left, shorthand);
    case "RestElement":
      return bindingsIn(node.argument);
    default:
      return [];
  }
}
