import type { Node } from "oxc-parser";

/** What a cell declares for all of the program: a part of a `declare global`, or of a `declare module`. */
export interface AmbientPart {
  /** What it declares, such as `global Array.last`. A later part with this key takes its place. */
  readonly key: string;
  /** Where it stands in the cell's plain code. */
  readonly start: number;
  readonly end: number;
}

/** A `declare module "name"`: of a module that exists more parts, of one that does not all that is known of it. */
export interface AmbientModule {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly parts: readonly AmbientPart[];
}

/** What cells declare for all of the program. */
export interface Ambient {
  readonly globals: readonly AmbientPart[];
  readonly modules: readonly AmbientModule[];
}

type Declaration = Extract<Node, { type: "TSModuleDeclaration" }>;

/** Says whether a declaration of a module or namespace is one for all of the program. */
export function isAmbient(node: Declaration): boolean {
  return (node.kind as string) === "global" || node.id.type === "Literal";
}

/** Finds the parts of the statements of a cell that are for all of the program. */
export function findAmbient(body: readonly Node[], code: string): Ambient {
  const globals: AmbientPart[] = [];
  const modules: AmbientModule[] = [];
  for (const node of body) {
    if (node.type !== "TSModuleDeclaration" || !isAmbient(node)) continue;
    if (node.id.type !== "Literal") globals.push(...partsOf(node, "global ", code));
    else {
      const name = node.id.value;
      modules.push({ name, start: node.start, end: node.end, parts: partsOf(node, `${name} `, code) });
    }
  }
  return { globals, modules };
}

/** The smallest parts that do not need each other: members of interfaces and namespaces, and other declarations whole. */
function partsOf({ body }: Declaration, prefix: string, code: string): AmbientPart[] {
  const statements = (body as { readonly body?: readonly Node[] } | null)?.body ?? [];
  return statements.flatMap((statement) => {
    const declared = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
    const { start, end } = statement;
    if (declared.type === "TSInterfaceDeclaration") {
      return declared.body.body.map((member) => ({
        key: `${prefix}${declared.id.name}.${keyOf(member, code)}`,
        start: member.start,
        end: member.end,
      }));
    }
    if (declared.type === "TSModuleDeclaration") {
      return partsOf(declared, `${prefix}${code.slice(declared.id.start, declared.id.end)}.`, code);
    }
    if (declared.type === "VariableDeclaration") {
      const names = declared.declarations.map(({ id }) =>
        code.slice(id.start, "name" in id ? id.start + id.name.length : id.end),
      );
      return [{ key: `${prefix}${names.join()}`, start, end }];
    }
    const name = "id" in declared && declared.id ? code.slice(declared.id.start, declared.id.end) : declared.type;
    return [{ key: `${prefix}${name}`, start, end }];
  });
}

function keyOf(member: Node, code: string): string {
  const key = "key" in member ? (member.key as Node) : undefined;
  return key ? code.slice(key.start, key.end) : code.slice(member.start, member.end);
}

/** Replaces stretches of a text by spaces, so that all else keeps its place. */
export function blank(text: string, stretches: readonly { readonly start: number; readonly end: number }[]): string {
  let blanked = text;
  for (const { start, end } of stretches) {
    blanked = blanked.slice(0, start) + blanked.slice(start, end).replaceAll(/[^\n]/g, " ") + blanked.slice(end);
  }
  return blanked;
}
