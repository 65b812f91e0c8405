import { formatBytes } from "../setting-kinds.ts";

/** Text that is kept for a variable. */
export interface CapturedText {
  /** Throws where it would become more than fits into a value; what follows is dropped then. */
  add(text: string): void;
  whole(): string;
  /** The text as it is shown where it does not become a value: of much, the end. */
  end(): string;
}

// V8's longest string has half a gigabyte; its text is copied where it is used.
const mostLength = 256 * 2 ** 20;
// Small pieces take many times their length, so they are joined.
const partLength = 2 ** 20;
const shownLength = 2 ** 20;

/** Keeps text in parts, since a long string that is made by appending takes many times its length. */
export function createCapturedText(): CapturedText {
  const parts: string[] = [];
  let pieces: string[] = [];
  let piecesLength = 0;
  let length = 0;
  let full = false;

  function join(): void {
    parts.push(pieces.join(""));
    pieces = [];
    piecesLength = 0;
  }

  return {
    add(text) {
      if (full) return;
      full = length + text.length > mostLength;
      if (full) {
        throw new RangeError(
          `this cell has printed more than ${formatBytes(mostLength)}, the most that is captured into a value; let it write to a file`,
        );
      }
      length += text.length;
      piecesLength += text.length;
      pieces.push(text);
      if (piecesLength >= partLength) join();
    },
    whole() {
      join();
      return parts.join("");
    },
    end() {
      if (length <= shownLength) return this.whole();
      join();
      const last = parts.slice(-2).join("").slice(-shownLength);
      const lines = last.slice(last.indexOf("\n") + 1);
      return `… ${formatBytes(length - lines.length)} of captured text left out\n${lines}`;
    },
  };
}
