/** How the text after a magic's name is read; the same words as the magics' own interface. */
export type MagicArgument = "text" | "template" | "code";

/** The forms that a magic has, and how each reads its text. */
export interface MagicSyntax {
  readonly line?: MagicArgument;
  /** The line form keeps its result by `%sql name << …`; elsewhere `<<` is the magic's own text (`%sh cat << END`). */
  readonly arrow?: boolean;
  readonly cell?: MagicArgument;
}

/** What the scanner needs to know of the magics. */
export interface MagicsInfo {
  /** Returns a magic's forms; undefined for a name that is no magic. */
  readonly magics: (name: string) => MagicSyntax | undefined;
  /** Says what an unknown name may have meant, as a sentence: "Did you mean %sql?" */
  readonly suggest?: (name: string) => string;
}

/** The compiler options of a tsconfig.json that change what code means when it runs. */
export interface TsconfigOptions {
  readonly jsx?: string;
  readonly jsxFactory?: string;
  readonly jsxFragmentFactory?: string;
  readonly jsxImportSource?: string;
  readonly experimentalDecorators?: boolean;
  readonly emitDecoratorMetadata?: boolean;
  readonly useDefineForClassFields?: boolean;
}

/** What compiling a cell needs to know of the notebook. */
export interface CompileOptions extends MagicsInfo {
  /** The cell's name in traces, such as `In[3]`. */
  readonly name: string;
  /** Absolute path under which the script runs; nothing is written there. */
  readonly filename: string;
  /** Index of the scope object that holds a name; undefined for a name that the notebook does not know. */
  readonly scope: (name: string) => number | undefined;
  /** Gives a newly declared name its scope object. */
  readonly place: (name: string) => number;
  /** Whether a name is a property of the global object. */
  readonly globals: (name: string) => boolean;
  readonly tsconfig?: TsconfigOptions;
}
