import type { MagicString } from "magic-string";
import type { Node } from "oxc-parser";
import { nameOf } from "./imports.ts";
import type { ModuleContext } from "./module-context.ts";
import { declaredBy } from "./names.ts";

type ExportNode = Extract<Node, { type: "ExportNamedDeclaration" | "ExportDefaultDeclaration" }>;

/**
 * Writes an export's declaration; where the name is another in the module, or a later cell exports it too, the export
 * stands at the module's end.
 */
export function exportsOf(
  node: ExportNode,
  index: number,
  text: MagicString,
  context: ModuleContext,
): string | undefined {
  if (node.type === "ExportDefaultDeclaration") return exportDefault(node, index, text, context);
  if (!node.declaration) {
    for (const { local, exported, exportKind } of node.specifiers) {
      const own = { name: nameOf(local), start: local.start, end: local.end, space: "any" as const };
      const use = { ...own, deferred: true, writes: false, receives: false, shorthand: false, statement: 0 };
      const type = node.exportKind === "type" || exportKind === "type";
      context.exported(nameOf(exported), context.nameOf(use, index), type);
    }
    return undefined;
  }
  const { declaration } = node;
  const names = declaredBy(declaration);
  const inPlace = names.every(({ name }) => {
    const own = context.declarationsOf(name).find((found) => found.cell === index);
    return own?.local === name && context.exporterOf(name) === index && !context.shared.has(name);
  });
  if (inPlace) return text.slice(node.start, node.end);
  for (const { name, value } of names) {
    if (context.exporterOf(name) !== index) continue;
    const own = context.declarationsOf(name).find((found) => found.cell === index);
    context.exported(name, own?.local ?? name, !value);
  }
  return text.slice(declaration.start, node.end);
}

function exportDefault(
  node: Extract<ExportNode, { type: "ExportDefaultDeclaration" }>,
  index: number,
  text: MagicString,
  context: ModuleContext,
): string {
  const { declaration } = node;
  const [named] = declaration.type.endsWith("Declaration") ? declaredBy(declaration) : [];
  const isLast = context.exporterOf("default") === index;
  if (named) {
    const own = context.declarationsOf(named.name).find((found) => found.cell === index);
    const local = own?.local ?? named.name;
    if (isLast) context.exported("default", local, !named.value);
    const shown = named.value ? `\n${context.api("display")}(${local});` : "";
    return `${text.slice(declaration.start, declaration.end)}${shown}`;
  }
  const local = context.fresh("defaultExport");
  if (isLast) context.exported("default", local, false);
  const value = text.slice(declaration.start, declaration.end);
  return `const ${local} = ${value};\n${context.api("display")}.result(${local});`;
}

/** The names that a cell exports. */
export function exportedNames(body: readonly Node[]): string[] {
  return body.flatMap((node) => {
    if (node.type === "ExportDefaultDeclaration") return ["default"];
    if (node.type !== "ExportNamedDeclaration") return [];
    if (node.declaration) return declaredBy(node.declaration).map(({ name }) => name);
    return node.specifiers.map(({ exported }) => nameOf(exported));
  });
}
