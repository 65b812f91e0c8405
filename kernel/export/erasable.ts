/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import { MagicString } from "magic-string";
import type { Node } from "oxc-parser";
import type { TsconfigOptions } from "../cell/options.ts";
import { wordsOf } from "../cell/param-names.ts";
import { rewriteClass } from "./classes.ts";
import { writeEnum } from "./enums.ts";
import { rewriteJsx } from "./jsx.ts";
import { writeNamespace } from "./namespaces.ts";
import { childNodes } from "./scopes.ts";
import { parse } from "./syntax.ts";

/** What the rewriting of one cell shares. */
export interface Rewriting {
  readonly code: string;
  readonly text: MagicString;
  readonly tsconfig: TsconfigOptions;
  /** The text of all cells. */
  readonly notebook: string;
  /** Names of which types speak with a member, as in `let c: Color.Red`. */
  readonly qualified: ReadonlySet<string>;
  /** Marks a function of the API. */
  api(name: string): string;
  /** A name that no cell has for the types of an enum. */
  ambientName(name: string): string;
}

type Given = Pick<Rewriting, "api"> & Partial<Rewriting>;

/** Returns what finds names for the types of enums that stand nowhere in the code, each for one enum. */
export function namesBeside(code: string): Rewriting["ambientName"] {
  const taken = wordsOf(code);
  return (name) => {
    let found = `${name}Enum`;
    while (taken.has(found)) found += "_";
    taken.add(found);
    return found;
  };
}

/** Turns what Node cannot run by erasing types (enums, decorators, JSX, …) into code that it can, with its types. */
export function toErasable(
  code: string,
  { api, notebook = code, qualified, tsconfig = {}, ambientName = namesBeside(code) }: Given,
): string {
  const members = qualified ?? qualifiedNames(parse(code).body);
  let written = code;
  // What stands inside of one construct may be another: a few rounds, from the outside in.
  for (let round = 0; round < 10; round += 1) {
    const { body } = parse(written);
    const rewriting: Rewriting = {
      code: written,
      text: new MagicString(written),
      tsconfig,
      notebook,
      qualified: members,
      api,
      ambientName,
    };
    const changed = body.map((node) => rewrite(node, [], rewriting)).some(Boolean);
    if (!changed) return written;
    written = rewriting.text.toString();
  }
  return written;
}

/** The names of which types of a program speak with a member. */
export function qualifiedNames(body: readonly Node[]): Set<string> {
  const found = new Set<string>();
  const visit = (node: Node): void => {
    if (node.type === "TSQualifiedName" && node.left.type === "Identifier") found.add(node.left.name);
    for (const [, child] of childNodes(node)) visit(child);
  };
  for (const node of body) visit(node);
  return found;
}

/** Rewrites the outermost constructs below a node; says whether there was one. */
function rewrite(node: Node, parents: readonly Node[], rewriting: Rewriting): boolean {
  if (rewriteNode(node, parents, rewriting)) return true;
  const inside = [...parents, node];
  return children(node)
    .map((child) => rewrite(child, inside, rewriting))
    .some(Boolean);
}

function children(node: Node): Node[] {
  if (node.type === "ImportDeclaration") return [];
  return childNodes(node).map(([, child]) => child);
}

function rewriteNode(node: Node, parents: readonly Node[], rewriting: Rewriting): boolean {
  const { code, text } = rewriting;
  const parent = parents.at(-1);
  switch (node.type) {
    case "TSEnumDeclaration": {
      if (node.declare) return false;
      const written = writeEnum(node, parent?.type === "ExportNamedDeclaration", rewriting);
      text.update(node.start, node.end, written.code);
      // Only the top level can have it.
      text.appendLeft((parents[0] ?? node).start, written.ambient);
      return true;
    }
    case "TSModuleDeclaration":
      return writeNamespace(node, parent?.type === "ExportNamedDeclaration", rewriting);
    case "ClassDeclaration":
    case "ClassExpression":
      return rewriteClass(node, rewriting);
    case "TSTypeAssertion":
      text.update(node.start, node.expression.start, "(");
      text.appendLeft(node.expression.end, ` as ${code.slice(node.typeAnnotation.start, node.typeAnnotation.end)})`);
      return true;
    case "TSImportEqualsDeclaration":
      return rewriteImportEquals(node, parent?.type === "ExportNamedDeclaration", rewriting);
    case "ExportNamedDeclaration":
      return rewriteReexport(node, rewriting);
    case "ExportAllDeclaration": {
      if (!node.exported) return false;
      const name = code.slice(node.exported.start, node.exported.end);
      const source = code.slice(node.source.start, node.end).replace(/;$/, "");
      const type = node.exportKind === "type" ? "type " : "";
      text.update(node.start, node.end, `import ${type}* as ${name} from ${source};\nexport ${type}{ ${name} };`);
      return true;
    }
    case "JSXElement":
    case "JSXFragment":
      return rewriteJsx(node, rewriting);
    default:
      return false;
  }
}

/** `import x = require("y")` and `import X = A.B`. */
function rewriteImportEquals(
  node: Extract<Node, { type: "TSImportEqualsDeclaration" }>,
  isExported: boolean,
  { code, text }: Rewriting,
): boolean {
  const { id, moduleReference } = node;
  if (moduleReference.type === "TSExternalModuleReference") {
    const { start, end } = moduleReference.expression;
    text.update(node.start, node.end, `import ${id.name} from ${code.slice(start, end)};`);
    return true;
  }
  const named = code.slice(moduleReference.start, moduleReference.end);
  text.update(node.start, node.end, `const ${id.name} = ${named};${isExported ? "" : ""}`);
  return true;
}

/** `export { a } from "m"` declares `a` in a notebook, where a module has it for others only. */
function rewriteReexport(node: Extract<Node, { type: "ExportNamedDeclaration" }>, { code, text }: Rewriting): boolean {
  if (!node.source) return false;
  const type = node.exportKind === "type" ? "type " : "";
  const source = code.slice(node.source.start, node.end).replace(/;$/, "");
  const names = node.specifiers.map(({ local, exported, exportKind }) => {
    const [from, to] = [local, exported].map(({ start, end }) => code.slice(start, end));
    // A default export has no name in a notebook.
    const own = to === "default" ? "defaultExport" : to!;
    const kind = exportKind === "type" && type === "" ? "type " : "";
    return {
      imported: `${kind}${from === own ? own : `${from} as ${own}`}`,
      exported: `${kind}${own === to ? own : `${own} as ${to}`}`,
    };
  });
  const list = (key: "imported" | "exported"): string => names.map((name) => name[key]).join(", ");
  const imported = `import ${type}{ ${list("imported")} } from ${source};`;
  text.update(node.start, node.end, `${imported}\nexport ${type}{ ${list("exported")} };`);
  return true;
}
