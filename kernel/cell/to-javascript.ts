import { parseSync } from "oxc-parser";
import { type OxcError, type TransformOptions, transformSync } from "oxc-transform";
import { maxDepth, tooDeepAt } from "./depth.ts";
import { CellSyntaxError, tooDeep } from "./errors.ts";
import { lower } from "./lower.ts";
import type { TsconfigOptions } from "./options.ts";

/** A source map as the tools give it. */
export interface RawMap {
  readonly version: number;
  readonly mappings: string;
  readonly names: string[];
  readonly sources: (string | null)[];
}

/** A cell without types. */
export interface JavaScript {
  readonly code: string;
  readonly map: RawMap;
  /** The code calls `babelHelpers.decorate` and its like, for legacy decorators. */
  readonly needsHelpers: boolean;
}

/** Strips the types of a cell, and turns enums, namespaces, parameter properties, JSX and decorators into JavaScript. */
export function toJavaScript(source: string, tsconfig: TsconfigOptions = {}): JavaScript {
  const deep = tooDeepAt(source, maxDepth);
  if (deep !== undefined) throw tooDeep(source, deep);
  const options: TransformOptions = {
    sourceType: "module",
    target: "esnext",
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: true },
    jsx: jsxOptions(tsconfig),
    helpers: { mode: "External" as never },
    decorator: {
      legacy: tsconfig.experimentalDecorators === true,
      emitDecoratorMetadata: tsconfig.emitDecoratorMetadata === true,
    },
    ...(tsconfig.useDefineForClassFields === false && { assumptions: { setPublicClassFields: true } }),
  };
  const plain = transformSync("cell.ts", source, options);
  let { result, failure } = { result: plain, failure: firstError(plain.errors) };
  let loader: "ts" | "tsx" = "ts";
  if (failure && source.includes("<")) {
    // `<T>value` is a type assertion in plain TypeScript, so JSX is tried only where that fails.
    const jsx = transformSync("cell.tsx", source, options);
    const jsxFailure = firstError(jsx.errors);
    if (!jsxFailure || startOf(jsxFailure) > startOf(failure)) {
      ({ result, failure } = { result: jsx, failure: jsxFailure });
      loader = "tsx";
    }
  }
  if (failure) throw toSyntaxError(failure, source);
  if (/\bexport\s*[=*]/.test(source)) refuseExports(source, loader);
  const lowered = needsLowering(source, result.code, result.errors, tsconfig)
    ? lower(source, loader, tsconfig)
    : undefined;
  if (lowered) return lowered;
  const map = result.map as RawMap | undefined;
  if (!map) throw new Error("oxc-transform gave no source map");
  return { code: result.code, map, needsHelpers: result.code.includes("babelHelpers.") };
}

/** `export =` is for CommonJS modules, which a cell is not; `export * from` names nothing that a cell could declare. */
function refuseExports(source: string, lang: "ts" | "tsx"): void {
  const { body } = parseSync(`cell.${lang}`, source, { lang, sourceType: "module" }).program;
  for (const node of body) {
    const refuse = (message: string): never => {
      throw new CellSyntaxError(message, source, node.start);
    };
    if (node.type === "TSExportAssignment") {
      refuse("a cell has no `export =`. Write `export default` instead, or the value alone on the last line");
    }
    if (node.type === "ExportAllDeclaration" && !node.exported && node.exportKind !== "type") {
      const from = JSON.stringify(node.source.value);
      refuse(
        `\`export *\` declares no names in a cell. Write \`import * as name from ${from}\`, or \`import { a, b } from ${from}\``,
      );
    }
  }
}

function jsxOptions({ jsx, jsxFactory, jsxFragmentFactory, jsxImportSource }: TsconfigOptions): object {
  if (jsx?.toLowerCase().startsWith("react-jsx") || jsxImportSource !== undefined) {
    return { runtime: "automatic", ...(jsxImportSource !== undefined && { importSource: jsxImportSource }) };
  }
  return {
    runtime: "classic",
    ...(jsxFactory !== undefined && { pragma: jsxFactory }),
    ...(jsxFragmentFactory !== undefined && { pragmaFrag: jsxFragmentFactory }),
  };
}

function firstError(errors: readonly OxcError[]): OxcError | undefined {
  return errors.find(({ severity }) => (severity as string) === "Error");
}

function startOf(error: OxcError): number {
  return error.labels[0]?.start ?? 0;
}

/** Turns a parser's error, whose offsets count bytes, into ours. */
function toSyntaxError(error: OxcError, source: string): CellSyntaxError {
  const bytes = Buffer.from(source);
  // A name that is declared twice has two labels: the second declaration is the one too many.
  const [start] = error.labels.map((label) => label.start).toSorted((a, b) => b - a);
  const isTwice = error.message.endsWith("has already been declared");
  const offset = bytes.subarray(0, isTwice ? start : startOf(error)).toString().length;
  const atEnd =
    /found `EOF`$|^Unterminated (?:multiline comment)/.test(error.message) ||
    (error.message === "Unterminated string" && source[offset] === "`") ||
    (error.message === "Missing catch or finally clause" && source.slice(offset).trim() === "") ||
    (error.message === "Unexpected token" && source.slice(offset).trim() === "");
  const hint = error.helpMessage ? `. ${error.helpMessage}` : "";
  return new CellSyntaxError(`${error.message.replace(/\.$/, "")}${hint}`, source, offset, { atEnd });
}

/**
 * Whether the code holds what oxc leaves undone: standard decorators, `accessor`, and namespaces in parts or with variables.
 * A match in a string or comment costs only time.
 */
function needsLowering(source: string, code: string, errors: readonly OxcError[], tsconfig: TsconfigOptions): boolean {
  if (errors.some(({ message }) => message.startsWith("Namespaces exporting non-const"))) return true;
  const filled = code.match(/\((\p{ID_Start}[\p{ID_Continue}$]*) \|\| \(\1 = /gu) ?? [];
  if (new Set(filled).size < filled.length) return true; // oxc does not resolve names across a namespace's parts
  const legacy = tsconfig.experimentalDecorators === true;
  return (
    /\baccessor\s+[\w$#["'\p{ID_Start}]/u.test(code) ||
    (!legacy && /@(?!__PURE__|__NO_SIDE)[\p{ID_Start}$_(]/u.test(code) && source.includes("class"))
  );
}
