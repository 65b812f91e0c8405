/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import { type Node, visitorKeys } from "oxc-parser";

/** An identifier that does not belong to any function, block or class of the cell. */
export interface Reference {
  readonly name: string;
  readonly node: Node;
  /** The nodes around it, outermost first. */
  readonly parents: readonly Node[];
}

/** What one walk over a cell finds. */
export interface CellFacts {
  /** Names declared at the top level, `var`s of nested blocks among them. */
  readonly topLevel: ReadonlySet<string>;
  /** Names that only `var` declares at the top level. */
  readonly vars: ReadonlySet<string>;
  /** Every occurrence of a top-level or unknown name, declarations included. */
  readonly references: readonly Reference[];
  /** `await` expressions, `for await` loops and `import.meta`. */
  readonly awaits: readonly Node[];
  readonly loops: readonly Node[];
  readonly metas: readonly Node[];
  /** Declarations with `var` outside of functions, with the nodes around them. */
  readonly varDeclarations: readonly { readonly node: Node; readonly parent: Node }[];
}

/** A node of which only the fields that are asked for matter. */
export type AnyNode = Record<string, unknown> & { type: string; start: number; end: number };

/** Finds which identifiers of a program are the notebook's, and the places that the rewrite changes. */
export function findBindings(program: Node): CellFacts {
  const vars = new Set<string>();
  const lexical = new Set<string>();
  collectVars(program, vars);
  for (const statement of (program as unknown as { body: Node[] }).body) collectLexical(statement, lexical);
  for (const name of lexical) vars.delete(name);
  const facts = {
    topLevel: new Set([...lexical, ...vars]),
    vars,
    references: [] as Reference[],
    awaits: [] as Node[],
    loops: [] as Node[],
    metas: [] as Node[],
    varDeclarations: [] as { node: Node; parent: Node }[],
  };
  const parents: Node[] = [];
  const scopes: Set<string>[] = [];
  let functions = 0;

  function visit(node: Node): void {
    if (node.type === "Identifier") {
      if (!scopes.some((scope) => scope.has(node.name))) {
        facts.references.push({ name: node.name, node, parents: [...parents] });
      }
      return;
    }
    if (node.type === "AwaitExpression") facts.awaits.push(node);
    if (node.type === "ForOfStatement" && node.await) facts.loops.push(node);
    if (node.type === "MetaProperty" && node.meta.name === "import") facts.metas.push(node);
    if (node.type === "VariableDeclaration" && node.kind === "var" && functions === 0) {
      facts.varDeclarations.push({ node, parent: parents.at(-1) as Node });
    }
    const isTopFunction =
      functions === 0 &&
      (parents.length === 1 || (parents.length === 2 && parents[1]?.type.startsWith("Export") === true));
    const scope = scopeOf(node, parents.at(-1));
    if (scope && parents.length > 0) scopes.push(scope);
    const isFunction = /Function|StaticBlock|PropertyDefinition|AccessorProperty/.test(node.type);
    parents.push(node);
    for (const [key, child] of children(node)) {
      // A declaration's own name is a binding of the scope around it; the rewrite knows those of the top level.
      if (key === "id" && /^(?:Function|Class)Declaration$/.test(node.type) && isTopFunction) continue;
      if (isFunction && !(key === "key")) functions += 1;
      // What a switch looks at is outside of the scope that its cases share.
      const hidden = key === "discriminant" ? scopes.pop() : undefined;
      visit(child);
      if (hidden) scopes.push(hidden);
      if (isFunction && !(key === "key")) functions -= 1;
    }
    parents.pop();
    if (scope && parents.length > 0) scopes.pop();
  }

  visit(program);
  return facts;
}

/** The child nodes that hold code; names of properties, labels, and module syntax are left out. */
function children(node: Node): [string, Node][] {
  const record = node as unknown as AnyNode;
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "MetaProperty":
    case "BreakStatement":
    case "ContinueStatement":
      return [];
    case "ExportNamedDeclaration":
      return node.declaration ? [["declaration", node.declaration]] : [];
    case "LabeledStatement":
      return [["body", node.body]];
    default:
  }
  const found: [string, Node][] = [];
  for (const key of visitorKeys[node.type] ?? []) {
    const isName = (key === "key" || key === "property") && record["computed"] === false;
    // In `{ x }` key and value are one identifier: it counts as the value.
    if (isName) continue;
    const value = record[key];
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof child === "object" && child !== null) found.push([key, child as Node]);
    }
  }
  return found;
}

