import { existsSync, realpathSync, statSync } from "node:fs";
import { createRequire, isBuiltin, registerHooks } from "node:module";
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from "node:module";
import { dirname, extname, isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createModuleGraph } from "./module-graph.ts";
import { isNotFound, notFound, packageName } from "./module-missing.ts";
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

/** The module loading of a runtime process. */
export interface Modules {
  /** Call before each cell: files that it imports are compared with what is loaded. */
  readonly startCell: () => void;
  /** Call after each cell; modules that failed in a cell that failed are run anew at their next import. */
  readonly endCell: (failed: boolean) => void;
  /** The text behind a URL or path in a stack frame. */
  readonly sourceOf: (location: string) => ModuleSource | undefined;
  /** Takes the hooks away. */
  [Symbol.dispose](): void;
}

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;
type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

const metaModule = "typhoon:meta";
const evaluatedKey = "typhoon.evaluated";
const ownRequire = createRequire(join(packageFolder, "package.json"));

const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".json"];
const writtenFor: Record<string, readonly string[]> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Finds the file that TypeScript would take for a path whose extension is absent, or is that of the compiled file. */
function probe(path: string): string | undefined {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  const written = (writtenFor[extension] ?? []).map((other) => stem + other);
  const added = extensions.map((other) => path + other);
  const index = extensions.map((other) => join(path, `index${other}`));
  return [path, ...written, ...added, ...index].find(isFile);
}

/** Splits a module's URL, or the path that a frame shows, into the file and the version that we added. */
function parseVersioned(url: string): { readonly path: string; readonly version: number } | undefined {
  const [, file = "", version = "0"] = /^(.*?)(?:(?:%3F|\?)v=?(\d+))?$/s.exec(url) ?? [];
  if (!file.startsWith("file:")) return isAbsolute(file) ? { path: file, version: Number(version) } : undefined;
  try {
    return { path: fileURLToPath(file), version: Number(version) };
  } catch {
    return undefined;
  }
}

function isRequire({ conditions }: { readonly conditions?: readonly string[] | undefined }): boolean {
  return conditions?.includes("require") === true;
}

function isRelative(specifier: string): boolean {
  return /^\.{1,2}(?:\/|\\|$)/.test(specifier) || specifier.startsWith("file:") || isAbsolute(specifier);
}

function resolveLocal(
  specifier: string,
  importer: string,
  context: ResolveHookContext,
  next: NextResolve,
): ResolveFnOutput {
  try {
    return next(specifier, context);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const path = resolvePath(specifier, importer);
    const found = probe(path);
    if (found === undefined) throw notFound(specifier, importer, path, error);
    return toResult(found);
  }
}

/** Finds the folder of an installed package. */
function installed(name: string, importer: string): string | undefined {
  const folders = createRequire(importer).resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
}

