import { CellSyntaxError } from "../cell/errors.ts";

/** Code that runs in a notebook and has no form in a module; it points at its place in the cell. */
export class UnexportableError extends CellSyntaxError {
  /** The line at which it points. */
  readonly text: string;
  constructor(message: string, source: string, offset: number) {
    super(message, source, offset, { name: "ExportError" });
    this.text = source.split("\n")[this.line - 1] ?? "";
  }
}
