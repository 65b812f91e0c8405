/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import { type Node, parseSync, visitorKeys } from "oxc-parser";
import { collectPattern } from "../cell/bindings.ts";
import { type Ambient, findAmbient, isAmbient } from "./ambient.ts";
import type { RequireCall } from "./requires.ts";

/** How later cells get a name: `alias` as it is; `narrowed` with what is known of it at the cell's end, `annotated` likewise, with its type as written; `mutable` likewise, and assignable. */
export type NameKind = "alias" | "narrowed" | "annotated" | "mutable";

/** What a cell means to the types of other cells. */
export interface CellNames {
  readonly tsx: boolean;
  readonly declared: ReadonlyMap<string, NameKind>;
  /** What of them is neither variable nor constant, in words: "a class". */
  readonly forms: ReadonlyMap<string, string>;
  /** Those of them that are types alone: no run makes or misses them. */
  readonly types: ReadonlySet<string>;
  /** Names that the cell assigns without declaring them. */
  readonly assigned: ReadonlySet<string>;
  /** What `declare global` and `declare module` declare. */
  readonly ambient: Ambient;
  /** The cell is no valid TypeScript: its run says why. */
  readonly broken: boolean;
  /** What it imports. */
  readonly imports: readonly string[];
  readonly requires: readonly RequireCall[];
  /** Functions that do not run with the cell, where they stand: they may use names of later cells. */
  readonly deferred: readonly Stretch[];
}

/** A stretch of a text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Found {
  readonly declared: Map<string, NameKind>;
  readonly forms: Map<string, string>;
  readonly types: Set<string>;
  readonly assigned: Set<string>;
  readonly deferred: Stretch[];
  readonly requires: RequireCall[];
}

/** Finds what a cell's plain TypeScript declares; of code that does not parse, what looks like a declaration. */
export function findNames(code: string): CellNames {
  let parsed = parse(code, "ts");
  let tsx = false;
  if (parsed.errors.length > 0 && code.includes("<")) {
    const jsx = parse(code, "tsx");
    const [plainAt, jsxAt] = [parsed, jsx].map(({ errors }) => errors[0]?.labels[0]?.start ?? Infinity);
    if (jsx.errors.length === 0 || jsxAt! > plainAt!) {
      parsed = jsx;
      tsx = true;
    }
  }
  const found: Found = {
    declared: new Map(),
    forms: new Map(),
    types: new Set(),
    assigned: new Set(),
    deferred: [],
    requires: [],
  };
  const { declared, types, assigned } = found;
  const { body } = parsed.program as unknown as { body: Node[] };
  for (const statement of body) collectStatement(statement, found);
  for (const statement of body) visit(statement, undefined, false, found);
  if (body.length === 0 && parsed.errors.length > 0) {
    for (const [, name] of code.matchAll(looseDeclaration)) declared.set(name!, "alias");
  }
  for (const name of types) {
    // The value of a name that is a type too, such as `const P` beside `interface P`, brings both.
    if (declared.has(name)) types.delete(name);
    declared.set(name, "alias");
  }
  for (const name of declared.keys()) assigned.delete(name);
  const broken = parsed.errors.some(({ severity }) => (severity as string) === "Error");
  const imports = parsed.module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  return { ...found, tsx, broken, imports, ambient: findAmbient(body, code) };
}

function parse(code: string, lang: "ts" | "tsx"): ReturnType<typeof parseSync> {
  return parseSync(`cell.${lang}`, code, { lang, sourceType: "module", showSemanticErrors: true });
}

const looseDeclaration =
  /(?:^|[;{}])[^\S\n]*(?:export\s+)?(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:const|let|var|using|function\*?|class|enum|interface|type|namespace)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu;

const forms: Readonly<Record<string, string>> = {
  FunctionDeclaration: "a function",
  TSDeclareFunction: "a function",
  ClassDeclaration: "a class",
  TSEnumDeclaration: "an enum",
  TSModuleDeclaration: "a namespace",
  ImportDeclaration: "an import",
  TSImportEqualsDeclaration: "an import",
};

