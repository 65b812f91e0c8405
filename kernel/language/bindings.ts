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
      /** The type that the run has shown, where the cell's own says less. */
      readonly shown?: string | undefined;
      /** That type in the words of documents, where it is not that of the declaration's run. */
      readonly later?: string | undefined;
      /** Of a variable: it holds something. */
      readonly filled?: boolean | undefined;
    }
  /** A name of which only the run knows: a magic or another program declared it. */
  | { readonly from: "run"; readonly type: string };

/** The notebook's names, in order of declaration. */
export type Bindings = ReadonlyMap<string, Binding>;

/** The files that a binding needs. */
export function filesOf(binding: Binding): readonly string[] {
  return binding.from === "cell" ? [binding.file] : [];
}

/**
 * What stands before a cell in its document, on one line: the names of earlier cells. It has no imports, since the server makes
 * its program anew where the imports of a document change. A variable that the cell assigns takes what its own declaration says,
 * such as a table of any columns.
 */
export function writeHead(bindings: Bindings, assigned: ReadonlySet<string> = new Set()): string {
  const aliases: string[] = [];
  const rest: string[] = [];
  for (const [name, binding] of bindings) {
    if (binding.from === "run") {
      rest.push(`declare let ${name}: ${withoutImports(binding.type)};`);
      continue;
    }
    const { kind, file, filled } = binding;
    const exported = exportOf(file, name);
    const shown = binding.shown === undefined ? undefined : (binding.later ?? exportOf(file, `shown_${name}`));
    if (kind === "mutable") {
      const isKnown = shown !== undefined && !assigned.has(name);
      const type = isKnown ? `${ownPrefix}Known<typeof ${exported}, ${shown}>` : `typeof ${exported}`;
      rest.push(`let ${name}: ${type} = null! as ${filled === true ? `${ownPrefix}Filled<${type}>` : type};`);
    } else if (shown === undefined) {
      // An alias, not `declare const`: the literal type of a constant widens only so.
      aliases.push(`import ${name} = ${exported};`);
    } else {
      // What the run has shown says as much as the cell, and is known at once: of the cell's type it would have to be inferred.
      rest.push(`declare const ${name}: ${shown};`);
    }
  }
  // Behind `import a = b;` the server offers nothing for the first word of the cell, but behind an empty statement it does.
  return `${[...aliases, ...rest].join(" ")} ;\n`;
}

const cells = `${ownPrefix}cells`;

/** File name of the document through which all others know the cells that have run. */
export const cellsFile: string = `${cells}.d.ts`;

/** Text of a document in which there is no cell. */
export const emptyDocument = "export {};";

/**
 * Writes the document through which all others know the cells that have run. That using such a name in a module is an error
 * is no matter: it stands before the cell. What is imported the server would look through for the name of each type.
 */
export function writeCells(files: readonly string[]): string {
  const modules = files.map((file) => `export * as ${stem(file)} from "./${file}";`);
  return [`export as namespace ${cells};`, `export * as arrow from "apache-arrow";`, ...modules].join("\n");
}

/** The type of a value without an import of its own. */
export function withoutImports(type: string): string {
  return type.replaceAll('import("apache-arrow")', `${cells}.arrow`);
}

function exportOf(file: string, name: string): string {
  return `${cells}.${stem(file)}.${ownPrefix}${name}`;
}

/** The name of a cell's document in types. */
export function stem(file: string): string {
  return file.slice(ownPrefix.length).replace(/\.tsx?$/, "");
}

/**
 * What stands behind a cell that has run: its names for later cells, and the types that the run has shown. Those stand here since
 * this document is not checked, which would take longer than the cell that uses them.
 */
export function writeTail({ declared }: CellNames, shown: ReadonlyMap<string, string | undefined>): string {
  const lines = [...shown].flatMap(([name, type]) =>
    type === undefined || !declared.has(name) ? [] : `export type ${ownPrefix}shown_${name} = ${withoutImports(type)};`,
  );
  const aliases: string[] = [];
  for (const [name, kind] of declared) {
    if (kind === "narrowed") lines.push(`export const ${ownPrefix}${name} = ${name};`);
    // An assertion function is to have an annotation.
    else if (kind === "annotated") lines.push(`export const ${ownPrefix}${name}: typeof ${name} = ${name};`);
    else aliases.push(`${name} as ${ownPrefix}${name}`);
  }
  return `\nexport { ${aliases.join(", ")} };\n${lines.join("\n")}\n`;
}

const shownType = /(?:__nb_cells\.in\d+\.)?__nb_shown_([\p{ID_Continue}$]+)/gu;
const quotedKey = /"([A-Za-z_$][\w$]*)":/g;

/** Puts the types that runs have shown in the place of our names for them; of one longer than `longest`, what stands before `<`. */
export function writeShown(text: string, bindings: Bindings, longest: number): string {
  return text.replaceAll(shownType, (_, name: string) => {
    const binding = bindings.get(name);
    const type = (binding?.from === "cell" ? binding.shown : undefined)?.replaceAll(quotedKey, "$1:") ?? "any";
    return type.length > longest ? type.replace(/[<{].*/s, "<…>") : type;
  });
}

/** Takes our names out of what the server says. */
export function withoutOwnNames(text: string): string {
  return text
    .replaceAll(/import\("[^"]*\/__nb_(?:in\d+|run|edit)"\)\./g, "")
    .replaceAll(/\b__nb_cells\.(?:arrow|in\d+)\./g, "")
    .replaceAll('import("apache-arrow").', "")
    .replaceAll(/^\(alias\) /gm, "")
    .replaceAll(/__nb_(?:shown_)?/g, "");
}
