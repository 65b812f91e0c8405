import type {
  ExportAllDeclaration,
  ExportNamedDeclaration,
  ImportDeclaration,
  ModuleExportName,
  Node,
} from "oxc-parser";
import type { Rewrite } from "./rewrite.ts";

type Source = ImportDeclaration | ExportNamedDeclaration | ExportAllDeclaration;

/** Makes a static import a dynamic one at the cell's head, whose names follow the module's exports. */
export function bindImport(context: Rewrite, node: ImportDeclaration): void {
  const { facts } = context;
  const bindings: [string, string][] = node.specifiers.map((specifier) => {
    const local = specifier.local.name;
    if (specifier.type === "ImportDefaultSpecifier") return ["default", local];
    return [specifier.type === "ImportNamespaceSpecifier" ? "*" : exportName(specifier.imported), local];
  });
  const used = new Set(facts.references.map(({ name }) => name));
  const users = bindings.filter(([, local]) => context.isUsers(local));
  // The tools' own imports, such as the JSX runtime's functions.
  const own = bindings.filter(([, local]) => !context.isUsers(local));
  move(context, node, users, own, used);
}

/** `export … from` imports the names that it lists. `export {a}` alone says nothing that a notebook needs. */
export function bindReexport(context: Rewrite, node: ExportNamedDeclaration | ExportAllDeclaration): void {
  if (node.type === "ExportAllDeclaration") {
    move(context, node, node.exported ? [["*", exportName(node.exported)]] : [], [], new Set());
  } else if (node.source) {
    const bindings = node.specifiers.map(({ local, exported }): [string, string] => [
      exportName(local),
      exportName(exported),
    ]);
    move(
      context,
      node,
      bindings.filter(([, name]) => name !== "default"),
      [],
      new Set(),
    );
  } else context.text.remove(node.start, node.end);
}

function exportName(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}

function move(
  context: Rewrite,
  node: Source,
  users: readonly [string, string][],
  own: readonly [string, string][],
  used: ReadonlySet<string>,
): void {
  const { text, names, imports } = context;
  const specifier = node.source?.value ?? "";
  imports.push(specifier);
  const attributes = (node.attributes ?? []).map(
    ({ key, value }) =>
      `${JSON.stringify(key.type === "Literal" ? key.value : key.name)}: ${JSON.stringify(value.value)}`,
  );
  const options = attributes.length > 0 ? `, { with: { ${attributes.join(", ")} } }` : "";
  const module = `await ${names.cell}.wait(import(${JSON.stringify(specifier)}${options}))`;
  const list = users.map(([imported, local]) => {
    context.options.place(local);
    context.declare(local, "import");
    return [imported, local, used.has(local)];
  });
  let code = `${module};`;
  if (list.length > 0) {
    code = `${names.cell}.bind(${module}, ${JSON.stringify(specifier)}, ${JSON.stringify(list)});`;
  } else if (own.length > 0) {
    code = `const { ${own.map(([imported, local]) => `${JSON.stringify(imported)}: ${local}`).join(", ")} } = ${module};`;
  }
  text.update(node.start, node.end, code);
  // Modules are evaluated before the cell, in the order in which they are named, but below what installs them.
  const { body } = context.program as unknown as { body: Node[] };
  const installed = body.findLastIndex((each) => each.start < node.start && isInstall(each, names.cell));
  const pivot = body.slice(installed + 1).find((statement) => !isImport(statement));
  if (pivot && pivot.start < node.start) text.move(node.start, node.end, pivot.start);
}

function isImport(statement: Node): boolean {
  if (statement.type === "ExportNamedDeclaration") return statement.source !== null;
  return statement.type === "ImportDeclaration" || statement.type === "ExportAllDeclaration";
}

/** `%npm …` by now: a call of the cell object. */
function isInstall(statement: Node, cell: string): boolean {
  const awaited = statement.type === "ExpressionStatement" ? statement.expression : statement;
  const call = awaited.type === "AwaitExpression" ? awaited.argument : awaited;
  if (call.type !== "CallExpression" || call.callee.type !== "MemberExpression") return false;
  const { object, property } = call.callee;
  const [magic] = call.arguments;
  return (
    object.type === "Identifier" &&
    object.name === cell &&
    property.type === "Identifier" &&
    property.name === "magic" &&
    magic?.type === "Literal" &&
    magic.value === "npm"
  );
}
