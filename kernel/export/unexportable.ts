import { CellSyntaxError } from "../cell/errors.ts";

/** Code that runs in a notebook and has no form in a module; it points at its place in the cell. */
export class UnexportableError extends CellSyntaxError {
  constructor(message: string, source: string, offset: number) {
    super(message, source, offset, { name: "ExportError" });
  }
}