/** Makes this process load modules as a notebook's author expects; see the README's section on modules. */
export function installModules({ folder, own, shipped = [] }: ModuleOptions): Modules {
  const ownModules = new Map(Object.entries(own));
  const tsconfig = createTsconfig(folder);
  const sources = new Map<string, ModuleSource>();
  const shippedNames = new Set(shipped);
  const { cache } = ownRequire;
  const graph = createModuleGraph((path, version) => {
    delete cache[path];
    delete cache[`${path}?v${version}`];
  });
  const globals = globalThis as Record<symbol, unknown>;
  globals[Symbol.for(evaluatedKey)] = (path: string) => graph.setEvaluated(path);

  /** Names the current version of a local file; modules and CommonJS need different forms, see `versionedUrl`. */
  function versioned(
    result: ResolveFnOutput,
    importer: string | undefined,
    context: ResolveHookContext,
  ): ResolveFnOutput {
    const { url } = result;
    if (!url.startsWith("file:") || url.includes("?") || isPackageFile(url) || isOwnFile(url)) return result;
    const path = fileURLToPath(url);
    if (!isScript(path) && extname(path) !== ".json") return result;
    const version = graph.version(path);
    if (importer !== undefined) graph.link(importer, path);
    if (version === 0) return result;
    return { ...result, url: versionedUrl(url, version, graph.kind(path), isRequire(context)), shortCircuit: true };
  }

  function resolvePackage(specifier: string, importer: string, context: ResolveHookContext, next: NextResolve) {
    for (const path of tsconfig.paths(specifier)) {
      const found = probe(path);
      if (found !== undefined) return toResult(found);
    }
    try {
      return next(specifier, context);
    } catch (error) {
      if (!isNotFound(error) || specifier.startsWith("#")) throw error;
      if (shippedNames.has(packageName(specifier))) {
        if (isRequire(context)) return { url: pathToFileURL(ownRequire.resolve(specifier)).href, shortCircuit: true };
        return next(specifier, { ...context, parentURL: pathToFileURL(join(packageFolder, "package.json")).href });
      }
      const home = installed(packageName(specifier), importer);
      if (home === undefined) throw notFound(specifier, importer, undefined, error);
      // `lodash/map` without extension, as `require` and bundlers take it.
      const path = join(home, specifier.slice(packageName(specifier).length));
      if (path === home) throw error;
      const file = probe(path);
      if (file === undefined) throw notFound(specifier, importer, path, error);
      return toResult(file);
    }
  }

  function resolve(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
    const { parentURL } = context;
    const parent = parentURL === undefined ? undefined : parseVersioned(parentURL);
    if (parent === undefined || isBuiltin(specifier) || isOwnFile(parent.path)) return next(specifier, context);
    const ours = ownModules.get(specifier);
    if (ours !== undefined) return { url: ours, shortCircuit: true };
    if (specifier === metaModule) return { url: metaUrl(parent.path), format: "module", shortCircuit: true };
    if (isPackageFile(parent.path) || /^(?:data|node|https?):/.test(specifier)) return next(specifier, context);
    const local = isRelative(specifier);
    const found = (local ? resolveLocal : resolvePackage)(specifier, parent.path, context, next);
    const json = found.url.endsWith(".json") && !isRequire(context);
    return versioned(json ? { ...found, importAttributes: { type: "json" } } : found, parent.path, context);
  }

  function loadScript(
    path: string,
    version: number,
    context: LoadHookContext,
    next: NextLoad,
    url: string,
  ): LoadFnOutput {
    const source = graph.read(path);
    if (!isTypeScript(path) && detectFormat(path, source) === "commonjs") {
      graph.setKind(path, "commonjs");
      return next(url, context);
    }
    const { format, code, map } = transformModule(path, source, tsconfig.options());
    graph.setKind(path, format);
    const head = format === "module" && version > 0 ? `${metaLine(path)}\n` : "";
    const lines = head === "" ? map.mappings : `;${map.mappings}`;
    const tail = format === "module" ? `\n;globalThis[Symbol.for("${evaluatedKey}")]?.(${JSON.stringify(path)})` : "";
    sources.set(path, { path, source, map: { ...map, mappings: lines } });
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
    return { format: "json", source: graph.read(path), shortCircuit: true };
  }

  const hooks = registerHooks({ resolve, load });
  return {
    // `require` answers from its cache before it asks our hook, so what it holds is compared at once.
    startCell: () => graph.nextCell((path, version) => path in cache || `${path}?v${version}` in cache),
    endCell: (failed) => void (failed && graph.retryFailed()),
    sourceOf: (location) => sources.get(parseVersioned(location)?.path ?? ""),
    [Symbol.dispose]: () => hooks.deregister(),
  };
}

function resolvePath(specifier: string, importer: string): string {
  if (specifier.startsWith("file:")) return fileURLToPath(specifier);
  return isAbsolute(specifier) ? specifier : join(dirname(importer), specifier);
}

function toResult(path: string): ResolveFnOutput {
  return { url: pathToFileURL(realpathSync(path)).href, shortCircuit: true };
}

/**
 * A module's version stands in its path, as `require` of a module drops a query and would bring back the first version.
 * CommonJS keeps its path (`__filename`), as its cache can be cleared; only `import` of it must see a new URL.
 */
function versionedUrl(url: string, version: number, kind: string | undefined, byRequire: boolean): string {
  if (kind === "module") return `${url}%3Fv${version}`;
  return byRequire ? url : `${url}?v${version}`;
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
  return createRequire(join(folder, "cell.js"));
}

/** Creates the `import.meta` of the cell whose file name is given. */
export function createCellMeta(filename: string): CellMeta {
  const folder = dirname(filename);
  const require = createCellRequire(folder);
  return {
    url: pathToFileURL(filename).href,
    dirname: folder,
    filename,
    resolve(specifier) {
      const { resolve } = require(metaModule) as Pick<ImportMeta, "resolve">;
      return resolve(specifier).replace(/(?:%3F|\?)v\d+$/, "");
    },
  };
}
