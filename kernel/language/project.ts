import { existsSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { getTsconfig } from "get-tsconfig";
import { foldersUp, packageName } from "../cell/packages.ts";
import { magicObject } from "./plain-cell.ts";
import { cellsFile, ownPrefix } from "./bindings.ts";

/** File names of the documents that are always there. */
export const roots: {
  readonly globals: string;
  /** The modules that are nowhere but in a cell's `declare module`. */
  readonly modules: string;
  /** Where imports are tried. */
  readonly probe: string;
  /** The cell that is being edited; the second where it has JSX. */
  readonly edit: readonly [string, string];
  /** The cell that runs. */
  readonly run: readonly [string, string];
} = {
  globals: `${ownPrefix}globals.ts`,
  modules: `${ownPrefix}modules.d.ts`,
  probe: `${ownPrefix}probe.ts`,
  edit: [`${ownPrefix}edit.ts`, `${ownPrefix}edit.tsx`],
  run: [`${ownPrefix}run.ts`, `${ownPrefix}run.tsx`],
};

type Options = Record<string, unknown>;

/** How the cells of a folder are checked. */
export interface Project {
  /** The tsconfig.json that the server reads in place of the folder's own. */
  readonly tsconfig: string;
  /** The document with the globals of every cell. */
  readonly globals: string;
  /** The folder's own asks that a parameter without a type be an error. */
  readonly noImplicitAny: boolean;
  /** What is wrong with the folder's own, for its user. */
  readonly problem?: string;
}

/** Reads the tsconfig.json that governs a folder, and writes the one for its cells. */
export function readProject(folder: string): Project {
  if (!existsSync(folder)) {
    const problem = `the folder ${folder} is gone: what earlier cells declare has no types.`;
    return { ...projectOf(folder, undefined), problem };
  }
  try {
    return projectOf(folder, readTsconfig(folder));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem = `tsconfig.json cannot be read (${why}): cells are checked as if there were none.`;
    return { ...projectOf(folder, undefined), problem };
  }
}

function projectOf(folder: string, found: Found | undefined): Project {
  const { lib, strict, noImplicitAny = strict } = found?.options ?? {};
  // Without `lib` a module has the types of a browser, in which JSON of the network is `any`; a cell is not to be stricter.
  const globals = lib === undefined ? globalsText + answersText : globalsText;
  return { tsconfig: writeTsconfig(folder, found), globals, noImplicitAny: noImplicitAny === true };
}

/**
 * The options of the folder's own, but for those that are about files to be written, and what a cell may do that a module
 * may not.
 */
function writeTsconfig(folder: string, found: Found | undefined): string {
  const given = found?.options ?? {};
  const base = found ? dirname(found.path) : folder;
  const typeRoots = [
    ...((given["typeRoots"] as string[] | undefined) ?? []).map((path) => resolve(base, path)),
    ...above(folder, "node_modules/@types"),
    dirname(packageFolder("@types/node") ?? join(folder, "node_modules/@types/node")),
  ];
  const compilerOptions: Options = {
    strict: true,
    lib: ["esnext"],
    jsx: "react",
    types: ["node"],
    ...Object.fromEntries(Object.entries(given).filter(([name]) => !left.has(name))),
    ...fixed,
    typeRoots: [...new Set(typeRoots)],
    paths: { ...pathsOf(given, base), ...ownPaths(folder) },
  };
  const declarations = (found?.files ?? []).filter((file) => file.endsWith(".d.ts")).map((file) => resolve(base, file));
  return JSON.stringify({
    compilerOptions,
    files: [roots.globals, cellsFile, roots.modules, roots.probe, ...roots.edit, ...roots.run, ...declarations],
    ...(found && { include: declarationsOf(found, base), exclude: found.exclude?.map((path) => resolve(base, path)) }),
  });
}

/** Writes a tsconfig.json with which documents are opened quickly: nothing is read for them. */
export function writeBareTsconfig(files: readonly string[]): string {
  return JSON.stringify({ compilerOptions: { ...fixed, noLib: true, noResolve: true, types: [] }, files });
}

/** Where the folder's tsconfig.json has files, the declarations there; else those beside it and in its `types` folder. */
function declarationsOf({ include }: Found, base: string): string[] {
  const patterns = (include ?? ["*", "types"]).map((pattern) => {
    const isFolder = !/[*?]|\.\w+$/.test(pattern.replace(/.*[\\/]/, ""));
    return isFolder
      ? `${pattern.replace(/\/$/, "")}/**/*.d.ts`
      : `${pattern.replace(/(?:\*|\.d)?(?:\.\w+)?$/, "")}*.d.ts`;
  });
  return patterns.map((pattern) => resolve(base, pattern));
}

const fixed: Options = {
  target: "esnext",
  module: "preserve",
  moduleResolution: "bundler",
  moduleDetection: "force",
  customConditions: ["node"],
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  // A module in JavaScript has the types that can be inferred; one of a package without types has none.
  allowJs: true,
  maxNodeModuleJsDepth: 0,
  skipLibCheck: true,
  noEmit: true,
};

// About what is written, about names that a later cell may use, and about modules that are no cells.
const left = new Set(
  "baseUrl rootDir rootDirs outDir outFile declaration declarationDir declarationMap emitDeclarationOnly composite incremental tsBuildInfoFile sourceMap inlineSourceMap inlineSources noUnusedLocals noUnusedParameters isolatedModules isolatedDeclarations verbatimModuleSyntax erasableSyntaxOnly rewriteRelativeImportExtensions allowJs checkJs typeRoots paths".split(
    " ",
  ),
);

interface Found {
  readonly path: string;
  readonly options: Options;
  readonly files: readonly string[] | undefined;
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[] | undefined;
}

function readTsconfig(folder: string): Found | undefined {
  const found = getTsconfig(folder);
  if (!found) return undefined;
  const { compilerOptions, files, include, exclude } = found.config;
  return { path: found.path, options: compilerOptions ?? {}, files, include, exclude };
}

/** `paths` with absolute places, since they count from the file in which they stand. */
function pathsOf(options: Options, base: string): Record<string, string[]> {
  const start = resolve(base, typeof options["baseUrl"] === "string" ? options["baseUrl"] : ".");
  const paths = Object.entries((options["paths"] ?? {}) as Record<string, string[]>);
  return Object.fromEntries(
    paths.map(([pattern, places]) => [pattern, places.map((to) => (isAbsolute(to) ? to : join(start, to)))]),
  );
}

/** Says whether a module is there, as far as that can be seen without its import: if not, a `declare module` makes it. */
export function isModule(folder: string, name: string): boolean {
  if (name.includes("*")) return false;
  if (isBuiltin(name) || name.startsWith(".") || isAbsolute(name)) return true;
  const { compilerOptions } = JSON.parse(readProject(folder).tsconfig) as { compilerOptions: { paths: object } };
  if (Object.keys(compilerOptions.paths).some((pattern) => fits(pattern, name))) return true;
  const own = packageName(name);
  const types = `@types/${own.replace(/^@/, "").replace("/", "__")}`;
  return [own, types].some(
    (each) => above(folder, `node_modules/${each}`).length > 0 || (each === types && packageFolder(each) !== undefined),
  );
}

/** Whether a pattern with at most one `*` fits a name. */
function fits(pattern: string, name: string): boolean {
  const [start = "", end] = pattern.split("*", 2);
  return end === undefined ? name === start : name.startsWith(start) && name.endsWith(end);
}

/** The package itself, and what it brings for cells whose folder has it not. */
function ownPaths(folder: string): Record<string, string[]> {
  const tslab = [typesOf("tslab")];
  const paths = { "typhoon-kernel": [typesOf("api")], "typhoon-kernel/tslab": tslab, tslab };
  if (above(folder, "node_modules/apache-arrow").length === 0) {
    const arrow = packageFolder("apache-arrow");
    if (arrow !== undefined) Object.assign(paths, { "apache-arrow": [arrow], "apache-arrow/*": [`${arrow}/*`] });
  }
  return paths;
}

/** The places of this name in a folder and those above it. */
function above(folder: string, name: string): string[] {
  return foldersUp(folder)
    .map((at) => join(at, name))
    .filter((path) => existsSync(path));
}

/** The folder of a package that this one has; not by `require.resolve`, for which its package.json may be private. */
function packageFolder(name: string): string | undefined {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((place) => existsSync(place));
}

/** The types of a module of ours that cells import: declarations in the package, the source in a checkout. */
function typesOf(module: string): string {
  const places = [`../${module}.d.ts`, `../${module}.ts`, `../../../kernel/${module}.ts`];
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

/** The globals of every cell, and the types that other documents use. */
const globalsText: string = `
type Api = typeof import("typhoon-kernel");
interface Captured {
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: readonly import("typhoon-kernel").MimeBundle[];
  readonly value: any;
}
interface Input {
  (question?: string, options?: { default?: string }): Promise<string>;
  password(question?: string): Promise<string>;
}
declare global {
  const display: Api["display"];
  const plot: Api["plot"];
  const progress: Api["progress"];
  const sh: Api["sh"];
  const sql: Api["sql"];
  const input: Input;
  const __dirname: string;
  const __filename: string;
  function alert(message?: unknown): void;
  function confirm(message?: unknown): boolean;
  function prompt(message?: unknown, initial?: string): string | null;
  const ${magicObject}: {
    sql(...values: unknown[]): Promise<import("apache-arrow").Table>;
    sh(...values: unknown[]): Promise<string>;
    capture(...values: unknown[]): Promise<Captured>;
    [name: string]: (...values: unknown[]) => Promise<any>;
  };
  type ${ownPrefix}Filled<D> = [D & {}] extends [never] ? D : NonNullable<D>;
  type ${ownPrefix}Known<D, K> = 0 extends 1 & D ? K
    : D extends import("apache-arrow").Table<infer T> ? (0 extends 1 & T ? K : string extends keyof T ? K : D) : D;
}
export {};
`;

/** Answers of the network, over which Node's own types say `unknown`. */
const answersText: string = `
declare global {
  interface Request { json(): Promise<any>; clone(): Request }
  interface Response { json(): Promise<any>; clone(): Response }
}
`;
