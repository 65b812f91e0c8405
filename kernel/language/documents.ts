import type { PlainCell, Segment } from "./plain-cell.ts";

/** A cell as the server has it: between what earlier cells declare and what later ones take. */
export interface Document {
  readonly path: string;
  readonly text: string;
  /** How much stands before the cell's code. */
  readonly headLength: number;
  /** Where the cell's own text is in the document. */
  readonly segments: readonly Segment[];
}

/** Puts a cell's code between its head and its tail. */
export function toDocument(path: string, head: string, { code, segments }: PlainCell, tail = ""): Document {
  return {
    path,
    text: head + code + tail,
    headLength: head.length,
    segments: segments.map((segment) => ({ ...segment, at: segment.at + head.length })),
  };
}