function collectStatement(statement: Node, found: Pick<Found, "declared" | "forms" | "types">): void {
  const { declared, types } = found;
  const collect = (id: unknown, to: Set<string> | Map<string, NameKind>): void => {
    const { type, name } = (id ?? {}) as { type?: string; name?: string };
    if (type !== "Identifier" || name === undefined) return;
    if (to instanceof Set) to.add(name);
    else {
      to.set(name, "alias");
      const form = forms[statement.type];
      if (form !== undefined) found.forms.set(name, form);
    }
  };
  switch (statement.type) {
    case "VariableDeclaration":
      if (statement.kind !== "var") collectVariables(statement, declared);
      break;
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
      collect(statement.id, declared);
      break;
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      collect(statement.id, types);
      break;
    case "TSImportEqualsDeclaration":
      collect(statement.id, statement.importKind === "type" ? types : declared);
      break;
    case "TSModuleDeclaration":
      if (!isAmbient(statement)) collect(leftmost(statement.id), declared);
      break;
    case "ImportDeclaration":
      for (const specifier of statement.specifiers) {
        const isType =
          statement.importKind === "type" || (specifier.type === "ImportSpecifier" && specifier.importKind === "type");
        collect(specifier.local, isType ? types : declared);
      }
      break;
    case "ExportNamedDeclaration":
      if (statement.declaration) collectStatement(statement.declaration, found);
      for (const { exported } of statement.source ? statement.specifiers : []) {
        collect(exported, statement.exportKind === "type" ? types : declared);
      }
      break;
    case "ExportDefaultDeclaration":
      collectStatement(statement.declaration, found);
      break;
    default:
  }
}

function leftmost(name: unknown): unknown {
  const { left } = name as { left?: unknown };
  return left === undefined ? name : leftmost(left);
}

type Variables = Extract<Node, { type: "VariableDeclaration" }>;

function collectVariables({ kind, declarations }: Variables, declared: Map<string, NameKind>): void {
  for (const { id, init } of declarations) {
    const names = new Set<string>();
    collectPattern(id, names);
    const annotation = "typeAnnotation" in id ? id.typeAnnotation?.typeAnnotation : undefined;
    const isKept = !init || (annotation ? isPlainType(annotation) : keepsItsType(init));
    const constant: NameKind = isKept ? "alias" : annotation ? "annotated" : "narrowed";
    for (const name of names) declared.set(name, kind === "let" || kind === "var" ? "mutable" : constant);
  }
}

/** Whether no later statement can narrow the type of a constant with this value, or a copy of it would have another type. */
function keepsItsType(init: Node): boolean {
  if (/^(?:Arrow)?Function|^(?:Class|Template|Object|Unary|Binary)|^Literal$/.test(init.type)) return true;
  if (init.type === "ArrayExpression") return init.elements.length > 0;
  return init.type === "CallExpression" && init.callee.type === "Identifier" && init.callee.name === "Symbol";
}

/** Whether nothing narrows an annotated type, or a copy of it would be another. */
function isPlainType({ type }: Node): boolean {
  return /^TS(?:(?:String|Number|Boolean|BigInt|Symbol|Any|Null|Undefined)Keyword|FunctionType|ConstructorType|TypeOperator|LiteralType|ArrayType|TupleType)$/.test(
    type,
  );
}

/** Finds assignments everywhere, the `var`s of nested blocks, and functions that run later. */
function visit(node: Node, parent: Node | undefined, inFunction: boolean, found: Found): void {
  if (node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "require") {
    const [module] = node.arguments;
    const isText = module?.type === "Literal" && typeof module.value === "string";
    if (isText) found.requires.push({ start: node.start, end: node.end, module: module.value });
  }
  if (node.type === "AssignmentExpression") collectPattern(node.left, found.assigned);
  if (node.type === "UpdateExpression") collectPattern(node.argument, found.assigned);
  if (node.type === "VariableDeclaration" && node.kind === "var" && !inFunction) {
    collectVariables(node, found.declared);
  }
  const isFunction = /Function|StaticBlock|PropertyDefinition|AccessorProperty/.test(node.type);
  // A function that is called or handed over at once, such as a callback of `map`, may well run with the cell.
  const isCalled = parent !== undefined && /^(?:Call|New|ParenthesizedExpr|Await|Chain)/.test(parent.type);
  if (isFunction && !inFunction && !isCalled && node.type !== "StaticBlock") {
    found.deferred.push({ start: node.start, end: node.end });
  }
  for (const key of visitorKeys[node.type] ?? []) {
    const value = (node as unknown as Record<string, unknown>)[key];
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof child === "object" && child !== null && "type" in child) {
        visit(child as Node, node, inFunction || isFunction, found);
      }
    }
  }
}
