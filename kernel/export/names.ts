/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import type { Node } from "oxc-parser";
import { collectPattern } from "../cell/bindings.ts";
import { type Scope, childNodes, scopeOf } from "./scopes.ts";

/** An identifier of a cell that belongs to no function, block or class of it; declarations included. */
export interface NameUse {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** What the identifier is looked up as; `any` in `export { x }`. */
  readonly space: "value" | "type" | "any";
  /** It stands in a function that may be called later. */
  readonly deferred: boolean;
  readonly writes: boolean;
  /** A method of it is called, or a member of it assigned: it may keep what it is given. */
  readonly receives: boolean;
  /** `{ x }`: renamed, it needs its key. */
  readonly shorthand: boolean;
  /** Index of the statement of the top level in which it stands. */
  readonly statement: number;
}

/** What a statement of the top level declares. */
export interface Declared {
  readonly name: string;
  readonly kind: DeclaredKind;
  readonly value: boolean;
  readonly type: boolean;
  readonly statement: number;
  /** Where the name still means what an earlier cell has declared: before `start`, and in the first value; absent for what is hoisted. */
  readonly before?: { readonly start: number; readonly value: readonly [start: number, end: number] };
}

/** How a name is declared. */
export type DeclaredKind = "const" | "let" | "var" | "function" | "class" | "type" | "namespace" | "import";

/** The names of one cell. */
export interface CellFacts {
  readonly uses: readonly NameUse[];
  readonly declared: readonly Declared[];
}

/** Finds which identifiers of a cell's TypeScript are the notebook's. */
export function findNames(body: readonly Node[]): CellFacts {
  const declared = body.flatMap((statement, index) => declaredBy(statement, index));
  for (const [index, statement] of body.entries()) collectNestedVars(statement, index, declared);
  return { declared, uses: body.flatMap((statement, index) => usesIn(statement, index)) };
}

/** What one statement declares at its level. */
export function declaredBy(statement: Node, index = 0): Declared[] {
  const one = (id: unknown, kind: DeclaredKind, spaces: "value" | "type" | "both"): Declared[] => {
    const { type, name } = (id ?? {}) as { type?: string; name?: string };
    if (type !== "Identifier" || name === undefined) return [];
    const { start } = statement;
    return [
      {
        name,
        kind,
        value: spaces !== "type",
        type: spaces !== "value",
        statement: index,
        ...(kind === "class" && { before: { start, value: [start, start] as const } }),
      },
    ];
  };
  if ("declare" in statement && statement.declare && !isType(statement)) return [];
  switch (statement.type) {
    case "VariableDeclaration":
      return statement.declarations.flatMap(({ id, init, start, end }) => {
        const names = new Set<string>();
        collectPattern(id, names);
        const kind = statement.kind === "let" || statement.kind === "var" ? statement.kind : "const";
        const before = { start, value: [init?.start ?? end, end] as const };
        return Array.from(names, (name) => ({
          name,
          kind,
          value: true,
          type: false,
          statement: index,
          // A `var` keeps the value that it has until it is assigned.
          before,
        }));
      });
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      return one(statement.id, "function", "value");
    case "ClassDeclaration":
      return one(statement.id, "class", "both");
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return one(statement.id, "type", "type");
    case "TSEnumDeclaration":
      return one(statement.id, "const", "both");
    case "TSModuleDeclaration":
      return (statement.kind as string) === "global" ? [] : one(statement.id, "type", "type");
    case "ImportDeclaration":
      return statement.specifiers.flatMap(({ local }) => one(local, "import", "both"));
    case "ExportNamedDeclaration":
      return statement.declaration ? declaredBy(statement.declaration, index) : [];
    case "ExportDefaultDeclaration":
      return statement.declaration.type.endsWith("Declaration") ? declaredBy(statement.declaration, index) : [];
    default:
      return [];
  }
}

/** Whether a statement holds types only, of which nothing is left when it runs. */
export function isType(statement: Node): boolean {
  if (statement.type === "ExportNamedDeclaration") {
    if (statement.exportKind === "type") return true;
    return statement.declaration ? isType(statement.declaration) : false;
  }
  if (statement.type === "ImportDeclaration") return statement.importKind === "type";
  return /^TS(?:TypeAlias|Interface|Module)Declaration$|^TSDeclareFunction$/.test(statement.type);
}

/** `var`s of blocks and loops are names of the top level too. */
function collectNestedVars(node: Node, index: number, declared: Declared[]): void {
  if (/Function|^Class|^TS/.test(node.type)) return;
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    for (const found of declaredBy(node, index)) {
      if (!declared.some(({ name }) => name === found.name)) declared.push(found);
    }
  }
  for (const [, child] of childNodes(node)) collectNestedVars(child, index, declared);
}

// Functions that are called before the call to which they are given returns.
const immediate =
  /^(?:map|filter|forEach|reduce|reduceRight|some|every|find|findIndex|findLast|findLastIndex|flatMap|sort|toSorted|from|replace|replaceAll|groupBy|timeit|time|capture|magic|throws|doesNotThrow|rejects|doesNotReject)$/;

