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
  const before = pragmasOf(code) + head;
  return {
    path,
    text: before + code + tail,
    headLength: before.length,
    segments: segments.map((segment) => ({ ...segment, at: segment.at + before.length })),
  };
}

/** What a cell's first comments say of its JSX, such as `/** @jsx h *\/`: it counts only where nothing stands before it. */
function pragmasOf(code: string): string {
  if (!code.includes("@jsx")) return "";
  const comments = /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/.exec(code)?.[0] ?? "";
  return [...comments.matchAll(/@jsx\w*[^\S\n]+[^\s*]+/g)].map(([pragma]) => `/** ${pragma} */ `).join("");
}
