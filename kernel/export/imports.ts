import type { ImportDeclaration, Node } from "oxc-parser";

/** The static imports of a module, one statement for each source. */
export interface ImportList {
  /** Adds a name; `imported` is `default`, `*` or an export's name. `type` where nothing of it runs. */
  add(source: string, imported: string, local: string, options?: { type?: boolean; attributes?: string }): void;
  /** Adds an import for its effects. */
  effect(source: string, attributes?: string): void;
  toString(): string;
}

interface Entry {
  attributes: string;
  effect: boolean;
  readonly names: { readonly imported: string; readonly local: string; type: boolean }[];
}

/** Creates an empty list. */
export function createImports(): ImportList {
  const entries = new Map<string, Entry>();
  const entryOf = (source: string, attributes = ""): Entry => {
    const found = entries.get(source) ?? { attributes, effect: false, names: [] };
    entries.set(source, found);
    found.attributes ||= attributes;
    return found;
  };
  return {
    add(source, imported, local, { type = false, attributes = "" } = {}) {
      const { names } = entryOf(source, attributes);
      const known = names.find((name) => name.imported === imported && name.local === local);
      if (known) known.type &&= type;
      else names.push({ imported, local, type });
    },
    effect(source, attributes) {
      entryOf(source, attributes).effect = true;
    },
    toString() {
      const order = ([source]: [string, Entry]): number =>
        source.startsWith("node:") ? 0 : /^[./]/.test(source) ? 2 : 1;
      const sorted = [...entries].toSorted((a, b) => order(a) - order(b) || (a[0] < b[0] ? -1 : 1));
      return sorted.flatMap(([source, entry]) => write(source, entry)).join("\n");
    },
  };
}

function write(source: string, { attributes, effect, names }: Entry): string[] {
  const from = `${JSON.stringify(source)}${attributes};`;
  const lines: string[] = [];
  const defaults = names.filter(({ imported }) => imported === "default");
  const spaces = names.filter(({ imported }) => imported === "*");
  const named = names.filter(({ imported }) => imported !== "default" && imported !== "*");
  const kind = (all: readonly { readonly type: boolean }[]): string =>
    all.every(({ type }) => type) ? "import type " : "import ";
  for (const one of defaults.slice(1)) lines.push(`${kind([one])}${one.local} from ${from}`);
  for (const one of spaces) lines.push(`${kind([one])}* as ${one.local} from ${from}`);
  const [first] = defaults;
  const isMixed = first && named.length > 0 && first.type !== named.every(({ type }) => type);
  if (first && (named.length === 0 || isMixed || first.type)) lines.push(`${kind([first])}${first.local} from ${from}`);
  if (named.length > 0) {
    const head = first && !isMixed && !first.type ? `${first.local}, ` : "";
    const all = named.every(({ type }) => type) && head === "";
    const list = named
      .toSorted((a, b) => (a.imported < b.imported ? -1 : 1))
      .map(({ imported, local, type }) => {
        const name = imported === local ? local : `${imported} as ${local}`;
        return type && !all ? `type ${name}` : name;
      });
    const line = `${all ? "import type " : "import "}${head}{ ${list.join(", ")} } from ${from}`;
    lines.push(line.length <= 120 ? line : line.replace("{ ", "{\n  ").replaceAll(", ", ",\n  ").replace(" }", ",\n}"));
  }
  if (effect && names.every(({ type }) => type)) lines.push(`import ${from}`);
  return lines;
}

/** One name of an import statement. */
export interface ImportedName {
  readonly imported: string;
  readonly local: string;
  readonly start: number;
  readonly type: boolean;
}

/** Lists what an import statement brings. */
export function namesOf(node: ImportDeclaration): ImportedName[] {
  return node.specifiers.map((specifier) => ({
    imported:
      specifier.type === "ImportDefaultSpecifier"
        ? "default"
        : specifier.type === "ImportNamespaceSpecifier"
          ? "*"
          : nameOf(specifier.imported),
    local: specifier.local.name,
    start: specifier.local.start,
    type: node.importKind === "type" || (specifier.type === "ImportSpecifier" && specifier.importKind === "type"),
  }));
}

/** An exported name as it is written: an identifier, or a string. */
export function nameOf(name: Node): string {
  if (name.type === "Literal") return JSON.stringify(name.value);
  return name.type === "Identifier" ? name.name : "";
}

/** Writes an import's `with { … }`; a JSON module needs one in plain Node. */
export function attributesOf(node: { readonly attributes?: readonly Node[] | null }, source: string): string {
  const list = (node.attributes ?? []).flatMap((attribute) =>
    attribute.type === "ImportAttribute" ? [`${nameOf(attribute.key)}: ${JSON.stringify(attribute.value.value)}`] : [],
  );
  if (list.length === 0 && source.endsWith(".json")) list.push('type: "json"');
  return list.length > 0 ? ` with { ${list.join(", ")} }` : "";
}
