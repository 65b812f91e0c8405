/** A place in the user's source: a UTF-16 offset, and line and column counted from 1. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** A cell that cannot be compiled, with the place in the user's TypeScript. */
export class CellSyntaxError extends Error {
  override readonly name: string;
  readonly position: Position;
  readonly line: number;
  readonly column: number;
  /** The error stands where the text ends: more text could mend it. */
  readonly atEnd: boolean;
  constructor(message: string, source: string, offset: number, options: { name?: string; atEnd?: boolean } = {}) {
    super(message);
    this.name = options.name ?? "SyntaxError";
    this.position = positionAt(source, offset);
    this.line = this.position.line;
    this.column = this.position.column;
    this.atEnd = options.atEnd ?? false;
  }
}

/** The error of code that cannot be compiled because it is nested too deep. */
export function tooDeep(source: string, offset: number): CellSyntaxError {
  const message =
    "this code is nested too deep to be compiled. Split a long expression into several statements, or build the value in a loop";
  return new CellSyntaxError(message, source, offset);
}

/** Returns the line and column of an offset. */
export function positionAt(source: string, offset: number): Position {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { offset, line: before.split("\n").length, column: offset - lineStart + 1 };
}
