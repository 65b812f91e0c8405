import { readFile, writeFile } from "node:fs/promises";
import { CommandError } from "./command.ts";

/** Text as notebooks keep it: whole, or as a list of lines that end in a line feed. */
export type Multiline = string | readonly string[];

/** A cell of a notebook (nbformat 4), as far as running it needs to know. */
export interface Cell {
  readonly cell_type: string;
  readonly source: Multiline;
  readonly metadata: { readonly tags?: readonly string[] };
  execution_count?: number | null;
  outputs?: readonly Record<string, unknown>[];
}

/** A notebook file (nbformat 4). */
export interface Notebook {
  readonly nbformat: number;
  readonly cells: readonly Cell[];
}

/** Joins text that may be kept as a list of lines. */
export function joinLines(text: Multiline): string {
  return typeof text === "string" ? text : text.join("");
}

/** Splits text into the list of lines that notebooks keep, so that a change in one shows as one line. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Reads a notebook of nbformat 4. */
export async function readNotebook(path: string): Promise<Notebook> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    throw new CommandError(`${path} cannot be read: is the name right?`);
  }
  const notebook = parseObject(text);
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new CommandError(
      `${path} is no notebook of format 4: open and save it in JupyterLab to convert an older one`,
    );
  }
  return notebook as Notebook;
}

function parseObject(text: string): Partial<Notebook> | undefined {
  try {
    return JSON.parse(text) as Partial<Notebook> | undefined;
  } catch {
    return undefined;
  }
}

/** Writes a notebook as Jupyter does: one space of indentation and a line feed at the end. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeFile(path, `${JSON.stringify(notebook, undefined, 1)}\n`);
}
