import type { Node } from "oxc-parser";
import type { Rewriting } from "./erasable.ts";
import { declaredBy, isType } from "./names.ts";
import { UnexportableError } from "./unexportable.ts";

type NamespaceNode = Extract<Node, { type: "TSModuleDeclaration" }>;

/**
 * Writes a namespace with values as an object that a function makes, and a namespace of its types, which leaves nothing
 * behind. Says whether there was one with values.
 */
export function writeNamespace(node: NamespaceNode, isExported: boolean, { code, text }: Rewriting): boolean {
  if (node.declare || (node.kind as string) === "global" || node.id.type === "Literal") return false;
  const { body } = node as unknown as { body: { type: string; start: number; end: number; body: Node[] } | null };
  if (body?.type !== "TSModuleBlock" || body.body.every(isTypeStatement)) return false;
  if (node.id.type !== "Identifier") {
    throw new UnexportableError(
      "write `namespace A.B` as one namespace inside of the other, so that it can be exported",
      code,
      node.start,
    );
  }
  const { name } = node.id;
  const again = new RegExp(String.raw`\b(?:namespace|class|function|enum)\s+${name}\b`, "g");
  if ((code.match(again) ?? []).length > 1) {
    throw new UnexportableError(`${name} is declared in parts, which cannot be exported: join them`, code, node.start);
  }
  const head = isExported ? "export " : "";
  const values: string[] = [];
  const types: string[] = [];
  for (const statement of body.body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    const { declaration } = statement;
    if (!declaration) {
      throw new UnexportableError(
        "name what the namespace exports where it is declared: `export const …`",
        code,
        statement.start,
      );
    }
    // Its types are needed inside too.
    if (isTypeStatement(statement)) types.push(code.slice(statement.start, statement.end));
    if (declaration.type === "ClassDeclaration" && declaration.id)
      types.push(`export type ${declaration.id.name} = InstanceType<(typeof ${name})["${declaration.id.name}"]>;`);
    text.remove(statement.start, declaration.start);
    const kind = declaration.type === "VariableDeclaration" ? declaration.kind : "const";
    if (isTypeStatement(statement)) continue;
    const names =
      declaration.type === "TSEnumDeclaration" || declaration.type === "TSModuleDeclaration"
        ? [namedOf(declaration)]
        : declaredBy(declaration).map((found) => found.name);
    for (const one of names) {
      // A variable may change, and the namespace's member with it.
      if (kind === "const") values.push(one);
      else values.push(`get ${one}() { return ${one}; }`, `set ${one}(value) { ${one} = value; }`);
    }
  }
  text.update(node.start, body.start, `const ${name} = (() => `);
  text.appendLeft(body.end - 1, `${code[body.end - 2] === "\n" ? "" : "\n"}  return { ${values.join(", ")} };\n`);
  const space = types.length > 0 ? `\n${head}declare namespace ${name} {\n  ${types.join("\n  ")}\n}` : "";
  text.appendLeft(node.end, `)();${space}`);
  return true;
}

function isTypeStatement(statement: Node): boolean {
  const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
  if (node.type === "TSModuleDeclaration") {
    const { body } = node as unknown as { body: { body: Node[] } | null };
    return node.declare || (body?.body ?? []).every(isTypeStatement);
  }
  return isType(node) || ("declare" in node && node.declare);
}

function namedOf({ id }: Extract<Node, { type: "TSEnumDeclaration" | "TSModuleDeclaration" }>): string {
  return id.type === "Identifier" ? id.name : "";
}
