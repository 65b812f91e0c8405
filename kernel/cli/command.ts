/** One command of `typhoon`. */
export interface Command {
  readonly name: string;
  /** One line for `typhoon --help`. */
  readonly summary: string;
  /** Usage and options, for `typhoon NAME --help`. */
  readonly help: string;
  /** Does the work and returns the exit code; `args` are the words after the command's name. */
  run(args: string[]): Promise<number>;
}

/** A failure that the reader can mend: shown without a stack, so the message says what to do next. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
