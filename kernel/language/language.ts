import { join } from "node:path";
import { CellSyntaxError } from "../cell/errors.ts";
import type { MagicsInfo } from "../cell/options.ts";
import { wordsOf } from "../cell/param-names.ts";
import { type Binding, type Bindings, filesOf, ownPrefix, withoutOwnNames, writeHead, writeTail } from "./bindings.ts";
import { type CellNames, findNames } from "./cell-names.ts";
import { type Completions, readCompletions } from "./completions.ts";
import { type Description, readHover, readSignatures } from "./descriptions.ts";
import { watchFolder } from "./files.ts";
import { type PlainCell, type Segment, toMade, toPlainCell, usesMagic } from "./plain-cell.ts";
import { toPosition } from "./places.ts";
import { type Problem, toProblems } from "./problems.ts";
import { globalsText, roots, writeTsconfig } from "./project.ts";
import type { CompletionItem, CompletionResult, Hover, LspDiagnostic, SignatureHelp } from "./protocol.ts";
import { type LanguageServer, createLanguageServer } from "./server.ts";

/** What the language client needs to know of its notebook. */
export interface LanguageOptions {
  /** The notebook's folder. Nothing is written there. */
  readonly folder: string;
  readonly magics: MagicsInfo;
  log(line: string): void;
}

/** A cell that runs, as the type checker sees it. */
export interface CheckedCell {
  /** The problems of the cell's types; none where it cannot be read at all, which its run says. */
  readonly problems: Promise<readonly Problem[]>;
}

/** A name that a run has declared, and its type in words of TypeScript where the value tells it. */
export interface DeclaredName {
  readonly name: string;
  readonly type?: string | undefined;
}

/** What a cell's run did to the notebook's names. */
export interface CellEnd {
  readonly failed: boolean;
  readonly declared: readonly DeclaredName[];
  /** All names were forgotten before those were declared. */
  readonly cleared: boolean;
}

/** The types of a notebook: what cells declare is known to later ones, in the order in which they have run. */
export interface Language extends Disposable {
  /** A cell is about to run; `check` asks for its problems. */
  begin(source: string, check: boolean): CheckedCell;
  /** It has run: its names are the notebook's, unless it has failed. */
  end(cell: CheckedCell, end: CellEnd): void;
  /** All names are gone. */
  forget(): void;
  complete(source: string, offset: number): Promise<Completions | undefined>;
  describe(source: string, offset: number): Promise<Description | undefined>;
  /** Process of the server while it runs. */
  readonly pid: number | undefined;
}

interface Document {
  readonly path: string;
  readonly text: string;
  /** Where the cell's own text is in the document. */
  readonly segments: readonly Segment[];
}

interface Begun extends CheckedCell {
  readonly plain: PlainCell | undefined;
  readonly names: CellNames | undefined;
  readonly bindings: Bindings;
  readonly modules: readonly string[];
}

// A front end sends the next of many cells within a few milliseconds of the last one's reply.
const prepareMs = 50;

const noNames: CellNames = { tsx: false, declared: new Map(), assigned: new Set(), ambient: [] };