/** The names that a node brings for what is inside it. */
function scopeOf(node: Node, parent: Node | undefined): Set<string> | undefined {
  const names = new Set<string>();
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      if (node.type !== "ArrowFunctionExpression") names.add("arguments");
      if (node.type === "FunctionExpression" && node.id) names.add(node.id.name);
      for (const parameter of node.params) collectPattern(parameter, names);
      return names;
    case "ClassDeclaration":
    case "ClassExpression":
      if (node.id) names.add(node.id.name);
      return names;
    default:
  }
  const block = blockOf(node, parent);
  if (!block) return parent === undefined ? names : undefined;
  for (const statement of block.statements) collectLexical(statement, names);
  addToBlock(block, names);
  return names;
}

/** What a block, a `switch`, a loop or a `catch` declares for what is inside it. */
export interface Block {
  /** Statements whose own declarations count there. */
  readonly statements: readonly Node[];
  /** A node whose `var`s, however deep, count there too. */
  readonly vars?: Node | undefined;
  readonly pattern?: Node | null;
}

/** Says what a node declares as a block; undefined for one that is none. */
export function blockOf(node: Node, parent: Node | undefined): Block | undefined {
  switch (node.type) {
    case "BlockStatement":
      // A function's `var`s are those of its body: a default of a parameter does not see them.
      return { statements: node.body, vars: parent && /Function/.test(parent.type) ? node : undefined };
    case "StaticBlock":
      return { statements: node.body, vars: node };
    case "SwitchStatement":
      return { statements: node.cases.flatMap(({ consequent }) => consequent) };
    case "CatchClause":
      return { statements: [], pattern: node.param };
    case "ForStatement":
      return { statements: node.init ? [node.init] : [] };
    case "ForInStatement":
    case "ForOfStatement":
      return { statements: [node.left] };
    default:
      return undefined;
  }
}

/** Adds the names of a block that no statement of it declares directly. */
export function addToBlock({ vars, pattern }: Block, names: Set<string>): void {
  if (vars) collectVars(vars, names);
  if (pattern) collectPattern(pattern, names);
}

/** Adds the names of `let`, `const`, `using`, functions, classes and imports that a statement declares. */
function collectLexical(statement: Node, names: Set<string>): void {
  switch (statement.type) {
    case "VariableDeclaration":
      if (statement.kind !== "var") for (const { id } of statement.declarations) collectPattern(id, names);
      break;
    case "FunctionDeclaration":
    case "ClassDeclaration":
      if (statement.id) names.add(statement.id.name);
      break;
    case "ImportDeclaration":
      for (const { local } of statement.specifiers) names.add(local.name);
      break;
    case "ExportNamedDeclaration":
      if (statement.declaration) collectLexical(statement.declaration, names);
      break;
    case "ExportDefaultDeclaration":
      collectLexical(statement.declaration, names);
      break;
    default:
  }
}

/** Adds the names that `var` declares anywhere in a function's body or at the top level. */
export function collectVars(node: Node, names: Set<string>): void {
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    for (const { id } of node.declarations) collectPattern(id, names);
    return;
  }
  if (!/Statement$|^Program$|^StaticBlock$|Clause$|^SwitchCase$|^FunctionBody$|^ExportNamed/.test(node.type)) return;
  for (const [, child] of children(node)) collectVars(child, names);
}

/** Adds the names that a pattern binds. */
export function collectPattern(pattern: unknown, names: Set<string>): void {
  const node = pattern as Node | null;
  switch (node?.type) {
    case "Identifier":
      names.add(node.name);
      break;
    case "ObjectPattern":
      for (const property of node.properties) {
        collectPattern(property.type === "RestElement" ? property.argument : property.value, names);
      }
      break;
    case "ArrayPattern":
      for (const element of node.elements) collectPattern(element, names);
      break;
    case "AssignmentPattern":
      collectPattern(node.left, names);
      break;
    case "RestElement":
      collectPattern(node.argument, names);
      break;
    default:
  }
}
