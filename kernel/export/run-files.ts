import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { findMagics } from "../cell/find-magics.ts";
import { CellSyntaxError } from "../cell/errors.ts";
import { nothing } from "./code-magics.ts";
import { ExportError, type ExportOptions, type SourceCell } from "./export-options.ts";

/** Puts the text of files that cells run by `%run` in the place of those lines. */
export function expandRuns(
  cells: readonly SourceCell[],
  options: ExportOptions,
  running: readonly string[] = [],
): readonly SourceCell[] {
  return cells.flatMap((cell) => (cell.type === "code" ? expand(cell, options, running) : [cell]));
}

function expand(cell: SourceCell, options: ExportOptions, running: readonly string[]): readonly SourceCell[] {
  if (!cell.source.includes("%run")) return [cell];
  const parts: SourceCell[] = [];
  let at = 0;
  for (const use of usesOf(cell, options)) {
    if (use.type === "help" || use.name !== "run" || use.assignedFrom !== undefined) continue;
    const before = cell.source.slice(at, use.start);
    if (before.trim() !== "") parts.push({ ...cell, source: before });
    parts.push(...fileCells(cell, cell.source.slice(...use.line), options, running));
    at = use.end;
  }
  const rest = cell.source.slice(at);
  if (parts.length === 0) return [cell];
  if (rest.trim() !== "") parts.push({ ...cell, source: rest });
  // Only the last of them shows its value.
  return parts.map((part, index) =>
    index === parts.length - 1 ? part : { ...part, source: `${part.source.trimEnd()}\n${nothing};` },
  );
}

function usesOf({ source, label }: SourceCell, options: ExportOptions): ReturnType<typeof findMagics> {
  try {
    return findMagics(source, options);
  } catch (error) {
    if (error instanceof CellSyntaxError) return []; // told with the cell
    throw new ExportError(`${label}: ${String(error)}`, { cause: error });
  }
}

function fileCells(
  cell: SourceCell,
  line: string,
  options: ExportOptions,
  running: readonly string[],
): readonly SourceCell[] {
  const { label } = cell;
  const given = line.trim().replace(/^(["'])(.*)\1$/, "$2");
  if (given.includes("${")) {
    throw new ExportError(`${label}: \`%run ${given}\` names its file only when it runs: write the path itself`);
  }
  const path = resolve(options.folder, given);
  if (running.includes(path)) throw new ExportError(`${label}: \`%run ${given}\` runs itself`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ExportError(`${label}: \`%run ${given}\` cannot be exported, as ${path} cannot be read`, {
      cause: error,
    });
  }
  const moved = (source: string): string => moveImports(source, dirname(path), options.folder);
  const found: readonly SourceCell[] = path.endsWith(".ipynb")
    ? codeCells(text, `${label}, ${given}`).map((one) => ({ ...cell, ...one, source: moved(one.source) }))
    : [{ ...cell, source: moved(text), label: `${label}, ${given}` }];
  return expandRuns(found, options, [...running, path]);
}

function codeCells(text: string, label: string): Pick<SourceCell, "source" | "label">[] {
  try {
    const { cells } = JSON.parse(text) as { cells: { cell_type: string; source: string | string[] }[] };
    return cells.flatMap(({ cell_type: type, source }, at) =>
      type === "code" ? [{ source: [source].flat().join(""), label: `${label}, cell ${at + 1}` }] : [],
    );
  } catch (error) {
    throw new ExportError(`${label} is no notebook`, { cause: error });
  }
}

/** A file's imports count from its own folder. */
function moveImports(source: string, from: string, to: string): string {
  if (from === to) return source;
  return source.replaceAll(
    /((?:\bfrom|\bimport)\s*\(?\s*)(["'])(\.{1,2}\/[^"'\n]*)\2/g,
    (_, head: string, quote: string, path: string) => {
      const moved = relative(to, join(from, path)).replaceAll(sep, "/");
      return `${head}${quote}${moved.startsWith(".") ? moved : `./${moved}`}${quote}`;
    },
  );
}