/** Creates the language client of a notebook; the server starts with the first question. */
export function createLanguage({ folder, magics, log }: LanguageOptions): Language {
  const server: LanguageServer = createLanguageServer(folder, log);
  const look = watchFolder(folder);
  const bindings = new Map<string, Binding>();
  /** Which cells' documents a cell's document imports. */
  const needs = new Map<string, readonly string[]>();
  /** Cells that declare something global, and what. */
  const ambient = new Map<string, readonly string[]>();
  let lastFile = 0;
  /** What stands before the cell that is edited, until another has run. */
  let editHead: string | undefined = "\n";
  let preparing: NodeJS.Timeout | undefined;
  const path = (file: string): string => join(folder, file);

  function openRoots(): void {
    server.set(path("tsconfig.json"), writeTsconfig(folder));
    server.set(path(roots.globals), globalsText);
    for (const file of [...roots.edit, ...roots.run]) server.set(path(file), "export {};");
  }
  openRoots();

  /** Tells the server what has changed on the disk. */
  function refresh(): void {
    const { files, project } = look();
    if (project) {
      server.set(path("tsconfig.json"), writeTsconfig(folder));
      server.restart(); // it would go on with the packages that it has seen
    } else server.changed(files.filter((file) => file.path !== path("tsconfig.json")));
  }

  function plainOf(source: string): PlainCell | undefined {
    try {
      return toPlainCell(source.replace(/^#!/, "//"), magics);
    } catch (error) {
      if (error instanceof CellSyntaxError) return undefined;
      throw error;
    }
  }

  /** Opens the cell that is being edited, and returns it; undefined where its magics cannot be read. */
  function edit(source: string): Document | undefined {
    const plain = plainOf(source);
    if (!plain) return undefined;
    const names = findNames(plain.code);
    const hidden = [...names.declared.keys()].some((name) => bindings.has(name));
    const head = hidden ? writeHead(without(bindings, names), ambient.keys()) : headOfAll();
    const file = roots.edit[names.tsx ? 1 : 0];
    const document = toDocument(path(file), head, plain, "");
    server.set(document.path, document.text);
    return document;
  }

  /** Forgets the documents that no name needs any longer. */
  function tidy(): void {
    const kept = new Set<string>();
    const keep = (file: string): void => {
      if (kept.has(file)) return;
      kept.add(file);
      for (const needed of needs.get(file) ?? []) keep(needed);
    };
    for (const binding of bindings.values()) for (const file of filesOf(binding)) keep(file);
    for (const file of ambient.keys()) keep(file);
    for (const file of needs.keys()) {
      if (kept.has(file)) continue;
      needs.delete(file);
      server.close(path(file));
    }
  }

  function headOfAll(): string {
    editHead ??= writeHead(bindings, ambient.keys());
    return editHead;
  }

  /**
   * Makes the cell that will be edited next known, so that its first completion need not wait for it; not between cells
   * that run one after the other, which need the processor.
   */
  function prepare(): void {
    editHead = undefined;
    clearTimeout(preparing);
    preparing = setTimeout(() => {
      const head = headOfAll();
      for (const file of roots.edit) server.set(path(file), head);
      const position = toPosition(head, head.length);
      server.ask("textDocument/completion", path(roots.edit[0]), { position }).catch(ignore);
    }, prepareMs);
    preparing.unref();
  }

  async function problemsOf(document: Document, known: ReadonlySet<string>): Promise<readonly Problem[]> {
    const report = await server.ask<{ items?: readonly LspDiagnostic[] }>("textDocument/diagnostic", document.path);
    return toProblems(report.items ?? [], document.text, document.segments, known);
  }

  function begin(source: string, check: boolean): CheckedCell {
    clearTimeout(preparing);
    refresh();
    const plain = plainOf(source);
    const names = plain && findNames(plain.code);
    const words = wordsOf(source);
    // JSX calls a function that it does not name.
    const isUsed = ([name]: [string, Binding]): boolean => words.has(name) || names?.tsx === true;
    const used = new Map([...without(bindings, names ?? noNames)].filter(isUsed));
    const begun = { plain, names, bindings: used, modules: [...ambient.keys()] };
    if (
      !check ||
      !plain ||
      !names ||
      /^\s*\/\/\s*@ts-nocheck\b/.test(source) ||
      usesMagic(source, magics, "typecheck")
    ) {
      return Object.assign(begun, { problems: Promise.resolve([]) });
    }
    const document = toDocument(path(roots.run[names.tsx ? 1 : 0]), writeHead(used, begun.modules), plain, "");
    server.set(document.path, document.text);
    const problems = problemsOf(document, new Set());
    problems.catch(ignore); // whoever asks is told
    return Object.assign(begun, { problems });
  }

  function end(cell: CheckedCell, { failed, declared, cleared }: CellEnd): void {
    refresh();
    const { plain, names, bindings: used, modules } = cell as Begun;
    if (cleared) {
      bindings.clear();
      ambient.clear();
    }
    const types = new Map(declared.map(({ name, type }) => [name, type]));
    if (plain && names) {
      // Of a cell that failed, what it had declared by then is there.
      const own = [...names.declared].filter(([name]) => !failed || types.has(name));
      const assigned = [...names.assigned].filter((name) => !failed && isMutable(used.get(name)));
      const ambientHere = failed ? [] : names.ambient;
      if (own.length + assigned.length + ambientHere.length > 0) {
        const file = `${ownPrefix}in${(lastFile += 1)}.${names.tsx ? "tsx" : "ts"}`;
        const document = toDocument(path(file), writeHead(used, modules), plain, writeTail(names, used));
        server.set(document.path, document.text);
        needs.set(file, [...[...used.values()].flatMap(filesOf), ...modules]);
        for (const [name, kind] of own) {
          bindings.delete(name);
          bindings.set(name, { from: "cell", kind, file, end: file, shown: types.get(name) });
        }
        for (const name of assigned) {
          const before = bindings.get(name);
          if (before?.from === "cell") bindings.set(name, { ...before, end: file });
        }
        replaceAmbient(file, ambientHere);
      }
    }
    for (const { name, type = "any" } of declared) {
      if (names?.declared.has(name) !== true) bindings.set(name, { from: "run", type });
    }
    tidy();
    prepare();
  }

  /** What a cell declares globally takes the place of what an earlier one said of the same names. */
  function replaceAmbient(file: string, names: readonly string[]): void {
    if (names.length === 0) return;
    for (const [other, said] of ambient) {
      if (said.some((name) => name !== "global" && names.includes(name))) ambient.delete(other);
    }
    ambient.set(file, names);
  }

  return {
    begin,
    end,
    forget() {
      bindings.clear();
      ambient.clear();
      tidy();
      prepare();
    },
    async complete(source, offset) {
      const document = edit(source);
      const at = document && toMade(document.segments, offset);
      if (at === undefined) return undefined;
      const params = { position: toPosition(document!.text, at) };
      const found = await server.ask<CompletionResult>("textDocument/completion", document!.path, params);
      return await readCompletions(found, source, offset, document!, (item) =>
        server.ask<CompletionItem>("completionItem/resolve", document!.path, item),
      );
    },
    async describe(source, offset) {
      const document = edit(source);
      const at = document && toMade(document.segments, offset);
      if (at === undefined) return undefined;
      const ask = async <T>(method: string, place: number): Promise<T> =>
        await server.ask<T>(method, document!.path, { position: toPosition(document!.text, place) });
      // The cursor stands behind the name as often as in it.
      const isWord = (place: number): boolean => /[\p{ID_Continue}$]/u.test(document!.text[place] ?? "");
      const hovered = isWord(at) || !isWord(at - 1) ? at : at - 1;
      const hover = isWord(hovered) ? await ask<Hover | null>("textDocument/hover", hovered) : null;
      const found = hover
        ? readHover(hover)
        : readSignatures(await ask<SignatureHelp | null>("textDocument/signatureHelp", at));
      return found && { ...found, markdown: withoutOwnNames(found.markdown), text: withoutOwnNames(found.text) };
    },
    get pid() {
      return server.pid;
    },
    [Symbol.dispose]() {
      clearTimeout(preparing);
      server.stop();
    },
  };
}

function isMutable(binding: Binding | undefined): boolean {
  return binding?.from === "cell" && binding.kind === "mutable";
}

function without(bindings: Bindings, { declared }: CellNames): Bindings {
  return new Map([...bindings].filter(([name]) => !declared.has(name)));
}

function toDocument(path: string, head: string, { code, segments }: PlainCell, tail: string): Document {
  return {
    path,
    text: head + code + tail,
    segments: segments.map((segment) => ({ ...segment, at: segment.at + head.length })),
  };
}

function ignore(): void {}