/** The notebook's identifiers in one statement. */
function usesIn(statement: Node, index: number): NameUse[] {
  const uses: NameUse[] = [];
  const scopes: Scope[] = [];
  const parents: Node[] = [];
  let deferred = 0;

  const isLocal = (name: string, space: NameUse["space"]): boolean =>
    scopes.some(
      ({ values, types }) => (space !== "type" && values.has(name)) || (space !== "value" && types.has(name)),
    );

  function add({ name, start }: { name: string; start: number }, space: NameUse["space"]): void {
    if (isLocal(name, space)) return;
    const [outer, parent] = parents.slice(-2);
    const shorthand =
      (parent?.type === "Property" && parent.shorthand) ||
      (parent?.type === "AssignmentPattern" &&
        outer?.type === "Property" &&
        outer.shorthand &&
        parent.left.start === start);
    uses.push({
      name,
      start,
      // The span of a binding goes to the end of its type.
      end: start + name.length,
      space,
      deferred: deferred > 0,
      writes: isWritten(parents, start),
      receives: isReceiver(parents, start),
      shorthand,
      statement: index,
    });
  }

  function visit(node: Node, space: "value" | "type", key = ""): void {
    if (node.type === "Identifier") {
      if (!(key === "id" && /^(?:Function|Class)Expression$/.test(parents.at(-1)?.type ?? ""))) add(node, space);
      if (node.typeAnnotation) inside(node, () => visit(node.typeAnnotation as Node, "type"));
      return;
    }
    if (node.type === "ExportNamedDeclaration" && !node.declaration) {
      if (node.source) return;
      for (const { local } of node.specifiers) {
        if (local.type === "Identifier") add(local, "any");
      }
      return;
    }
    const scope = scopeOf(node, parents.at(-1));
    if (scope) scopes.push(scope);
    const isLater = isDeferred(node, parents);
    if (isLater) deferred += 1;
    inside(node, () => {
      for (const [name, child] of childNodes(node)) {
        // What a switch looks at is outside of the scope that its cases share.
        const hidden = name === "discriminant" ? scopes.pop() : undefined;
        // A function's own name is no code that runs later.
        const isName = name === "id" && isLater;
        if (isName) deferred -= 1;
        visit(child, spaceOf(node, name, child, space), name);
        if (isName) deferred += 1;
        if (hidden) scopes.push(hidden);
      }
    });
    if (isLater) deferred -= 1;
    if (scope) scopes.pop();
  }

  function inside(node: Node, work: () => void): void {
    parents.push(node);
    work();
    parents.pop();
  }

  visit(statement, "value");
  return uses;
}

function spaceOf(parent: Node, key: string, child: Node, space: "value" | "type"): "value" | "type" {
  if (parent.type === "TSTypeQuery") return "value";
  if (parent.type === "TSTypePredicate" && key === "parameterName") return "value";
  if (parent.type === "TSTypeReference" || parent.type === "TSInterfaceHeritage" || parent.type === "TSClassImplements")
    return "type";
  if (parent.type === "TSQualifiedName" || parent.type === "MemberExpression") return space;
  if (key === "id" && /^TS(?:Interface|TypeAlias|Module)Declaration$/.test(parent.type)) return "type";
  return /^TS(?!As|Satisfies|NonNull|Instantiation|Declare|Module|Enum|Parameter)/.test(child.type) ? "type" : "value";
}

function isWritten(parents: readonly Node[], start: number): boolean {
  const parent = parents.at(-1);
  if (parent?.type === "UpdateExpression") return true;
  const assignment = parents.findLast(({ type }) => !/Pattern$|^Property$|^RestElement$|^SpreadElement$/.test(type));
  if (assignment?.type === "AssignmentExpression") return start < assignment.left.end;
  if (assignment?.type === "ForOfStatement" || assignment?.type === "ForInStatement")
    return start < assignment.left.end;
  return false;
}

function isReceiver(parents: readonly Node[], start: number): boolean {
  const depth = parents.findLastIndex(({ type }) => type !== "MemberExpression" && type !== "ChainExpression");
  if (depth === parents.length - 1) return false;
  const outer = parents[depth];
  if (outer?.type === "CallExpression") return outer.callee.start === start;
  return outer?.type === "AssignmentExpression" && outer.left.start === start;
}

/** Whether the code in a node may run after the statement in which it stands. */
function isDeferred(node: Node, parents: readonly Node[]): boolean {
  if (node.type === "PropertyDefinition" || node.type === "AccessorProperty") return !node.static;
  if (node.type === "FunctionDeclaration") return true;
  if (node.type !== "FunctionExpression" && node.type !== "ArrowFunctionExpression") return false;
  const parent = parents.findLast(({ type }) => type !== "ParenthesizedExpression");
  if (parent?.type === "NewExpression")
    return !(parent.callee.type === "Identifier" && parent.callee.name === "Promise");
  if (parent?.type !== "CallExpression") return true;
  const { callee } = parent;
  const called = callee.type === "ParenthesizedExpression" ? callee.expression : callee;
  if (called.start === node.start) return false;
  const name = callee.type === "MemberExpression" ? callee.property : callee;
  return !(name.type === "Identifier" && immediate.test(name.name.replace(/^.*__api_/, "")));
}
