import { join } from "node:path";
import vm from "node:vm";
import { toMimeBundle } from "../../display/bundle.ts";
import { loadMagic, magicSyntax, suggest } from "../../magics/index.ts";
import type { MagicCall, MagicContext } from "../../magics/magic.ts";
import { compileCell } from "../cell/compile.ts";
import { pythonNames } from "../cell/python-names.ts";
import type { ErrorContent, Payload, UserExpression } from "../protocol/contents.ts";
import type { Settings } from "../settings.ts";
import { createCellSources } from "./cell-sources.ts";
import { findHelp } from "./help.ts";
import { type RunningCell, iterate, wait } from "./interrupts.ts";
import { type MagicHost, createMagicContext } from "./magic-context.ts";
import { collectGarbage } from "./memory.ts";
import { createReloader } from "./module-reload.ts";
import { watchGlobals } from "./new-globals.ts";
import { type Modules, createCellMeta } from "./modules.ts";
import { type RanCells, createRanCells } from "./ran-cells.ts";
import type { ImportBinding, Scopes } from "./scope.ts";
import { formatError } from "./trace.ts";
import type { SourceFinder, TraceCell } from "./source-position.ts";
import { installStackFormat } from "./stack-format.ts";
import { writeStream } from "./streams.ts";
import { createTsconfig } from "./tsconfig.ts";
import type { NameNews } from "./link.ts";
import { typeOfValue } from "./value-type.ts";
import { followVariables } from "./variable-news.ts";
import { provideVariables } from "./variables.ts";

/** What a notebook needs from its process. */
export interface NotebookOptions {
  /** The notebook's folder: relative imports and packages are found from here. */
  readonly folder: string;
  readonly colors: boolean;
  readonly interactive: boolean;
  readonly scopes: Scopes;
  readonly settings: Settings;
  /** An expression of the main realm for the list of scope objects. */
  readonly scopesExpression: string;
  readonly modules: Modules;
  /** Called when a cell is compiled, before its code runs. */
  beforeRun(): void;
  readonly readHistory: MagicHost["history"];
}

/** The value of a cell's last expression, boxed so that a promise stays one. */
export interface Value {
  readonly value: unknown;
}

/** The names, sources and settings of a notebook, and the evaluation of its cells. */
export interface Notebook {
  readonly interactive: boolean;
  /** Compiles and runs source under `name`; `filename` says from where it imports. */
  evaluate(source: string, name: string, cell: RunningCell, filename?: string): Promise<Value | undefined>;
  evaluateAll(
    expressions: Readonly<Record<string, string>>,
    cell: RunningCell,
  ): Promise<Record<string, UserExpression>>;
  /** Says what went wrong in the words of a cell; undefined where the cell is unknown. */
  formatError(error: unknown, cell: RunningCell | undefined): ErrorContent;
  /** A cell begins: its imports see files as they are now, and its magics leave their payloads in `payload`. */
  beginCell(cell: RunningCell, payload: Payload[]): void;
  /**
   * Makes imports of earlier cells follow files that were edited; what is to be said of it goes under the cell. Undefined
   * where there is nothing to do. Rejects where the cell is interrupted.
   */
  refresh(code: string, cell: RunningCell): Promise<void> | undefined;
  endCell(cell: RunningCell, failed: boolean): void;
  /** What magics may use that a cell's code calls as functions. */
  magicContext(cell: RunningCell): MagicContext;
  /** The cells that have run, for an export. */
  readonly ran: RanCells;
  /** What cells have declared since this was asked last. */
  takeNews(): NameNews;
}

/** A cell without places: frames in it are not shown. */
const nowhere: TraceCell = { name: "", source: "", map: { mappings: "", sources: [] } };

/** What is known of one cell; several may run at once. */
interface CellState {
  /** Names that it declares. */
  declared: ReadonlySet<string>;
  /** The source that was compiled last for it. */
  compiling?: TraceCell;
  payload: Payload[];
}

