import type { ExportOptions, ExportedModule } from "./export-options.ts";
import { toModule } from "./module.ts";

/** A cell of a session, by its number. */
export interface SessionCell {
  readonly count: number;
  readonly source: string;
  readonly tags: readonly string[];
}

/** Writes the cells of a session as a module; those that only export or ask for help are left out. */
export function exportCells(
  cells: readonly SessionCell[],
  options: Omit<ExportOptions, "title">,
): ExportedModule & { readonly cells: number } {
  const kept = cells.filter(({ source }) => source.trim() !== "" && !/^\s*(?:.* = )?%export\b[^\n]*\s*$/.test(source));
  const module = toModule(
    kept.map(({ count, source, tags }) => ({ type: "code", source, tags, label: `In[${count}]` })),
    { ...options, title: "a session" },
  );
  return { ...module, cells: kept.length };
}
