/** A value's representations by MIME type, richest understood one wins in the front end (Jupyter messaging, "display_data"). */
export type MimeData = Record<string, unknown>;

/** What one display carries: representations and, per MIME type, how to render them. */
export interface MimeBundle {
  readonly data: MimeData;
  readonly metadata: Record<string, unknown>;
}

/** A value that brings its own representations, by the convention that Deno introduced. */
export interface Displayable {
  [displaySymbol](): MimeData | Promise<MimeData>;
}

/** The method `value[Symbol.for("Jupyter.display")]()` returns the value's MIME data. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;