/** Creates a notebook without names. */
export function createNotebook(options: NotebookOptions): Notebook {
  const newGlobals = watchGlobals();
  const { folder, modules, scopes } = options;
  const tsconfig = createTsconfig(folder);
  const sources = createCellSources();
  let expressions = 0;
  const states = new WeakMap<RunningCell, CellState>();

  function stateOf(cell: RunningCell): CellState {
    const known = states.get(cell);
    if (known) return known;
    const state: CellState = { declared: new Set(), payload: [] };
    states.set(cell, state);
    return state;
  }

  const finder: SourceFinder = {
    cells: (filename) => sources.get(filename),
    modules: (location) => modules.sourceOf(location),
    folder,
  };
  installStackFormat(finder);
  provideVariables(scopes);
  const reloader = createReloader({
    folder,
    modules,
    scopes,
    wait: wait as <T>(value: Promise<T>) => Promise<T>,
    describe(error, filename) {
      const cells: SourceFinder["cells"] = (name) => (name === filename ? nowhere : finder.cells(name));
      return formatError(error, { ...finder, cells, colors: options.colors }).traceback.join("\n");
    },
    collect: collectGarbage,
  });

  function typeOfName(name: string): string | undefined {
    const holder = scopes.objects[scopes.indexOf(name) ?? -1];
    // An import is an accessor: nothing is read of a module.
    return typeOfValue(holder && Object.getOwnPropertyDescriptor(holder, name)?.value);
  }

  const variables = followVariables(scopes);
  const ran = createRanCells();
  const host: MagicHost = {
    folder,
    ran,
    tsconfig,
    scopes,
    settings: options.settings,
    interactive: options.interactive,
    history: options.readHistory,
    run: async (source, file, cell) => (await evaluate(source, file, cell, file))?.value,
    source: (cell) => stateOf(cell).compiling?.source ?? "",
    payload: (item, cell) => addPayload(stateOf(cell).payload, item),
  };

  async function evaluate(
    source: string,
    name: string,
    cell: RunningCell,
    filename: string = join(folder, `${name}.ts`),
  ): Promise<Value | undefined> {
    const state = stateOf(cell);
    state.compiling = { name, source };
    const compiled = compileCell(source, {
      name,
      filename,
      scope: (id) => scopes.indexOf(id),
      place: (id) => scopes.place(id),
      globals: (id) => id in globalThis,
      magics: magicSyntax,
      suggest,
      tsconfig: tsconfig.options(),
    });
    state.declared = new Set(compiled.declarations.map(({ name: id }) => id));
    const cellObject = toCellObject(cell, filename);
    sources.add(filename, { name, source }, () => compiled.map, cellObject);
    const script = new vm.Script(compiled.js, {
      filename,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const run = script.runInThisContext({ displayErrors: false }) as (...args: unknown[]) => Promise<Value | undefined>;
    options.beforeRun();
    return await run.call(undefined, cellObject, ...scopes.objects);
  }

  /** What compiled code calls; its members are the contract with `kernel/cell`. */
  function toCellObject(cell: RunningCell, filename: string): object {
    return {
      declare: scopes.declare,
      open: scopes.open,
      seal: scopes.seal,
      bind(module: object, specifier: string, bindings: readonly ImportBinding[]) {
        scopes.bind(module, specifier, bindings);
        reloader.follow(specifier, filename, bindings);
      },
      wait,
      iterate,
      meta: createCellMeta(filename),
      magic: async (name: string, call: MagicCall) => (await loadMagic(name)).run(call, createMagicContext(host, cell)),
      inspect: async (topic: string, level: 0 | 1) => {
        const { data } = await findHelp(topic, level, options.scopesExpression);
        stateOf(cell).payload.push({ source: "page", data, start: 0 });
      },
    };
  }

  async function refresh(code: string, cell: RunningCell): Promise<void> {
    const notes = await reloader.refresh(code, () => cell.reason !== undefined);
    for (const note of notes) {
      const end = note.endsWith("\n") ? "" : /[.?!]$/.test(note) ? "\n" : ".\n";
      writeStream(cell, "stderr", `typhoon: ${note}${end}`);
    }
  }

  async function evaluateOne(source: string, cell: RunningCell): Promise<UserExpression> {
    try {
      const result = await evaluate(source, `Expression[${(expressions += 1)}]`, cell);
      const { data, metadata } = await toMimeBundle(result?.value);
      return { status: "ok", data, metadata };
    } catch (error) {
      return { status: "error", ...notebook.formatError(error, cell) };
    }
  }

  const notebook: Notebook = {
    interactive: options.interactive,
    evaluate,
    beginCell(cell, payload) {
      stateOf(cell).payload = payload;
      modules.startCell();
    },
    refresh: (code, cell) => (reloader.isDue(code) ? refresh(code, cell) : undefined),
    endCell(cell, failed) {
      modules.endCell(reloader.takeFailed() || failed, cell.reason && cell);
      setImmediate(() => sources.tidy());
    },
    ran,
    magicContext: (cell) => createMagicContext(host, cell),
    takeNews() {
      const { cleared, names } = scopes.news();
      const declared = names.map((name) => ({ name, type: typeOfName(name) }));
      return { cleared, declared, variables: variables.take(names), globals: newGlobals() };
    },
    async evaluateAll(wanted, cell) {
      const results: Record<string, UserExpression> = {};
      for (const [key, source] of Object.entries(wanted)) results[key] = await evaluateOne(source, cell);
      return results;
    },
    formatError(error, cell) {
      const state = cell && states.get(cell);
      const content = formatError(error, { ...finder, compiling: state?.compiling, colors: options.colors });
      const hint = hintAtName(content, state?.declared ?? new Set());
      return hint === undefined ? content : { ...content, traceback: [...content.traceback, hint] };
    },
  };
  return notebook;
}

/** What to do about a name that is not there. */
function hintAtName({ ename, evalue }: ErrorContent, declared: ReadonlySet<string>): string | undefined {
  const name = ename === "ReferenceError" ? /^(.+) is not defined$/.exec(evalue)?.[1] : undefined;
  if (name === undefined) return undefined;
  // Mostly a missing semicolon: `const x = f()` and a next line that begins with ( [ or `.
  if (declared.has(name)) {
    return `${name} is declared in this cell, but used before. A line that begins with ( [ or \` continues the line above: end that one with ";".`;
  }
  const words = pythonNames.get(name);
  return words === undefined ? undefined : `${name} is Python's: in TypeScript it is ${words}`;
}

/** Adds a payload; a cell has one text for its next cell, the last that was set. */
function addPayload(payload: Payload[], item: Payload): void {
  const at = item.source === "set_next_input" ? payload.findIndex(({ source }) => source === item.source) : -1;
  if (at < 0) payload.push(item);
  else payload[at] = item;
}
