import { join } from "node:path";
import { isDeep } from "../cell/depth.ts";
import { CellSyntaxError } from "../cell/errors.ts";
import type { MagicsInfo } from "../cell/options.ts";
import { wordsOf } from "../cell/param-names.ts";
import { type Bindings, emptyDocument, writeHead } from "./bindings.ts";
import { type CellNames, findNames } from "./cell-names.ts";
import { type Completions, askCompletions, isInTag } from "./completions.ts";
import { type BegunCell, type CellEnd, createDeclarations } from "./declarations.ts";
import { type Description, askDescription } from "./descriptions.ts";
import { type Document, toDocument } from "./documents.ts";
import { watchFolder } from "./files.ts";
import { createImportNames } from "./import-names.ts";
import { findImports } from "./imports.ts";
import { installs } from "./installs.ts";
import { type PlainCell, toPlainCell, usesMagic } from "./plain-cell.ts";
import { toPosition } from "./places.ts";
import { type Problem, addImports, toProblems } from "./problems.ts";
import { readProject, roots } from "./project.ts";
import type { LspDiagnostic } from "./protocol.ts";
import { typeRequires } from "./requires.ts";
import { type LanguageServer, createLanguageServer } from "./server.ts";

/** What the language client needs to know of its notebook. */
export interface LanguageOptions {
  /** The notebook's folder. Nothing is written there. */
  readonly folder: string;
  readonly magics: MagicsInfo;
  log(line: string): void;
  /** Tells the user what is wrong with the folder, once. */
  note(text: string): void;
}

/** A cell that runs, as the type checker sees it. */
export interface CheckedCell {
  /** The problems of the cell's types; none where it cannot be read at all, which its run says. */
  readonly problems: Promise<readonly Problem[]>;
}

/** The types of a notebook: what cells declare is known to later ones, in the order in which they have run. */
export interface Language extends Disposable {
  /** A cell is about to run; `check` asks for its problems. */
  begin(source: string, check: boolean): CheckedCell;
  /** It has run: its names are the notebook's, unless it has failed. */
  end(cell: CheckedCell, end: CellEnd): void;
  /** A cell has run before there was this client. */
  recall(source: string, end: CellEnd): void;
  /** All names are gone. */
  forget(): void;
  complete(source: string, offset: number): Promise<Completions | undefined>;
  /** Says what stands at an offset; with `detail` 1, what declares it too. */
  describe(source: string, offset: number, detail: 0 | 1): Promise<Description | undefined>;
  /** Process of the server while it runs. */
  readonly pid: number | undefined;
}

interface Begun extends CheckedCell {
  /** Undefined where its magics cannot be read. */
  readonly cell: BegunCell | undefined;
}

// A front end sends the next of many cells within a few milliseconds of the last one's reply.
const prepareMs = 50;
// Nobody waits for what is done after this time without a cell or a question.
const idleMs = 300;
// Imports are looked for of so many of a cell's unknown names.
const mostMissing = 5;
// The types of megabytes of literals take the server seconds, and hundreds of megabytes, at each cell that uses them.
const longestCell = 1_000_000;
const tooLong = "a cell of more than 1 MB is not checked, and the names that it declares are any.";

