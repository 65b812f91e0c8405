import { dots, maskUrls } from "../../magics/mask-secrets.ts";
import { wordsOf } from "../cell/param-names.ts";
import type { ImportDeclaration } from "oxc-parser";
import { atCell, textsOf } from "./cell-code.ts";
import { ExportError, type ExportOptions, type ExportedModule, type SourceCell, firstLine } from "./export-options.ts";
import { exportedNames } from "./exports.ts";
import { headOf, metaOf } from "./head.ts";
import { attributesOf, createImports, namesOf } from "./imports.ts";
import type { ModuleContext } from "./module-context.ts";
import { type CellFacts, findNames } from "./names.ts";
import { expandRuns } from "./run-files.ts";
import { planNames } from "./renames.ts";
import { sharedType } from "./shared-type.ts";
import { type Specifiers, createSpecifiers } from "./specifiers.ts";
import { parse } from "./syntax.ts";
import { type NotebookCell, isCertainValue, writeCell } from "./write-cell.ts";

/** Writes a notebook as one ES module. */
export function toModule(given: readonly SourceCell[], options: ExportOptions): ExportedModule {
  const notes: string[] = [];
  const cells = expandRuns(given, options);
  const sources = cells.filter(({ type }) => type === "code").map(({ source }) => source);
  const words = sources.map((source) => wordsOf(source));
  const all = new Set(words.flatMap((set) => [...set]));
  const taken = new Set(all);
  const marker = unused("__api_", all);
  const specifiers = createSpecifiers(options, (note) => notes.push(note));

  const texts = textsOf(cells, { options, marker, taken, words, notes, written: specifiers.written });
  const codes = texts.flatMap(({ cell, text }) => (text === undefined ? [] : [{ cell, ...factsOf(text, cell) }]));
  const plan = planNames(codes, taken);
  const imports = createImports();

  const isDeclared = (name: string): boolean =>
    plan.declarationsOf(name).some((one) => one.local === name && one.imports !== `typhoon-kernel ${name}`);
  const apiNames = new Map<string, string>();
  const api = (name: string): string => {
    const local = apiNames.get(name) ?? (isDeclared(name) ? plan.fresh(name) : name);
    apiNames.set(name, local);
    imports.add(sourceOfApi[name] ?? "typhoon-kernel", name, local);
    return local;
  };

  const exporters = new Map<string, number>();
  for (const [index, { body }] of codes.entries()) for (const name of exportedNames(body)) exporters.set(name, index);
  const exported: string[] = [];
  const context: ModuleContext = {
    ...plan,
    nameOf(use, cell) {
      if (use.name.startsWith(marker)) return api(use.name.slice(marker.length));
      const declaration = plan.resolve(use, cell);
      if (declaration === undefined && use.space !== "type" && provided.has(use.name)) return api(use.name);
      return plan.nameOf(use, cell);
    },
    imports,
    api,
    specifier: specifiers.correct,
    meta: (property) => metaOf(property, options),
    isLate: (node, cell) => specifiers.isWritten(node.source.value) || isLate(node, cell, codes, specifiers),
    isMissing: specifiers.isMissing,
    isTypeOnly: (name) => isTypeOnly(name, codes),
    isCertainName: (name) => {
      const declarations = plan.declarationsOf(name);
      return declarations.length > 0 && declarations.every(({ cell }) => isCertainValue(codes[cell]!, name));
    },
    neededOutside: (index) => neededOutside(index, codes, plan),
    sharedType: (name) => sharedType(name, plan.declarationsOf(name), codes),
    exporterOf: (name) => exporters.get(name),
    exported: (name, local, type) =>
      void exported.push(`${type ? "type " : ""}${local === name ? name : `${local} as ${name}`}`),
  };
  for (const [index, cell] of codes.entries()) collectImports(cell, index, context);

  const chunks = texts.map(({ cell, text, shown }) => {
    if (text === undefined) return shown;
    const index = codes.findIndex((code) => code.cell === cell);
    try {
      return writeCell(codes[index]!, index, context);
    } catch (error) {
      throw error instanceof ExportError ? error : atCell(error, cell);
    }
  });
  // Open connections to these would keep the program from its end.
  if (sources.some((source) => /%(?:mongo|redis)\b|\b(?:mongo|redis)\s*\(/.test(source)))
    chunks.push(`await ${api("closeConnections")}();`);
  const body = join(chunks.filter((chunk) => chunk.trim() !== ""));
  const text = [
    `${firstLine}${options.title}. A file without this line is not overwritten.`,
    headOf(body, codes, context, options),
    body,
    exported.length > 0 ? `export { ${exported.join(", ")} };` : "",
  ];
  for (const name of new Set(codes.flatMap(({ uses }) => uses.map((use) => use.name)))) {
    if (/^(?:alert|confirm|prompt)$/.test(name) && plan.declarationsOf(name).length === 0)
      notes.push(`\`${name}\` is a function of browsers and notebooks, which Node has not: use \`await input(…)\``);
  }
  const safe = maskUrls(`${text.filter((part) => part !== "").join("\n\n")}\n`);
  if (safe.includes(`:${dots}@`) || safe.includes(`=${dots}`)) notes.push(hiddenPassword);
  return { text: safe, notes: [...new Set(notes)] };
}

const hiddenPassword = `a password is not written: ${dots} stands in its place. Define the connection in connections.toml, where its password comes from the environment, and write connect("name")`;

const provided = new Set(["display", "input", "plot", "progress", "sh", "sql"]);

const sourceOfApi: Readonly<Record<string, string>> = {
  appendFile: "node:fs/promises",
  createRequire: "node:module",
  readFile: "node:fs/promises",
  writeFile: "node:fs/promises",
};

function unused(prefix: string, words: ReadonlySet<string>): string {
  return [...words].some((word) => word.startsWith(prefix)) ? unused(`_${prefix}`, words) : prefix;
}

function factsOf(code: string, { tags = [] }: SourceCell): Omit<NotebookCell, never> {
  const { body } = parse(code);
  const facts: CellFacts = findNames(body);
  const imports = new Map<string, string>();
  for (const node of body) {
    if (node.type !== "ImportDeclaration") continue;
    for (const { imported, local } of namesOf(node)) imports.set(local, `${node.source.value} ${imported}`);
  }
  return { code, body, ...facts, imports, mayFail: tags.includes("raises-exception") };
}

function isTypeOnly(name: string, cells: readonly NotebookCell[]): boolean {
  const uses = cells.flatMap((cell) => {
    const declared = cell.body.flatMap((node) => (node.type === "ImportDeclaration" ? namesOf(node) : []));
    return cell.uses.filter((use) => use.name === name && !declared.some(({ start }) => start === use.start));
  });
  return uses.length > 0 && uses.every(({ space }) => space === "type");
}

/** Whether a cell that may fail has to import in its place, so that nothing else of the module fails with it. */
function isLate(
  node: ImportDeclaration,
  cell: number,
  cells: readonly NotebookCell[],
  { isMissing }: Pick<Specifiers, "isMissing">,
): boolean {
  if (cells[cell]?.mayFail !== true || node.importKind === "type") return false;
  if (isMissing(node.source.value)) return true;
  // What others use was there; a type can only be imported at the head.
  const names = new Set(node.specifiers.map(({ local }) => local.name));
  return !cells.some(({ uses }, other) =>
    uses.some(({ name, space }) => names.has(name) && (other !== cell || space === "type")),
  );
}

/** Moves a cell's static imports to the module's head. */
function collectImports(cell: NotebookCell, index: number, context: ModuleContext): void {
  for (const node of cell.body) {
    if (node.type !== "ImportDeclaration" || context.isLate(node, index)) continue;
    const source = context.specifier(node.source.value);
    const attributes = attributesOf(node, source);
    if (node.specifiers.length === 0) context.imports.effect(source, attributes);
    for (const { imported, local, type, start } of namesOf(node)) {
      const use = { name: local, start, end: start + local.length, space: "any" as const };
      const own = context.resolve(
        { ...use, deferred: true, writes: false, receives: false, shorthand: false, statement: 0 },
        index,
      );
      context.imports.add(source, imported, own?.local ?? local, {
        type: type || context.isTypeOnly(local),
        attributes,
      });
    }
  }
}

function neededOutside(index: number, cells: readonly NotebookCell[], plan: ReturnType<typeof planNames>): Set<string> {
  const needed = new Set<string>();
  for (const [other, { uses }] of cells.entries()) {
    if (other === index) continue;
    for (const use of uses) if (plan.resolve(use, other)?.cell === index) needed.add(use.name);
  }
  const { body, declared } = cells[index]!;
  // Functions are hoisted, and so are the lines that keep the latest of them.
  const functions = declared.filter(({ name, kind }) => kind === "function" && plan.latest.has(name));
  return new Set([...needed, ...exportedNames(body), ...functions.map(({ name }) => name)]);
}

/** Joins cells; a line that begins with a bracket would continue the line above it. */
function join(chunks: readonly string[]): string {
  let text = "";
  for (const chunk of chunks) {
    const code = chunk.replace(/^(?:\s|\/\/[^\n]*(?:\n|$))+/, "");
    const continues = /^[([`+\-/*]/.test(code) && !code.startsWith("/*");
    const whole = continues ? `${chunk.slice(0, chunk.length - code.length)};${code}` : chunk;
    text += text === "" ? whole : `\n\n${whole}`;
  }
  return text;
}
