import { existsSync } from "node:fs";
import { Module, createRequire, isBuiltin, registerHooks } from "node:module";
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { type RunningCell, cellStorage } from "./interrupts.ts";
import { packageName } from "../cell/packages.ts";
import { isFile, probe } from "../export/probe.ts";
import { createModuleCache, isInternal } from "./module-cache.ts";
import { createModuleGraph } from "./module-graph.ts";
import { isNotFound, notFound } from "./module-missing.ts";
import { findMadeNames } from "./module-names.ts";
import { type OldVersions, createOldVersions } from "./module-old.ts";
import { createUsedPackages, findInstalled } from "./module-packages.ts";
import { isRelative, parseVersioned, resolvePath, toResult, versionedUrl, withoutVersion } from "./module-paths.ts";
import { detectFormat, isScript, isTypeScript, transformModule } from "./module-source.ts";
import { isOwnFile, isPackageFile, packageFolder } from "./own-files.ts";
import { createTsconfig } from "./tsconfig.ts";

/** How a notebook's modules are found. */
export interface ModuleOptions {
  /** Folder of the notebook. */
  readonly folder: string;
  /** URLs of modules of ours by the name that imports them, the very instances that the runtime uses; no installation wins. */
  readonly own: Readonly<Record<string, string>>;
  /** Packages that a notebook may use without installing them; its own installation wins. */
  readonly shipped?: readonly string[];
}

/** A local module as it runs, for traces. */
export interface ModuleSource {
  readonly path: string;
  /** The text that the user wrote. */
  readonly source: string;
  /** From the running code to `source`; undefined where Node runs the text as it is. */
  readonly map: { readonly mappings: string; readonly sources: readonly string[] } | undefined;
}

/** `import.meta` of a cell. */
export interface CellMeta {
  readonly url: string;
  readonly dirname: string;
  readonly filename: string;
  resolve(specifier: string): string;
}

/** A local file as a cell's import found it. */
export interface ResolvedFile {
  readonly path: string;
  readonly version: number;
  /** The path that was asked for, where it leads to the file by a symbolic link. */
  readonly link?: string | undefined;
}

/** The module loading of a runtime process. */
export interface Modules {
  /** Call before each cell: what is loaded is compared with the files as they are now, and what failed is run anew. */
  readonly startCell: () => void;
  /** Call after each cell; what one that was interrupted was still loading is run anew. */
  readonly endCell: (failed: boolean, interrupted?: RunningCell) => void;
  /** The text behind a URL or path in a stack frame. */
  readonly sourceOf: (location: string) => ModuleSource | undefined;
  /** The local file that a specifier meant when the code of `filename` imported it last. */
  readonly resolved: (specifier: string, filename: string) => ResolvedFile | undefined;
  /** Imports as the code of `filename` does. */
  readonly import: (specifier: string, filename: string) => Promise<object>;
  /** What is known of a local file without a look at the disk. */
  readonly known: ReturnType<typeof createModuleGraph>["known"];
  readonly old: OldVersions;
  /** Packages that were installed anew or removed since they were loaded: what to say of each, once. */
  readonly packageChanges: () => readonly string[];
  /** Takes the hooks away. */
  [Symbol.dispose](): void;
}

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;
type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

const metaModule = "typhoon:meta";
const evaluatedKey = "typhoon.evaluated";
const ownRequire = createRequire(join(packageFolder, "package.json"));

// Traces of an old version, which values of cells may still run, show its own text.
const keptSources = 3;
const keptImports = 1_000;

function isRequire({ conditions }: { readonly conditions?: readonly string[] | undefined }): boolean {
  return conditions?.includes("require") === true;
}

function isSource(path: string): boolean {
  return isScript(path) || extname(path) === ".json";
}

function resolveLocal(
  specifier: string,
  importer: string,
  context: ResolveHookContext,
  next: NextResolve,
): ResolveFnOutput {
  const path = resolvePath(specifier, importer);
  // Node remembers what a path has led to, also when a link leads elsewhere and when the file is gone.
  if (isSource(path) && isFile(path)) return toResult(path);
  let missing: unknown = { code: "ERR_MODULE_NOT_FOUND" };
  try {
    const result = next(specifier, context);
    if (!result.url.startsWith("file:") || existsSync(fileURLToPath(result.url))) return result;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    missing = error;
  }
  const found = probe(path);
  if (found === undefined) throw notFound(specifier, importer, path, missing);
  return toResult(found);
}

