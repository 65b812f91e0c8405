import type { MimeBundle } from "../display/mimebundle.ts";
import type { Output } from "../display/output.ts";
import type { Settings } from "../kernel/settings.ts";

/**
 * How the text after a magic's name is read.
 * `text`: as it stands. `template`: `${expr}` are TypeScript expressions whose values reach the magic unpasted.
 * `code`: TypeScript of the notebook, which the magic runs when it likes.
 */
export type Argument = "text" | "template" | "code";

/** Literal parts and the values between them, as a template tag gets them: `strings.length === values.length + 1`. */
export interface Template {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
}

/** One use of a magic in a cell. */
export interface MagicCall {
  /** `%name` or `%%name`. */
  readonly form: "line" | "cell";
  /** The rest of the magic's line; for `code` in the line form only the options before the code, as in `-n 10 f()`. */
  readonly line: Template;
  /** The lines below a `%%name`, where its argument is `text` or `template`. */
  readonly body?: Template;
  /** Runs the notebook code given to a `code` magic and returns the value of its last expression. */
  readonly code?: () => Promise<unknown>;
  /** The TypeScript of `code` as the user wrote it. */
  readonly source?: string;
  /** True where the result is assigned: `const x = %name` or `%%name x <<`; the magic then shows nothing itself. */
  readonly assigned: boolean;
  /** Line (1-based) of the cell on which `body`, or else `line`, begins, for errors that point into it. */
  readonly startLine: number;
}

/** A notebook's variables, by name. */
export interface Names {
  get(name: string): unknown;
  has(name: string): boolean;
  set(name: string, value: unknown): void;
  /** The names the user's cells declared, in order of declaration; imports have kind `import`. */
  entries(): Iterable<{ readonly name: string; readonly kind: string; readonly value: unknown }>;
  /** Forgets every name. */
  clear(): void;
}

/** A past cell. */
export interface HistoryEntry {
  readonly session: number;
  readonly count: number;
  readonly source: string;
}

/** What a magic may use of the notebook that calls it. */
export interface MagicContext {
  readonly output: Output;
  /** Aborted at interrupt: stop the work, on the server too, and leave nothing half-done. */
  readonly signal: AbortSignal;
  readonly names: Names;
  /** The kernel's settings; a change made here reaches the kernel process too. */
  readonly settings: Settings;
  /** Folder of the notebook: imports and packages are found from here. `%cd` changes the working directory, not this. */
  readonly folder: string;
  /** The code of the cell that runs, where there is one. */
  readonly source?: string;
  /** Runs source as a cell of the notebook; `file` names it in traces. Returns its last value. */
  run(source: string, file: string): Promise<unknown>;
  /** Puts text into the next cell (a `set_next_input` payload); `replace` puts it into this one. */
  setNextInput(text: string, replace: boolean): void;
  /** Asks the person for a line of text; rejects where nobody can answer. */
  input(prompt: string, password: boolean): Promise<string>;
  /** Captures what `code` prints and shows instead of letting it out. */
  capture(code: () => Promise<unknown>): Promise<Captured>;
  /** Reads the last `limit` cells of this session, oldest first. */
  history(limit: number): Promise<readonly HistoryEntry[]>;
  /** Writes the cells that have run as one module for this folder. */
  toModule(target: string): Promise<ModuleText>;
}

/** The cells of a session as a module. */
export interface ModuleText {
  readonly text: string;
  /** What a reader should know, a line each. */
  readonly notes: readonly string[];
  /** Number of cells in it. */
  readonly cells: number;
}

/** What a captured piece of code printed, showed and returned. */
export interface Captured {
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: readonly MimeBundle[];
  readonly value: unknown;
}

/** What a word of a magic's line can be: one of these words, or the name of such a thing. */
export type Choice = readonly string[] | "file" | "folder" | "environment" | "package" | "connection";

/** What a magic takes on its line, for completion. */
export interface Takes {
  /** Its options, and what the value of each is. */
  readonly options?: Readonly<Record<string, "flag" | Choice>>;
  /** What the word behind those words can be. */
  readonly words?: (before: readonly string[]) => Choice;
  /** The language of the text behind the options, and of the cell form's body. */
  readonly language?: "sql" | "shell";
}

/** A command of the notebook, `%name` or `%%name`. */
export interface Magic {
  readonly name: string;
  /** One line: the usage, two spaces, what it does. Shown by `%lsmagic`. */
  readonly summary: string;
  /** Markdown with examples, shown by `%name?`. */
  readonly help: string;
  /** Argument kind of `%name`; absent where there is no line form. */
  readonly line?: Argument;
  /** Kind of the body of `%%name`; absent where there is no cell form. Its first line is a template if the body is, else text. */
  readonly cell?: Argument;
  /** `%name x << …` keeps the line form's result in `x`; elsewhere `<<` is the magic's own text. */
  readonly arrow?: boolean;
  /** Absent where its line has nothing to complete, or is code. */
  readonly takes?: Takes;
  run(call: MagicCall, context: MagicContext): Promise<unknown>;
}

/** A failure that the reader can mend: shown without a stack, so the message says what to do next. */
export class MagicError extends Error {
  override readonly name: string;
  constructor(magic: string, message: string, options?: ErrorOptions & { name?: string }) {
    super(`%${magic}: ${message}`, options);
    this.name = options?.name ?? "UsageError";
  }
}

/** Joins a template into text, for magics that want plain words; values are put in by `String`. */
export function templateText({ strings, values }: Template): string {
  return strings.reduce((text, part, i) => text + String(values[i - 1]) + part);
}
