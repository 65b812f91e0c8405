import { type Stats, constants } from "node:fs";
import { access, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
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
  readonly metadata?: {
    readonly language_info?: { readonly name?: string };
    readonly kernelspec?: { readonly language?: string };
  };
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

/** Makes sure that a notebook can be written to a file, which may exist, before much work is done for it. */
export async function checkTarget(path: string): Promise<void> {
  const isFile = (await statOf(path))?.isFile();
  if (isFile === false) throw new CommandError(`${path} cannot be written: it is a folder; name a file in it`);
  const folder = dirname(resolve(path));
  if (!(await statOf(folder))?.isDirectory()) {
    throw new CommandError(`${path} cannot be written: there is no folder ${folder}; create it first`);
  }
  try {
    await access(isFile ? path : folder, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  return await stat(path).catch(() => undefined);
}

function unwritable(path: string, error: unknown): CommandError {
  return new CommandError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
}

/** Writes a notebook as Jupyter does: one space of indentation and a line feed at the end. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(notebook, undefined, 1)}\n`);
  } catch (error) {
    throw unwritable(path, error);
  }
}
