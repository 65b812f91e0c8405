import type { MagicsInfo, TsconfigOptions } from "../cell/options.ts";

/** A cell of a notebook or of a session. */
export interface SourceCell {
  readonly type: "code" | "markdown" | "raw";
  readonly source: string;
  readonly tags?: readonly string[];
  /** How messages name it: `cell 3`, `In[3]`. */
  readonly label: string;
}

/** Where a module comes from and goes to, and what the cells may use. */
export interface ExportOptions extends MagicsInfo {
  /** The notebook's name, for the module's first line. */
  readonly title: string;
  /** Folder of the notebook: its imports and files are found from here. */
  readonly folder: string;
  /** Folder of the module. */
  readonly target: string;
  readonly tsconfig?: TsconfigOptions;
  /** Paths that the tsconfig.json gives for an import. */
  readonly paths?: (specifier: string) => readonly string[];
}

/** A notebook as a module. */
export interface ExportedModule {
  readonly text: string;
  /** What a reader should know: what was left out, and what Node cannot run. */
  readonly notes: readonly string[];
}

/** A cell that cannot be exported, with its place: the message says what to do. */
export class ExportError extends Error {
  override readonly name = "ExportError";
}

/** The first line of an exported module begins so: such a file may be overwritten. */
export const firstLine = "// Exported by Typhoon from ";
