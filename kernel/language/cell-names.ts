/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import { type Node, parseSync, visitorKeys } from "oxc-parser";
import { collectPattern } from "../cell/bindings.ts";

/** How later cells get a name: `alias` as it is; `narrowed` with what is known of it at the cell's end; `mutable` likewise, and assignable. */
export type NameKind = "alias" | "narrowed" | "mutable";

/** What a cell means to the types of other cells. */
export interface CellNames {
  readonly tsx: boolean;
  readonly declared: ReadonlyMap<string, NameKind>;
  /** Names that the cell assigns without declaring them. */
  readonly assigned: ReadonlySet<string>;
  /** What `declare global` and `declare module` declare. */
  readonly ambient: readonly string[];
}

/** Finds what a cell's plain TypeScript declares; of code that does not parse, what looks like a declaration. */
export function findNames(code: string): CellNames {
  let parsed = parseSync("cell.ts", code, { lang: "ts", sourceType: "module" });
  let tsx = false;
  if (parsed.errors.length > 0 && code.includes("<")) {
    const jsx = parseSync("cell.tsx", code, { lang: "tsx", sourceType: "module" });
    const [plainAt, jsxAt] = [parsed, jsx].map(({ errors }) => errors[0]?.labels[0]?.start ?? Infinity);
    if (jsx.errors.length === 0 || jsxAt! > plainAt!) {
      parsed = jsx;
      tsx = true;
    }
  }
  const declared = new Map<string, NameKind>();
  const assigned = new Set<string>();
  const ambient: string[] = [];
  const { body } = parsed.program as unknown as { body: Node[] };
  for (const statement of body) collectStatement(statement, declared, ambient);
  for (const statement of body) visit(statement, 0, declared, assigned);
  if (body.length === 0 && parsed.errors.length > 0) {
    for (const [, name] of code.matchAll(looseDeclaration)) declared.set(name!, "alias");
  }
  for (const name of declared.keys()) assigned.delete(name);
  return { tsx, declared, assigned, ambient };
}

const looseDeclaration =
  /(?:^|[;{}])[^\S\n]*(?:export\s+)?(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:const|let|var|using|function\*?|class|enum|interface|type|namespace)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu;

function collectStatement(statement: Node, declared: Map<string, NameKind>, ambient: string[]): void {
  const alias = (id: unknown): void => {
    const { type, name } = (id ?? {}) as { type?: string; name?: string };
    // The value of a name that is a type too, such as `const P` beside `interface P`, brings both.
    if (type === "Identifier" && name !== undefined) declared.set(name, "alias");
  };
  switch (statement.type) {
    case "VariableDeclaration":
      if (statement.kind !== "var") collectVariables(statement, declared);
      break;
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
    case "TSImportEqualsDeclaration":
      alias(statement.id);
      break;
    case "TSModuleDeclaration":
      if ((statement.kind as string) === "global" || statement.id.type === "Literal")
        ambient.push(...ambientNames(statement));
      else alias(statement.id.type === "Identifier" ? statement.id : leftmost(statement.id));
      break;
    case "ImportDeclaration":
      for (const { local } of statement.specifiers) alias(local);
      break;
    case "ExportNamedDeclaration":
      if (statement.declaration) collectStatement(statement.declaration, declared, ambient);
      for (const { exported } of statement.source ? statement.specifiers : []) alias(exported);
      break;
    case "ExportDefaultDeclaration":
      collectStatement(statement.declaration, declared, ambient);
      break;
    default:
      if ((statement.type as string) === "TSGlobalDeclaration") ambient.push(...ambientNames(statement));
  }
}

function leftmost(name: unknown): unknown {
  const { left } = name as { left?: unknown };
  return left === undefined ? name : leftmost(left);
}

/** The names in a `declare global`, or the module that a `declare module` speaks of. */
function ambientNames(node: Node): string[] {
  const { id, body } = node as unknown as { id: { value?: string }; body: { body?: Node[] } | null };
  if (typeof id.value === "string") return [`module ${id.value}`];
  const inside = new Map<string, NameKind>();
  for (const statement of body?.body ?? []) {
    collectStatement(statement, inside, []);
    if (statement.type === "VariableDeclaration") collectVariables(statement, inside);
  }
  return [...inside.keys(), "global"];
}

type Variables = Extract<Node, { type: "VariableDeclaration" }>;

function collectVariables({ kind, declarations }: Variables, declared: Map<string, NameKind>): void {
  for (const { id, init } of declarations) {
    const names = new Set<string>();
    collectPattern(id, names);
    const isAnnotated = "typeAnnotation" in id && id.typeAnnotation !== null && id.typeAnnotation !== undefined;
    const constant: NameKind = isAnnotated || !init || keepsItsType(init) ? "alias" : "narrowed";
    for (const name of names) declared.set(name, kind === "let" || kind === "var" ? "mutable" : constant);
  }
}

/** Whether no later statement can narrow the type of a constant with this value, or a copy of it would have another type. */
function keepsItsType(init: Node): boolean {
  if (/^(?:Arrow)?Function|^(?:Class|Template|Object|Unary|Binary)|^Literal$/.test(init.type)) return true;
  if (init.type === "ArrayExpression") return init.elements.length > 0;
  return init.type === "CallExpression" && init.callee.type === "Identifier" && init.callee.name === "Symbol";
}

/** Finds assignments everywhere, and the `var`s of nested blocks. */
function visit(node: Node, functions: number, declared: Map<string, NameKind>, assigned: Set<string>): void {
  if (node.type === "AssignmentExpression") collectPattern(node.left, assigned);
  if (node.type === "UpdateExpression") collectPattern(node.argument, assigned);
  if (node.type === "VariableDeclaration" && node.kind === "var" && functions === 0) collectVariables(node, declared);
  const isFunction = /Function|StaticBlock|PropertyDefinition|AccessorProperty/.test(node.type);
  for (const key of visitorKeys[node.type] ?? []) {
    const value = (node as unknown as Record<string, unknown>)[key];
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof child === "object" && child !== null && "type" in child) {
        visit(child as Node, functions + (isFunction ? 1 : 0), declared, assigned);
      }
    }
  }
}
