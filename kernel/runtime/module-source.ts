import { createRequire } from "node:module";
import { extname } from "node:path";
import { endPostfix } from "../cell/end-postfix.ts";
import type { CompilerOptions } from "./tsconfig.ts";

/** A module as Node can run it. */
export interface TransformedModule {
  readonly format: "module" | "commonjs";
  readonly code: string;
  /** Encoded mappings from `code` to the text that the user wrote. */
  readonly map: { readonly mappings: string; readonly sources: readonly string[] };
}

/** A module's text does not parse; speaks of the line and column (1-based) in the file. */
class ModuleSyntaxError extends SyntaxError {
  readonly filename: string;
  readonly source: string;
  readonly line: number;
  readonly column: number;
  constructor(message: string, filename: string, source: string, offset: number) {
    super(message);
    const before = source.slice(0, offset).split("\n");
    this.filename = filename;
    this.source = source;
    this.line = before.length;
    this.column = (before.at(-1)?.length ?? 0) + 1;
  }
}

// Loaded at the first module that needs them: a notebook without local modules never pays.
const require = createRequire(import.meta.url);
const transformer = (): typeof import("oxc-transform") => require("oxc-transform") as typeof import("oxc-transform");
const parser = (): typeof import("oxc-parser") => require("oxc-parser") as typeof import("oxc-parser");
const esbuild = (): typeof import("esbuild") => require("esbuild") as typeof import("esbuild");

const scripts: Record<string, boolean> = { ".js": true, ".mjs": true, ".cjs": true };

/** Says whether a file holds JavaScript or TypeScript, by its extension. */
export function isScript(path: string): boolean {
  return isTypeScript(path) || scripts[extname(path)] === true;
}

/** Says whether Node cannot run the file as it is. */
export function isTypeScript(path: string): boolean {
  return /\.(?:[cm]?ts|[jt]sx)$/.test(path);
}

function languageOf(path: string): "js" | "jsx" | "ts" | "tsx" {
  const extension = extname(path).replace(/[cm](?=[jt]s$)/, "");
  return extension.slice(1) as "js" | "jsx" | "ts" | "tsx";
}

/** Says which module system a text is written for: its extension says so, else its syntax. */
export function detectFormat(path: string, source: string): "module" | "commonjs" {
  const extension = extname(path);
  if (extension.startsWith(".m")) return "module";
  if (extension.startsWith(".c")) return "commonjs";
  const parsed = parser().parseSync(path, source, { lang: languageOf(path), sourceType: "unambiguous" });
  if (parsed.module.hasModuleSyntax) return "module";
  // A script that neither exports nor requires is a module with effects, unless it is plain JavaScript (Node's rule).
  return isTypeScript(path) && !/\b(?:require|module|exports|__dirname|__filename)\b/.test(source)
    ? "module"
    : "commonjs";
}

function jsxOptions(options: CompilerOptions): import("oxc-transform").JsxOptions {
  const automatic = options.jsx !== undefined && options.jsx !== "react" && options.jsx !== "react-native";
  if (automatic) return { runtime: "automatic", importSource: options.jsxImportSource ?? "react" };
  return {
    runtime: "classic",
    pragma: options.jsxFactory ?? "React.createElement",
    pragmaFrag: options.jsxFragmentFactory ?? "React.Fragment",
  };
}

function lower(
  path: string,
  source: string,
  options: CompilerOptions,
  format: TransformedModule["format"],
): { code: string; mappings: string } {
  const { code, map } = esbuild().transformSync(endPostfix(source, languageOf(path)), {
    loader: languageOf(path),
    ...(format === "commonjs" && { format: "cjs", platform: "node" }),
    target: "node24",
    sourcemap: "external",
    sourcefile: path,
    tsconfigRaw: {
      compilerOptions: {
        ...(options.experimentalDecorators === undefined
          ? {}
          : { experimentalDecorators: options.experimentalDecorators }),
        jsx: jsxOptions(options).runtime === "automatic" ? "react-jsx" : "react",
        ...(options.jsxImportSource === undefined ? {} : { jsxImportSource: options.jsxImportSource }),
        ...(options.jsxFactory === undefined ? {} : { jsxFactory: options.jsxFactory }),
        ...(options.jsxFragmentFactory === undefined ? {} : { jsxFragmentFactory: options.jsxFragmentFactory }),
      },
    },
  });
  return { code, mappings: (JSON.parse(map) as { mappings: string }).mappings };
}

/** Turns a module of the user into JavaScript. Throws ModuleSyntaxError. */
export function transformModule(path: string, source: string, options: CompilerOptions): TransformedModule {
  const format = detectFormat(path, source);
  const result = transformer().transformSync(path, source, {
    lang: languageOf(path),
    sourceType: format,
    target: "esnext",
    sourcemap: true,
    jsx: jsxOptions(options),
    typescript: { onlyRemoveTypeImports: options.verbatimModuleSyntax === true },
  });
  const error = result.errors.find(({ severity }) => (severity as string) === "Error");
  if (error) throw new ModuleSyntaxError(error.message, path, source, error.labels[0]?.start ?? 0);
  // TypeScript writes `import` and `export` in a .cts file too.
  const isMixed = format === "commonjs" && /^\s*(?:import|export)\b/m.test(result.code);
  const lowered = isMixed || hasDecorators(result.code) ? lower(path, source, options, format) : undefined;
  const code = lowered?.code ?? result.code;
  const mappings = lowered?.mappings ?? result.map?.mappings ?? "";
  // oxc writes `import x = require()` as a call of `require`, which a module does not have.
  const needsRequire = format === "module" && /^\s*(?:export\s+)?import\s+\w+\s*=\s*require\(/m.test(source);
  const map = { mappings: needsRequire ? `;${mappings}` : mappings, sources: [path] };
  return { format, code: needsRequire ? `${requireLine}\n${code}` : code, map };
}

const requireLine =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** Says whether JavaScript holds decorators or `accessor` fields, which V8 cannot run. */
function hasDecorators(code: string): boolean {
  if (!/@|\baccessor\b/.test(code)) return false;
  const { program } = parser().parseSync("code.js", code);
  return holdsDecorator(program);
}

function holdsDecorator(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if (Array.isArray(node)) return node.some(holdsDecorator);
  const { type, decorators } = node as { type?: string; decorators?: unknown[] };
  if (type === "AccessorProperty" || (decorators !== undefined && decorators.length > 0)) return true;
  return Object.values(node).some(holdsDecorator);
}
