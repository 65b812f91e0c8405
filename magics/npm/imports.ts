import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { magicSyntax } from "../index.ts";
import { nameOfPackage } from "./folder.ts";

/** A package that code imports, and the file in which it is named. */
export interface Import {
  readonly name: string;
  readonly file: string;
}

/** Modules that the kernel brings along. */
const provided: ReadonlySet<string> = new Set(["typhoon-kernel", "tslab", "apache-arrow"]);

/** Finds the packages that the notebooks and modules of a folder import; not those in folders below it. */
export async function findImports(folder: string): Promise<readonly Import[]> {
  const files = (await readdir(folder)).filter((file) => /\.(?:ipynb|[cm]?tsx?|[cm]?jsx?)$/.test(file)).toSorted();
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), "utf8");
      const sources = file.endsWith(".ipynb") ? codeCells(text) : [text];
      return sources.flatMap(importedNames).map((name) => ({ name, file }));
    }),
  );
  return found.flat();
}

/** The packages that a cell or module imports; what is no TypeScript, such as a magic's line, is passed over. */
export function importedNames(source: string): readonly string[] {
  const [, magic] = /^\s*%%(\w+)/.exec(source) ?? [];
  if (magic !== undefined && magicSyntax(magic)?.cell !== "code") return [];
  const code = source.replaceAll(/^[ \t]*%.*$/gm, "");
  const { module } = parseSync("cell.tsx", code, { sourceType: "module" });
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value ?? "")),
    ...code.matchAll(/\b(?:import|require)\s*\(\s*(["'])([^"'\n]+)\1/g).map(([, , specifier = ""]) => specifier),
  ];
  const names = named.map((specifier) => (specifier.startsWith("node:") ? undefined : nameOfPackage(specifier)));
  return [...new Set(names.filter((name) => name !== undefined && !provided.has(name)) as string[])];
}

function codeCells(text: string): readonly string[] {
  try {
    const { cells = [] } = JSON.parse(text) as {
      cells?: readonly { readonly cell_type?: string; readonly source?: string | readonly string[] }[];
    };
    return cells
      .filter((cell) => cell.cell_type === "code")
      .map(({ source = "" }) => (typeof source === "string" ? source : source.join("")));
  } catch {
    return []; // a file that is no notebook asks for nothing
  }
}