/** Creates the language client of a notebook; the server starts with the first question. */
export function createLanguage({ folder, magics, log, note }: LanguageOptions): Language {
  const server: LanguageServer = createLanguageServer({ folder, log });
  const watch = watchFolder(folder);
  let project = readProject(folder);
  const declarations = createDeclarations(server, folder);
  const importNames = createImportNames(server, folder);
  const { bindings } = declarations;
  /** What stands before the cell that is edited, until another has run. */
  let editHead: string | undefined;
  /** The cell that is edited, or was checked last, declares something for all of the program. */
  let isEditAmbient = false;
  let isRunAmbient = false;
  /** A cell has ended, and may have written files. */
  let isUnseen = false;
  let preparing: NodeJS.Timeout | undefined;
  let growing: NodeJS.Timeout | undefined;
  const path = (file: string): string => join(folder, file);

  function openRoots(): void {
    server.set(path("tsconfig.json"), project.tsconfig);
    server.set(path(roots.globals), project.globals);
    server.set(path(roots.modules), "");
    for (const file of [roots.probe, ...roots.edit, ...roots.run]) server.set(path(file), emptyDocument);
  }
  openRoots();
  if (project.problem !== undefined) note(project.problem);

  /** Tells the server what the last cell has changed on the disk, where that was not looked at yet. */
  function refreshOnce(): void {
    if (isUnseen) refresh();
  }

  /** Tells the server what has changed on the disk. */
  function refresh(): void {
    isUnseen = false;
    const { files, packages } = watch.look();
    if (packages || files.length > 0) importNames.forget();
    const before = project;
    project = readProject(folder);
    if (project.problem !== undefined && project.problem !== before.problem) note(project.problem);
    if (packages || project.tsconfig !== before.tsconfig) {
      server.set(path(roots.globals), project.globals);
      server.set(path("tsconfig.json"), project.tsconfig);
      server.restart(); // it would go on with the packages that it has seen
    } else server.changed(files.filter((file) => file.path !== path("tsconfig.json")));
  }

  /** Undefined where the magics cannot be read, the cell is data rather than code, or to parse it could end this process. */
  function plainOf(source: string): PlainCell | undefined {
    if (source.length > longestCell) return undefined;
    try {
      const plain = toPlainCell(source.replace(/^#!/, "//"), magics);
      return isDeep(plain.code) ? undefined : plain;
    } catch (error) {
      // Templates in templates exhaust the stack of what looks for magics.
      if (error instanceof CellSyntaxError || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /**
   * Opens the cell that is being edited, and returns it; undefined where its magics cannot be read. With names of earlier cells
   * that it does not use the server takes longer: they are for where such a name may be written.
   */
  function edit(source: string, withAll: boolean, inTag = false): Document | undefined {
    clearTimeout(preparing);
    refreshOnce();
    growLater();
    const plain = plainOf(source);
    if (!plain) return undefined;
    const names = findNames(plain.code);
    const hidden = [...names.declared.keys()].some((name) => bindings.has(name));
    const head = !withAll
      ? writeHead(usedBy(source, names))
      : hidden
        ? writeHead(without(bindings, names))
        : headOfAll();
    const file = roots.edit[names.tsx || inTag ? 1 : 0];
    const document = toDocument(path(file), head, typeRequires(plain, names.requires));
    server.set(document.path, document.text);
    isEditAmbient = hasAmbient(names);
    return document;
  }

  /** The names of earlier cells that a cell uses. */
  function usedBy(source: string, names: CellNames): Bindings {
    const words = wordsOf(source);
    // JSX calls a function that it does not name.
    return new Map([...without(bindings, names)].filter(([name]) => names.tsx || words.has(name)));
  }

  function headOfAll(): string {
    editHead ??= writeHead(bindings);
    return editHead;
  }

  /**
   * Makes the cell that will be edited next known, so that its first completion need not wait for it; not between cells
   * that run one after the other, which need the processor.
   */
  function prepare(): void {
    editHead = undefined;
    clearTimeout(preparing);
    growLater();
    preparing = setTimeout(() => {
      try {
        refreshOnce();
      } catch (error) {
        log(`types: ${String(error)}`);
      }
      declarations.clean();
      // Of a number's members the answer is short.
      const text = `${headOfAll()}(0).`;
      server.set(path(roots.edit[0]), text);
      const position = toPosition(text, text.length);
      server.ask("textDocument/completion", path(roots.edit[0]), { position }).catch(ignore);
    }, prepareMs);
    preparing.unref();
  }

  /** Opens documents for the cells to come while nobody waits. */
  function growLater(): void {
    clearTimeout(growing);
    growing = setTimeout(() => {
      const file = declarations.openAhead();
      if (file !== undefined) server.ask("textDocument/foldingRange", path(file)).then(growLater, ignore);
    }, idleMs);
    growing.unref();
  }

  async function problemsOf(
    document: Document,
    { plain, names, bindings: used }: BegunCell,
    source: string,
  ): Promise<readonly Problem[]> {
    const undone = new Map(declarations.undone);
    const report = await server.ask<{ items?: readonly LspDiagnostic[] }>("textDocument/diagnostic", document.path);
    const problems = toProblems(report.items ?? [], {
      ...document,
      plain,
      names,
      undone,
      bindings: used,
      cells: declarations.cells,
      noImplicitAny: project.noImplicitAny,
      globals: declarations.globals,
      installs: installs(source, magics),
    });
    const missing = new Set(problems.flatMap(({ missing: each }) => each?.name ?? []));
    if (missing.size === 0) return problems;
    const imports = await findImports(server, folder, [...missing].slice(0, mostMissing));
    return problems.map((problem) => addImports(problem, imports, source));
  }

  /** Takes a cell into the notebook, and returns its code without whole modules too. */
  function read(
    source: string,
    plain: PlainCell,
    names: CellNames,
  ): { readonly cell: BegunCell; readonly code: PlainCell } {
    for (const module of names.imports) watch.follow(module);
    const code = declarations.begin(plain, names);
    const used = usedBy(source, names);
    return { cell: { plain, names, bindings: used, ambient: declarations.ambient() }, code };
  }

  function begin(source: string, check: boolean): CheckedCell {
    clearTimeout(preparing);
    clearTimeout(growing);
    refresh();
    if (check && source.length > longestCell) note(tooLong);
    const plain = plainOf(source);
    const names = plain && findNames(plain.code);
    const unchecked = Promise.resolve([]);
    if (!names) return { cell: undefined, problems: unchecked } as Begun;
    // What is said for all of the program is said once.
    if (isEditAmbient) for (const file of roots.edit) server.set(path(file), headOfAll());
    isEditAmbient = false;
    const { cell, code } = read(source, plain, names);
    const isLeftOut = /^\s*\/\/\s*@ts-nocheck\b/.test(source) || usesMagic(source, magics, "typecheck");
    if (!check || names.broken || isLeftOut) return { cell, problems: unchecked } as Begun;
    const [file, other] = names.tsx ? [roots.run[1], roots.run[0]] : roots.run;
    const document = toDocument(
      path(file),
      writeHead(cell.bindings, names.assigned),
      typeRequires(code, names.requires),
    );
    if (isRunAmbient) server.set(path(other), emptyDocument);
    isRunAmbient = hasAmbient(names);
    server.set(document.path, document.text);
    const problems = problemsOf(document, cell, source);
    problems.catch(ignore); // whoever asks is told
    return { cell, problems } as Begun;
  }

  function end(begun: CheckedCell, how: CellEnd): void {
    isUnseen = true;
    declarations.add((begun as Begun).cell, how);
    server.tell();
    prepare();
  }

  return {
    begin,
    end,
    recall(source, how) {
      const plain = plainOf(source);
      declarations.add(plain && read(source, plain, findNames(plain.code)).cell, how);
      prepare();
    },
    forget() {
      declarations.forget();
      prepare();
    },
    async complete(source, offset) {
      const before = source.slice(0, offset);
      const isMember = /(?<!\.\.)\.\s*[\p{ID_Continue}$]*$/u.test(before);
      const document = edit(source, !isMember, isInTag(before));
      return document && (await askCompletions(server, importNames, document, source, offset));
    },
    async describe(source, offset, detail) {
      const document = edit(source, false);
      return document && (await askDescription(server, document, offset, { folder, detail, bindings }));
    },
    get pid() {
      return server.pid;
    },
    [Symbol.dispose]() {
      clearTimeout(preparing);
      clearTimeout(growing);
      server.stop();
    },
  };
}

function hasAmbient({ ambient: { globals, modules } }: CellNames): boolean {
  return globals.length + modules.length > 0;
}

function without(bindings: Bindings, { declared }: CellNames): Bindings {
  return new Map([...bindings].filter(([name]) => !declared.has(name)));
}

function ignore(): void {}
