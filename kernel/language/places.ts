import type { Position } from "./protocol.ts";

/** Converts a document's offset to line and character. */
export function toPosition(text: string, offset: number): Position {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  let line = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < start; at = text.indexOf("\n", at + 1)) line += 1;
  return { line, character: offset - start };
}

/** Converts a line and character to a document's offset. */
export function toOffset(text: string, { line, character }: Position): number {
  let start = 0;
  for (let n = 0; n < line; n += 1) {
    const at = text.indexOf("\n", start);
    if (at === -1) return text.length;
    start = at + 1;
  }
  return Math.min(start + character, text.length);
}
