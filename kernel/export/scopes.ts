/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import { type Node, visitorKeys } from "oxc-parser";
import { type AnyNode, addToBlock, blockOf, collectPattern, collectVars } from "../cell/bindings.ts";

/** The names that a function, block, class or type brings for what is inside it. */
export interface Scope {
  readonly values: Set<string>;
  readonly types: Set<string>;
}

/** The child nodes in which names are looked up: names of properties, labels and module syntax are left out. */
export function childNodes(node: Node): [string, Node][] {
  switch (node.type) {
    case "ImportDeclaration":
      return node.specifiers.map(({ local }) => ["local", local]);
    case "ExportAllDeclaration":
    case "MetaProperty":
    case "BreakStatement":
    case "ContinueStatement":
      return [];
    case "LabeledStatement":
      return [["body", node.body]];
    case "TSQualifiedName":
      return [["left", node.left]];
    case "TSNamedTupleMember":
      return [["elementType", node.elementType]];
    case "TSTypeParameter":
      return [node.constraint, node.default].flatMap((type) => (type ? [["type", type] as [string, Node]] : []));
    case "TSMappedType":
      return [node.constraint, node.nameType, node.typeAnnotation].flatMap((type) =>
        type ? [["type", type] as [string, Node]] : [],
      );
    case "TSEnumMember":
      return node.initializer ? [["initializer", node.initializer]] : [];
    case "TSImportType":
      return node.typeArguments ? [["typeArguments", node.typeArguments]] : [];
    case "TSModuleDeclaration":
      return [
        ...((node.kind as string) === "global" || node.id.type !== "Identifier"
          ? []
          : [["id", node.id] as [string, Node]]),
        ...(node.body ? [["body", node.body] as [string, Node]] : []),
      ];
    default:
  }
  const record = node as unknown as AnyNode;
  const found: [string, Node][] = [];
  for (const key of visitorKeys[node.type] ?? []) {
    // In `{ x }` key and value are one identifier: it counts as the value.
    if ((key === "key" || key === "property") && record["computed"] !== true) continue;
    const value = record[key];
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof child === "object" && child !== null && "type" in child) found.push([key, child as Node]);
    }
  }
  return found;
}

/** The names that a node brings for what is inside it. */
export function scopeOf(node: Node, parent: Node | undefined): Scope | undefined {
  const scope: Scope = { values: new Set(), types: new Set() };
  const { values, types } = scope;
  const record = node as unknown as AnyNode;
  for (const { name } of (record["typeParameters"] as { params?: { name: unknown }[] } | null | undefined)?.params ??
    [])
    addName(name, types);
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "TSDeclareFunction":
    case "TSEmptyBodyFunctionExpression":
      if (node.type !== "ArrowFunctionExpression") values.add("arguments");
      if (node.type === "FunctionExpression" && node.id) values.add(node.id.name);
      addParameters(node.params, values);
      return scope;
    case "TSFunctionType":
    case "TSConstructorType":
    case "TSMethodSignature":
    case "TSCallSignatureDeclaration":
    case "TSConstructSignatureDeclaration":
      addParameters(node.params, values);
      return scope;
    case "TSIndexSignature":
      addParameters(node.parameters, values);
      return scope;
    case "ClassExpression":
      if (node.id) both(scope, node.id.name);
      return scope;
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return types.size > 0 ? scope : undefined;
    case "TSMappedType":
      addName(node.key, types);
      return scope;
    case "TSConditionalType":
      addInferred(node.extendsType, types);
      return scope;
    case "TSEnumDeclaration":
      for (const { id } of node.body.members) addName(id, values);
      return scope;
    case "TSModuleBlock":
      for (const statement of node.body) {
        collectStatement(statement, scope);
        collectVars(statement, values);
      }
      return scope;
    default:
  }
  const block = blockOf(node, parent);
  if (!block) return undefined;
  for (const statement of block.statements) collectStatement(statement, scope);
  addToBlock(block, values);
  return scope;
}

function both({ values, types }: Scope, name: string): void {
  values.add(name);
  types.add(name);
}

function addName(id: unknown, names: Set<string>): void {
  const { type, name } = (typeof id === "string" ? { type: "Identifier", name: id } : (id ?? {})) as {
    type?: string;
    name?: string;
  };
  if (type === "Identifier" && name !== undefined) names.add(name);
}

function addParameters(parameters: readonly unknown[], names: Set<string>): void {
  for (const parameter of parameters) {
    const node = parameter as Node;
    collectPattern(node.type === "TSParameterProperty" ? node.parameter : node, names);
  }
}

function addInferred(node: Node, names: Set<string>): void {
  if (node.type === "TSInferType") addName(node.typeParameter.name, names);
  for (const [, child] of childNodes(node)) addInferred(child, names);
}

/** Adds the names that a statement of a block declares. */
function collectStatement(statement: Node, scope: Scope): void {
  switch (statement.type) {
    case "VariableDeclaration":
      if (statement.kind !== "var") for (const { id } of statement.declarations) collectPattern(id, scope.values);
      break;
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      addName(statement.id, scope.values);
      break;
    case "ClassDeclaration":
    case "TSEnumDeclaration":
      if (statement.id) both(scope, statement.id.name);
      break;
    case "TSModuleDeclaration":
      if (statement.id.type === "Identifier") both(scope, statement.id.name);
      break;
    case "TSImportEqualsDeclaration":
      both(scope, statement.id.name);
      break;
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      addName(statement.id, scope.types);
      break;
    case "ExportNamedDeclaration":
      if (statement.declaration) collectStatement(statement.declaration, scope);
      break;
    default:
  }
}
