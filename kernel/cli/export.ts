import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { magicSyntax, suggest } from "../../magics/index.ts";
import { foldersUp, packageName } from "../cell/packages.ts";
import { ExportError, type ExportedModule, type SourceCell, firstLine } from "../export/export-options.ts";
import { toModule } from "../export/module.ts";
import { createTsconfig } from "../runtime/tsconfig.ts";
import { type Command, CommandError } from "./command.ts";
import { type Notebook, checkTarget, joinLines, readNotebook } from "./notebook.ts";

/** `typhoon export` writes a notebook as a module that `tsc` accepts and Node runs. */
export const exportNotebook: Command = {
  name: "export",
  summary: "writes a notebook as a TypeScript module for tsc and Node",
  help: `Usage: typhoon export FILE.ipynb [--output FILE] [--force]

Writes FILE.ts beside the notebook: one ES module with the same results, whose magics are calls of typhoon-kernel.
A cell tagged "skip-execution" or "skip-export" becomes a comment; one tagged "raises-exception" may fail.

  -o, --output FILE   writes to FILE; - prints the module
  -f, --force         overwrites a file that was not written by an export`,
  async run(args) {
    const options = { output: { type: "string", short: "o" }, force: { type: "boolean", short: "f" } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [file, another] = positionals;
    if (file === undefined || another !== undefined)
      throw new CommandError("name one notebook: typhoon export FILE.ipynb");
    const notebook = await readNotebook(file);
    checkLanguage(file, notebook);
    const target = values.output ?? `${file.replace(/\.ipynb$/, "")}.ts`;
    if (target !== "-") await checkFile(target, values.force ?? false);
    const module = exportCells(file, notebook, target === "-" ? dirname(resolve(file)) : dirname(resolve(target)));
    if (target === "-") process.stdout.write(module.text);
    else await writeFile(target, module.text);
    const said = target === "-" ? console.error : console.log;
    const count = notebook.cells.filter((cell) => cell.cell_type === "code").length;
    said(`${styleText("green", "✓")} ${target === "-" ? basename(file) : target}: ${count} cells`);
    for (const note of [...module.notes, ...hints(module.text, target === "-" ? file : target)]) said(`  ${note}`);
    return 0;
  },
};

function exportCells(file: string, notebook: Notebook, target: string): ExportedModule {
  const cells = notebook.cells.map(({ cell_type: type, source, metadata }, at): SourceCell => ({
    type: type === "code" || type === "markdown" ? type : "raw",
    source: joinLines(source),
    tags: metadata.tags ?? [],
    label: `cell ${at + 1}`,
  }));
  const folder = dirname(resolve(file));
  const tsconfig = createTsconfig(folder);
  try {
    return toModule(cells, {
      title: relative(target, resolve(file)).replaceAll("\\", "/"),
      folder,
      target,
      magics: magicSyntax,
      suggest,
      tsconfig: tsconfig.options(),
      paths: (specifier) => tsconfig.paths(specifier),
    });
  } catch (error) {
    if (error instanceof ExportError) throw new CommandError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

function checkLanguage(file: string, { metadata = {} }: Notebook): void {
  const language = metadata.language_info?.name ?? metadata.kernelspec?.language ?? "typescript";
  if (/^(?:typescript|javascript)$/i.test(language)) return;
  throw new CommandError(`${file} is a ${language} notebook: only TypeScript and JavaScript can be exported`);
}

/** A file is overwritten where an export has written it before. */
async function checkFile(target: string, force: boolean): Promise<void> {
  if (!/\.m?ts$/.test(target)) {
    throw new CommandError(`${target} is no TypeScript file: give a name that ends in .ts or .mts`);
  }
  await checkTarget(target);
  const text = await readFile(target, "utf8").catch(() => undefined);
  if (text === undefined || text.startsWith(firstLine) || force) return;
  throw new CommandError(
    `${target} is there, and no export has written it: --force overwrites it, --output FILE names another`,
  );
}

/** What the reader has to do before the module runs. */
function hints(text: string, target: string): string[] {
  const folder = dirname(resolve(target));
  const sources = Array.from(
    text.matchAll(/^(?:import|export|\}) .*?["']([^"'\n]+)["'](?: with .*)?;$/gm),
    ([, source]) => source!,
  );
  const packages = sources
    .filter((source) => !/^(?:[./#]|node:)/.test(source) && !builtinModules.includes(source))
    .map(packageName);
  const missing = [...new Set(packages)].filter((name) => !above(folder, join("node_modules", name)));
  const found = missing.length > 0 ? [`to run it: npm install ${missing.join(" ")}`] : [];
  const own = above(folder, "package.json");
  const isModule = own !== undefined && /"type"\s*:\s*"module"/.test(readFileSync(own, "utf8"));
  if (!isModule && !target.endsWith(".mts"))
    found.push('tsc takes it for a module if package.json has "type": "module", or if its name ends in .mts');
  return found;
}

function above(folder: string, name: string): string | undefined {
  return foldersUp(folder)
    .map((at) => join(at, name))
    .find((path) => existsSync(path));
}
