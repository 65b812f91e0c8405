import { join } from "node:path";
import { type AmbientModule, type AmbientPart, blank } from "./ambient.ts";
import {
  type Binding,
  type Bindings,
  emptyDocument,
  filesOf,
  withoutImports,
  writeHead,
  writeTail,
} from "./bindings.ts";
import type { CellNames, NameKind } from "./cell-names.ts";
import { type Document, toDocument } from "./documents.ts";
import type { NamedCell } from "./explain-cells.ts";
import type { PlainCell } from "./plain-cell.ts";
import { isModule, roots } from "./project.ts";
import { type MadeCell, countTurns } from "./reruns.ts";
import { typeRequires } from "./requires.ts";
import type { LanguageServer } from "./server.ts";
import { createSlots } from "./slots.ts";

/** A name that a run has declared, and its type in words of TypeScript where the value tells it. */
export interface DeclaredName {
  readonly name: string;
  readonly type?: string | undefined;
}

/** What a variable holds. */
export interface VariableNews extends DeclaredName {
  /** Neither null nor undefined. */
  readonly filled: boolean;
}

/** What a cell's run did to the notebook's names. */
export interface CellEnd {
  /** `refused`: it did not run at all. */
  readonly outcome: "ok" | "failed" | "refused";
  readonly declared: readonly DeclaredName[];
  /** What it is called in messages, such as `In[3]`. */
  readonly cell?: string;
  /** Variables that hold something else than before, as far as that matters to types. */
  readonly variables?: readonly VariableNews[];
  /** Globals that came with it. */
  readonly globals?: readonly string[];
  /** All names were forgotten before those were declared. */
  readonly cleared: boolean;
}

/** A cell with the names of earlier ones that it could use when it began. */
export interface BegunCell {
  readonly plain: PlainCell;
  readonly names: CellNames;
  readonly bindings: Bindings;
  /** Documents with what is declared for all of the program. */
  readonly ambient: readonly string[];
}

/** What the cells that have run declare, each in a document of its own. */
export interface Declarations {
  readonly bindings: Bindings;
  /** Globals that runs have made: of those without a type no cell is told that they are missing. */
  readonly globals: ReadonlySet<string>;
  /** Names whose cell did not come to declare them. */
  readonly undone: ReadonlyMap<string, "failed" | "refused">;
  /** How messages speak of cells, by the file names of their documents. */
  readonly cells: ReadonlyMap<string, NamedCell>;
  /** Documents with what is declared for all of the program. */
  ambient(): readonly string[];
  /** A cell is about to run: what it declares for all of the program is known. Returns its code without whole modules. */
  begin(plain: PlainCell, names: CellNames): PlainCell;
  /** A cell has ended: what it declares is known from now on. */
  add(cell: BegunCell | undefined, end: CellEnd): void;
  forget(): void;
  /** Takes the cells that are no longer needed out of what the server knows; until then they are there in vain. */
  clean(): void;
  /** Opens a document for a later cell where few are left, and returns its file name. */
  openAhead(): string | undefined;
}

// Names of cells that failed are remembered for what is said of them.
const mostUndone = 200;