/** Makes this process load modules as a notebook's author expects; see the README's section on modules. */
export function installModules({ folder, own, shipped = [] }: ModuleOptions): Modules {
  const ownModules = new Map(Object.entries(own));
  const tsconfig = createTsconfig(folder);
  const sources = new Map<string, Map<number, ModuleSource>>();
  const shippedNames = new Set(shipped);
  const cache = createModuleCache();
  const old = createOldVersions(cache.exportsOf);
  const packages = createUsedPackages();
  /** The files that a cell was the first to import. */
  const readBy = new WeakMap<RunningCell, Set<string>>();
  const cellImports = new Map<string, ResolvedFile>();
  const graph = createModuleGraph((path, version) => old.retire(path, version, cache.forget(path, version)));
  const globals = globalThis as Record<symbol, unknown>;
  globals[Symbol.for(evaluatedKey)] = (
    path: string,
    version: number,
    values: () => Record<string, unknown>,
    token: object,
  ) => {
    graph.setEvaluated(path, version);
    old.add({ path, version, values, token });
  };

  /** Names the current version of a local file; modules and CommonJS need different forms, see `versionedUrl`. */
  function versioned(
    result: ResolveFnOutput,
    specifier: string,
    importer: string,
    context: ResolveHookContext,
  ): ResolveFnOutput {
    const { url } = result;
    if (isPackageFile(url) && !isRelative(specifier)) packages.note(packageName(specifier), importer);
    if (!url.startsWith("file:") || url.includes("?") || isPackageFile(url) || isOwnFile(url)) return result;
    const path = fileURLToPath(url);
    if (!isSource(path)) return result;
    const version = graph.version(path);
    graph.link(importer, path);
    noteImport(specifier, importer, path, version);
    if (version === 0) return result;
    const isKept = !isRequire(context) && !cache.forgetsImports;
    return { ...result, url: versionedUrl(url, version, graph.kind(path), isKept), shortCircuit: true };
  }

  function keepSource(version: number, source: ModuleSource): void {
    const versions = sources.get(source.path) ?? new Map<number, ModuleSource>();
    sources.set(source.path, versions.set(version, source));
    if (versions.size > keptSources) versions.delete(versions.keys().next().value!);
  }

  function noteImport(specifier: string, importer: string, path: string, version: number): void {
    if (graph.has(importer)) return; // a module's own import
    const asked = isRelative(specifier) ? resolvePath(specifier, importer) : path;
    const link = asked !== path && isFile(asked) ? asked : undefined;
    cellImports.set(`${importer}\0${specifier}`, { path, version, link });
    if (cellImports.size > keptImports) cellImports.delete(cellImports.keys().next().value!);
  }

  function resolvePackage(specifier: string, importer: string, context: ResolveHookContext, next: NextResolve) {
    for (const path of tsconfig.paths(specifier)) {
      const found = probe(path);
      if (found !== undefined) return toResult(found);
    }
    try {
      // Node would open its own with `--expose-internals`.
      if (isInternal(specifier)) throw missingIn(context);
      return next(specifier, context);
    } catch (error) {
      if (!isNotFound(error) || specifier.startsWith("#")) throw error;
      if (shippedNames.has(packageName(specifier))) {
        if (isRequire(context)) return { url: pathToFileURL(ownRequire.resolve(specifier)).href, shortCircuit: true };
        return next(specifier, { ...context, parentURL: pathToFileURL(join(packageFolder, "package.json")).href });
      }
      const home = findInstalled(packageName(specifier), importer);
      if (home === undefined) throw notFound(specifier, importer, undefined, error);
      // `lodash/map` without extension, as `require` and bundlers take it.
      const path = join(home, specifier.slice(packageName(specifier).length));
      if (path === home) throw error;
      const file = probe(path);
      if (file === undefined) throw notFound(specifier, importer, path, error);
      return toResult(file);
    }
  }

  function missingIn(context: ResolveHookContext): Error {
    return Object.assign(new Error(), { code: isRequire(context) ? "MODULE_NOT_FOUND" : "ERR_MODULE_NOT_FOUND" });
  }

  function resolve(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
    const { parentURL } = context;
    const parent = parentURL === undefined ? undefined : parseVersioned(parentURL);
    if (parent === undefined || isBuiltin(specifier) || isOwnFile(parent.path)) return next(specifier, context);
    const ours = ownModules.get(specifier);
    if (ours !== undefined) return { url: ours, shortCircuit: true };
    if (specifier === metaModule) return { url: metaUrl(parent.path), format: "module", shortCircuit: true };
    const isClosed = isInternal(specifier);
    if (!isClosed && (isPackageFile(parent.path) || /^(?:data|node|https?):/.test(specifier))) {
      return next(specifier, context);
    }
    if (!graph.has(parent.path)) graph.nextImport();
    const local = isRelative(specifier);
    const found = (local ? resolveLocal : resolvePackage)(specifier, parent.path, context, next);
    const json = found.url.endsWith(".json") && !isRequire(context);
    return versioned(json ? { ...found, importAttributes: { type: "json" } } : found, specifier, parent.path, context);
  }

  function readFor(path: string): string {
    const cell = cellStorage.getStore();
    if (cell && !readBy.has(cell)) readBy.set(cell, new Set());
    if (cell) readBy.get(cell)!.add(path);
    return graph.read(path);
  }

  function loadScript(
    path: string,
    version: number,
    context: LoadHookContext,
    next: NextLoad,
    url: string,
  ): LoadFnOutput {
    const source = readFor(path);
    if (!isTypeScript(path) && detectFormat(path, source) === "commonjs") {
      graph.setKind(path, "commonjs");
      return next(url, context);
    }
    const { format, code, map } = transformModule(path, source, tsconfig.options());
    graph.setKind(path, format);
    const head = format === "module" && version > 0 ? `${metaLine(path)}\n` : "";
    const lines = head === "" ? map.mappings : `;${map.mappings}`;
    const tail = format === "module" ? `\n${tailOf(path, version, findMadeNames(code))}` : "";
    keepSource(version, { path, source, map: { ...map, mappings: lines } });
    return { format, source: `${head}${code}${tail}\n${inlineMap(path, source, lines)}`, shortCircuit: true };
  }

  function load(url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput {
    if (!url.startsWith("file:") || isOwnFile(url)) return next(url, context);
    if (url.endsWith(metaSuffix)) {
      return { format: "module", source: "export const resolve = import.meta.resolve;", shortCircuit: true };
    }
    const { path, version } = parseVersioned(url) ?? { path: "", version: 0 };
    const isPackage = isPackageFile(path);
    if (isPackage ? isTypeScript(path) : isScript(path)) return loadScript(path, version, context, next, url);
    if (isPackage || extname(path) !== ".json") return next(url, context);
    graph.setKind(path, "json");
    const source = graph.read(path);
    if (isJson(source)) graph.setEvaluated(path, version);
    return { format: "json", source, shortCircuit: true };
  }

  const hooks = registerHooks({ resolve, load });
  let cellFailed = false;
  return {
    startCell() {
      // Where Node does not tell, what has not ended is taken to have failed if a cell did.
      graph.retryFailed((path, version) => cache.hasFailed(path, version) ?? cellFailed);
      cellFailed = false;
      graph.nextCell();
    },
    endCell(failed, interrupted) {
      cellFailed ||= failed;
      const paths = interrupted && readBy.get(interrupted);
      // Code that was terminated at an await never ends, and Node says of it that it goes on.
      if (paths) graph.retryFailed((path) => paths.has(path) && !cache.isRequired(path));
    },
    sourceOf(location) {
      const { path, version } = parseVersioned(location) ?? { path: "", version: 0 };
      // CommonJS keeps its path in every version.
      const shown = graph.kind(path) === "commonjs" ? (graph.known(path)?.version ?? version) : version;
      return sources.get(path)?.get(shown);
    },
    resolved: (specifier, filename) => cellImports.get(`${filename}\0${specifier}`),
    import(specifier, filename) {
      const script = new vm.Script(`import(${JSON.stringify(specifier)})`, {
        filename,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
      return script.runInThisContext() as Promise<object>;
    },
    known: graph.known,
    old,
    packageChanges: packages.changes,
    [Symbol.dispose]: () => hooks.deregister(),
  };
}

/** A line for a module's end, which says that it has run and lends what it has made. */
function tailOf(path: string, version: number, names: readonly string[]): string {
  const token = "__typhoonVersion";
  return (
    `;const ${token} = {}; globalThis[Symbol.for("${evaluatedKey}")]?.(${JSON.stringify(path)}, ${version}, ` +
    `() => (${token}, { ${names.join(", ")} }), ${token});`
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function metaLine(path: string): string {
  const url = JSON.stringify(pathToFileURL(path).href);
  return `import.meta.url = ${url}; import.meta.filename = ${JSON.stringify(path)};`;
}

const metaSuffix = "%3Ftyphoon-meta";

function metaUrl(importer: string): string {
  return pathToFileURL(join(dirname(importer), "cell")).href + metaSuffix;
}

function inlineMap(path: string, source: string, mappings: string): string {
  const map = JSON.stringify({ version: 3, sources: [pathToFileURL(path).href], sourcesContent: [source], mappings });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
}

/** Creates the `require` of a notebook's cells. */
export function createCellRequire(folder: string): NodeJS.Require {
  const file = join(folder, "cell.js");
  const nodes = createRequire(file);
  const home = new Module(file);
  home.filename = file;
  home.paths = nodes.resolve.paths("package") ?? [];
  function require(id: string): unknown {
    try {
      return home.require(id);
    } finally {
      home.children.length = 0; // or every version of a file that cells require would stay in memory
    }
  }
  return Object.assign(require, nodes);
}

/** Creates the `import.meta` of the cell whose file name is given. */
export function createCellMeta(filename: string): CellMeta {
  const folder = dirname(filename);
  return {
    url: pathToFileURL(filename).href,
    dirname: folder,
    filename,
    resolve(specifier) {
      const { resolve } = createCellRequire(folder)(metaModule) as Pick<ImportMeta, "resolve">;
      return withoutVersion(resolve(specifier));
    },
  };
}
