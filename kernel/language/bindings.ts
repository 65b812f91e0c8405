import type { CellNames, NameKind } from "./cell-names.ts";

/** What our own documents and names begin with. */
export const ownPrefix = "__nb_";

/** Where the type of a notebook's name comes from. */
export type Binding =
  | {
      readonly from: "cell";
      readonly kind: NameKind;
      /** File name of the cell that declared it. */
      readonly file: string;
      /** The cell that assigned it last: a variable that was empty may hold something since. */
      readonly end: string;
      /** The type that the run has shown, where the cell's own says less. */
      readonly shown?: string | undefined;
    }
  /** A name of which only the run knows: a magic or another program declared it. */
  | { readonly from: "run"; readonly type: string };

/** The notebook's names, in order of declaration. */
export type Bindings = ReadonlyMap<string, Binding>;

/** The files that a binding needs. */
export function filesOf(binding: Binding): readonly string[] {
  return binding.from === "cell" ? [binding.file, binding.end] : [];
}

/** What stands before a cell in its document, on one line: the names of earlier cells. */
export function writeHead(bindings: Bindings, modules: Iterable<string>): string {
  const imports = new Map<string, Set<string>>();
  const rest: string[] = [];
  const take = (file: string, item: string): void => {
    const items = imports.get(file);
    if (items) items.add(item);
    else imports.set(file, new Set([item]));
  };
  for (const [name, binding] of bindings) {
    if (binding.from === "run") {
      rest.push(`declare let ${name}: ${binding.type};`);
      continue;
    }
    const { kind, file, end, shown } = binding;
    const exported = ownPrefix + name;
    const type = shown === undefined ? `typeof ${exported}` : `${ownPrefix}Known<typeof ${exported}, ${shown}>`;
    if (kind === "mutable") {
      take(file, exported);
      take(end, `${ownPrefix}end_${name}`);
      rest.push(`let ${name}: ${type} = null! as ${ownPrefix}After<${type}, typeof ${ownPrefix}end_${name}>;`);
    } else if (shown === undefined) {
      // An alias, not `declare const`: the literal type of a constant widens only so.
      take(file, `${exported} as ${name}`);
    } else {
      take(file, exported);
      rest.push(`declare const ${name}: ${type};`);
    }
  }
  const lines = [
    ...Array.from(modules, (file) => `import "./${file}";`),
    ...Array.from(imports, ([file, items]) => `import { ${[...items].join(", ")} } from "./${file}";`),
    ...rest,
  ];
  return `${lines.join(" ")}\n`;
}

/** What stands behind a cell that has run: its names for later cells. */
export function writeTail({ declared, assigned }: CellNames, earlier: Bindings): string {
  const lines: string[] = [];
  const aliases: string[] = [];
  for (const [name, kind] of declared) {
    if (kind === "narrowed") lines.push(`export const ${ownPrefix}${name} = ${name};`);
    // An assertion function is to have an annotation.
    else if (kind === "annotated") lines.push(`export const ${ownPrefix}${name}: typeof ${name} = ${name};`);
    else aliases.push(`${name} as ${ownPrefix}${name}`);
    if (kind === "mutable") lines.push(`export const ${ownPrefix}end_${name} = ${name};`);
  }
  for (const name of assigned) {
    const binding = earlier.get(name);
    if (binding?.from === "cell" && binding.kind === "mutable") {
      lines.push(`export const ${ownPrefix}end_${name} = ${name};`);
    }
  }
  return `\nexport { ${aliases.join(", ")} };\n${lines.join("\n")}\n`;
}

/** Takes our names out of what the server says. */
export function withoutOwnNames(text: string): string {
  return text
    .replaceAll(/import\("[^"]*\/__nb_(?:in\d+|run|edit)"\)\./g, "")
    .replaceAll('import("apache-arrow").', "")
    .replaceAll(/^\(alias\) /gm, "")
    .replaceAll(/__nb_(?:end_)?/g, "");
}