/** Creates the declarations of a notebook of which no cell has run. */
export function createDeclarations(server: LanguageServer, folder: string): Declarations {
  const bindings = new Map<string, Binding>();
  const undone = new Map<string, "failed" | "refused">();
  const globals = new Set<string>();
  /** The documents of cells, and what each was made from. */
  const made = new Map<string, MadeCell>();
  const cells = new Map<string, NamedCell>();
  /** Documents that declare something for all of the program, and where in them. */
  const ambient = new Map<string, { readonly document: Document; readonly parts: readonly AmbientPart[] }>();
  /** Modules that are nowhere but in a `declare module`, each with its last declaration. */
  const modules = new Map<string, string>();
  const path = (file: string): string => join(folder, file);
  const slots = createSlots((file, text) => server.set(path(file), text));

  const isOwn = ({ name }: AmbientModule): boolean => !isModule(folder, name);

  /** The modules that a cell declares whole, as text. */
  function ownModules({ code }: PlainCell, { ambient: { modules: found } }: CellNames): Map<string, string> {
    const texts = new Map<string, string>();
    for (const { name, start, end } of found.filter(isOwn)) {
      texts.set(name, `${texts.get(name) ?? ""}${code.slice(start, end)}\n`);
    }
    return texts;
  }

  function writeModules(more: ReadonlyMap<string, string>): void {
    server.set(path(roots.modules), [...new Map([...modules, ...more]).values()].join(""));
  }

  /** What a cell adds to what is declared elsewhere. */
  function partsOf({ ambient: { globals: here, modules: found } }: CellNames): AmbientPart[] {
    return [...here, ...found.filter((module) => !isOwn(module)).flatMap(({ parts }) => parts)];
  }

  /** Takes out of earlier cells what one declares anew for all of the program. */
  function removeParts(keys: ReadonlySet<string>): void {
    for (const [file, { document, parts }] of ambient) {
      const old = parts.filter(({ key }) => keys.has(key));
      if (old.length === 0) continue;
      const places = old.map(({ start, end }) => ({
        start: start + document.headLength,
        end: end + document.headLength,
      }));
      const rest = { ...document, text: blank(document.text, places) };
      server.set(rest.path, rest.text);
      ambient.set(file, { document: rest, parts: parts.filter((part) => !old.includes(part)) });
      if (parts.length === old.length) ambient.delete(file);
    }
  }

  function addCell({ plain, names, bindings: used, ambient: imported }: BegunCell, end: CellEnd): void {
    const types = new Map(end.declared.map(({ name, type }) => [name, type]));
    const isOk = end.outcome === "ok";
    const isRead = end.outcome !== "refused" && !names.broken;
    // Of a cell that failed, what it had declared by then is there; a type is there without a run.
    const own = [...names.declared].filter(([name]) => isOk || types.has(name) || (isRead && names.types.has(name)));
    for (const [name] of names.declared) {
      if (!bindings.has(name)) undone.set(name, isRead ? "failed" : "refused");
      if (undone.size > mostUndone) undone.delete(undone.keys().next().value!);
    }
    for (const [name] of own) undone.delete(name);
    const parts = isRead ? partsOf(names) : [];
    const whole = isRead ? ownModules(plain, names) : new Map<string, string>();
    for (const [name, text] of whole) modules.set(name, text);
    if (own.length + parts.length === 0) return;
    const old = parts.length === 0 ? placeOf(own) : undefined;
    const needs = [...[...used.values()].flatMap(filesOf), ...imported];
    const cell = { code: plain.code, used, shown: types, needs };
    const turns = old === undefined ? 0 : countTurns(made, old, cell);
    if (old !== undefined && turns === Infinity) {
      cells.set(old, { name: end.cell, forms: names.forms });
      return bindOwn(own, old, types);
    }
    const file = slots.take(names.tsx);
    const code = { ...plain, code: blank(plain.code, names.ambient.modules.filter(isOwn)) };
    const document = toDocument(
      path(file),
      writeHead(used),
      // The parts have their places in the code as it is.
      parts.length > 0 ? code : typeRequires(code, names.requires),
      writeTail(names, types),
    );
    server.set(document.path, document.text);
    made.set(file, { ...cell, turns });
    if (parts.length > 0) {
      ambient.set(file, { document, parts });
      // The cell is not to say it a second time.
      for (const root of [...roots.run, ...roots.edit]) server.set(path(root), emptyDocument);
    }
    cells.set(file, { name: end.cell, forms: names.forms });
    bindOwn(own, file, types);
  }

  /** The one document in which names are declared. */
  function placeOf(names: readonly (readonly [name: string, kind: NameKind])[]): string | undefined {
    const files = new Set(
      names.map(([name]) => bindings.get(name)).map((each) => (each?.from === "cell" ? each.file : "")),
    );
    const [file] = files;
    return files.size === 1 && file !== "" ? file : undefined;
  }

  function bindOwn(
    own: readonly (readonly [name: string, kind: NameKind])[],
    file: string,
    types: MadeCell["shown"],
  ): void {
    for (const [name, kind] of own) {
      bindings.delete(name);
      bindings.set(name, { from: "cell", kind, file, shown: types.get(name) });
    }
  }

  function addNews({ name, type, filled }: VariableNews): void {
    const binding = bindings.get(name);
    if (binding?.from !== "cell" || binding.kind !== "mutable") return;
    const isLater = type !== undefined && type !== binding.shown;
    bindings.set(name, {
      ...binding,
      filled,
      shown: type,
      later: isLater ? withoutImports(type) : type && binding.later,
    });
  }

  /** Forgets the documents that no name needs any longer. */
  function tidy(): void {
    const kept = new Set([...bindings.values()].flatMap(filesOf));
    for (const file of ambient.keys()) kept.add(file);
    // A set that grows while it is walked is walked to its end.
    for (const file of kept) for (const needed of made.get(file)?.needs ?? []) kept.add(needed);
    for (const file of made.keys()) {
      if (kept.has(file)) continue;
      made.delete(file);
      cells.delete(file);
      slots.free(file);
    }
  }

  function clear(): void {
    bindings.clear();
    ambient.clear();
    modules.clear();
    undone.clear();
    writeModules(modules);
    tidy();
    slots.clean();
  }

  return {
    bindings,
    globals,
    undone,
    cells,
    ambient: () => [...ambient.keys()],
    begin(plain, names) {
      writeModules(ownModules(plain, names));
      removeParts(new Set(partsOf(names).map(({ key }) => key)));
      return { ...plain, code: blank(plain.code, names.ambient.modules.filter(isOwn)) };
    },
    add(cell, end) {
      if (end.cleared) clear();
      for (const name of end.globals ?? []) globals.add(name);
      if (cell) addCell(cell, end);
      for (const { name, type = "any" } of end.declared) {
        if (cell?.names.declared.has(name) === true) continue;
        bindings.set(name, { from: "run", type });
        undone.delete(name);
      }
      for (const news of end.variables ?? []) addNews(news);
      tidy();
    },
    forget() {
      clear();
      globals.clear();
    },
    clean: slots.clean,
    openAhead: slots.openAhead,
  };
}
