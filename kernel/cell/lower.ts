import { createRequire } from "node:module";
import { endPostfix } from "./end-postfix.ts";
import { CellSyntaxError } from "./errors.ts";
import type { TsconfigOptions } from "./options.ts";
import type { JavaScript, RawMap } from "./to-javascript.ts";

const require = createRequire(import.meta.url);

/** Compiles with esbuild, which knows standard decorators; loaded only for the cells that need it. */
export function lower(source: string, loader: "ts" | "tsx", tsconfig: TsconfigOptions): JavaScript {
  const esbuild = require("esbuild") as typeof import("esbuild");
  const { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource, experimentalDecorators } = tsconfig;
  const options: TransformByEsbuild = {
    loader,
    format: "esm",
    target: "esnext",
    sourcemap: "external",
    sourcefile: "cell",
    keepNames: true, // it renames what is hidden by a name farther in
    supported: { decorators: false, using: true },
    tsconfigRaw: {
      compilerOptions: {
        verbatimModuleSyntax: true,
        useDefineForClassFields: tsconfig.useDefineForClassFields ?? true,
        ...(experimentalDecorators !== undefined && { experimentalDecorators }),
        ...(jsxFactory !== undefined && { jsxFactory }),
        ...(jsxFragmentFactory !== undefined && { jsxFragmentFactory }),
        ...(jsxImportSource !== undefined && { jsxImportSource }),
        ...((jsx === "react-jsx" || jsx === "react-jsxdev") && { jsx }),
      },
    },
  };
  try {
    // Without module syntax esbuild would take it for CommonJS and sloppy code; this line leaves nothing behind.
    const { code, map } = esbuild.transformSync(`${endPostfix(source, loader)}\nexport {}`, options);
    return { code, map: JSON.parse(map) as RawMap, needsHelpers: false };
  } catch (error) {
    throw fromEsbuild(error as Partial<TransformFailure>, source) ?? error;
  }
}

type TransformByEsbuild = import("esbuild").TransformOptions & { readonly sourcemap: "external" };
type TransformFailure = import("esbuild").TransformFailure;

/** Turns an error of esbuild's, which names a line and the bytes before the column, into ours. */
function fromEsbuild({ errors }: Partial<TransformFailure>, source: string): CellSyntaxError | undefined {
  const [first] = errors ?? [];
  if (!first?.location) return undefined;
  const { line, column, lineText } = first.location;
  const lineStart = source.split("\n", line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const offset = lineStart + Buffer.from(lineText).subarray(0, column).toString().length;
  return new CellSyntaxError(first.text, source, offset);
}
