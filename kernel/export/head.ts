import { relative, sep } from "node:path";
import type { ExportOptions } from "./export-options.ts";
import type { ModuleContext } from "./module-context.ts";
import type { NotebookCell } from "./write-cell.ts";

/** `import.meta` of a module in another folder than the notebook's. */
export function metaOf(property: string, { folder, target }: ExportOptions): string | undefined {
  const place = placeOf({ folder, target });
  if (place === undefined) return undefined;
  if (property === "dirname") return place;
  // Cells have names in the notebook's folder.
  if (property === "url")
    return `new URL(${JSON.stringify(`${relativeFolder({ folder, target })}/notebook.ts`)}, import.meta.url).href`;
  return undefined;
}

type Places = Pick<ExportOptions, "folder" | "target">;

function relativeFolder({ folder, target }: Places): string {
  return relative(target, folder).replaceAll(sep, "/");
}

/** The notebook's folder as an expression; undefined where it is the module's. */
function placeOf(places: Places): string | undefined {
  const from = relativeFolder(places);
  return from === "" ? undefined : `fileURLToPath(new URL(${JSON.stringify(from)}, import.meta.url))`;
}

/** The lines before the first cell: imports, and what a cell has without them. */
export function headOf(body: string, cells: readonly NotebookCell[], context: ModuleContext, places: Places): string {
  const lines: string[] = [];
  const place = placeOf(places) ?? "import.meta.dirname";
  const isUsed = (name: string): boolean =>
    context.declarationsOf(name).length === 0 && cells.some(({ uses }) => uses.some((use) => use.name === name));
  if (isUsed("require"))
    lines.push(
      `const require = ${context.api("createRequire")}(${placeOf(places) === undefined ? "import.meta.url" : `${place} + "/"`});`,
    );
  if (isUsed("__dirname")) lines.push(`const __dirname = ${place};`);
  if (isUsed("__filename")) lines.push("const __filename = import.meta.filename;");
  if (readsFiles.test(`${context.imports.toString()}\n${body}`)) {
    lines.push(`process.chdir(${place}); // files are found from the notebook's folder`);
  }
  if ([...lines, body].some((part) => part.includes("fileURLToPath(new URL("))) {
    context.imports.add("node:url", "fileURLToPath", "fileURLToPath");
  }
  const imports = context.imports.toString();
  return [imports, lines.join("\n")].filter((part) => part !== "").join("\n\n");
}

// What finds files or starts programs by the working directory.
const readsFiles =
  /["'](?:node:)?(?:fs|fs\/promises|child_process)["']|["']apache-arrow["'].*fs|\b(?:sql|sh)(?:_\d+)?`|\bmagic\(|process\.(?:cwd|chdir)\(|display\.image\(/;
