import { stripVTControlCharacters } from "node:util";
import type { StreamName } from "../protocol/contents.ts";
import { withoutOverwritten } from "./overwritten.ts";
import { countLines, cutHead, cutTail } from "./text-cut.ts";

/** Text of one stream that is shown together. */
export interface TextPiece {
  readonly name: StreamName;
  readonly text: string;
  /** Its place among what else was kept. */
  readonly order: number;
}

/** An amount of text. */
export interface Amount {
  readonly bytes: number;
  /** Lines that end in it. */
  readonly lines: number;
}

/** What is kept of the end, and how much is between it and what was shown before. */
export interface Tail {
  readonly pieces: readonly TextPiece[];
  readonly left: Amount;
}

/** The text of one cell: its beginning passes, its end is kept, and what is between is counted. */
export interface TextLimit {
  /** Takes text and returns the part of it that may be shown now. `order` says its place among what else is kept. */
  take(name: StreamName, text: string, order: number): string;
  /** True once a text did not pass. */
  readonly over: boolean;
  /** True where a limit was raised since. */
  readonly raised: boolean;
  /** Lets text pass again, as far as the limits are now. */
  resume(): void;
  /** The limit that it has reached: of bytes, or of outputs. */
  readonly limit: "output.text" | "output.displays";
  /** What did not pass since the last tail. */
  readonly held: Amount;
  /** The last lines of what is kept, each short. */
  lastLines(count: number): readonly string[];
  /** Takes the tail out, at most so many bytes: what follows is held again, and counted anew. */
  drain(bytes: number): Tail;
}

/** How much of a cell's text is shown. */
export interface TextBounds {
  /** Bytes that pass. */
  readonly headBytes: number;
  /** Changes between stdout and stderr that pass: each begins a new output in the notebook. */
  readonly changes: number;
  /** Bytes that are kept of the end. */
  readonly tailBytes: number;
}

/** One half of what is kept: when it is full, the other one is dropped and begun anew. */
interface Half {
  readonly pieces: { readonly name: StreamName; readonly order: number; readonly start: number; end: number }[];
  /** UTF-8. Floods come in many small texts, which would cost far more as strings. */
  readonly bytes: Buffer;
  used: number;
}

const maxTailPieces = 100;
const lastLineLength = 160;
// Longer states of a line count each: nobody watches those.
const longestState = 4_096;

/** Creates the limit of one cell's text. */
export function createTextLimit(bounds: TextBounds): TextLimit {
  let over = false;
  let overAt = { headBytes: 0, changes: 0 };
  let passedBytes = 0;
  let changes = 0;
  let last: StreamName | undefined;
  let lineBegun = false;
  // What counts of the line that has begun, and whether the next text overwrites it.
  let lineBytes = 0;
  let returned = false;
  let older: Half | undefined;
  let newer: Half | undefined;
  let held = { bytes: 0, lines: 0 };

  /** How many bytes a text adds to what is seen, and to the line that has begun; of a line's states the last one counts. */
  function measure(text: string): { readonly added: number; readonly line: number; readonly returned: boolean } {
    const seen = withoutOverwritten(text);
    const end = seen.lastIndexOf("\n") + 1;
    const bytes = Buffer.byteLength(seen);
    const overwrites = returned || (text.startsWith("\r") && !text.startsWith("\r\n"));
    const first = overwrites ? Buffer.byteLength(seen.slice(0, seen.indexOf("\n") + 1 || undefined)) : 0;
    const covers = overwrites && first >= lineBytes;
    const line = end > 0 ? Buffer.byteLength(seen.slice(end)) : covers ? bytes : lineBytes + bytes;
    return {
      added: bytes - (covers ? lineBytes : 0),
      line: line > longestState ? 0 : line,
      returned: text === "" ? returned : text.endsWith("\r"),
    };
  }

  function keep(name: StreamName, text: string, order: number): void {
    if (text === "") return;
    held.lines += countLines(text);
    const length = Buffer.byteLength(text);
    held.bytes += length;
    const end = cutTail(text, bounds.tailBytes);
    const half = halfWithRoom(end === text ? length : Buffer.byteLength(end));
    const start = half.used;
    half.used += half.bytes.write(end, start);
    const piece = half.pieces.at(-1);
    if (piece?.name === name && piece.order === order) piece.end = half.used;
    else half.pieces.push({ name, order, start, end: half.used });
  }

  function halfWithRoom(length: number): Half {
    if (newer && newer.used + length <= newer.bytes.length && newer.pieces.length < maxTailPieces) return newer;
    older = newer;
    newer = { pieces: [], bytes: Buffer.allocUnsafeSlow(bounds.tailBytes), used: 0 };
    return newer;
  }

  function allPieces(): TextPiece[] {
    const joined: { name: StreamName; order: number; text: string }[] = [];
    for (const half of [older, newer]) {
      for (const { name, order, start, end } of half?.pieces ?? []) {
        const text = half!.bytes.toString("utf8", start, end);
        const before = joined.at(-1);
        if (before?.name === name && before.order === order) before.text += text;
        else joined.push({ name, order, text });
      }
    }
    return joined;
  }

  return {
    get over() {
      return over;
    },
    get raised() {
      return over && (bounds.headBytes > overAt.headBytes || bounds.changes > overAt.changes);
    },
    resume() {
      over = false;
    },
    get limit() {
      return changes > bounds.changes ? "output.displays" : "output.text";
    },
    get held() {
      return held;
    },
    take(name, text, order) {
      if (over) {
        keep(name, text, order);
        return "";
      }
      if (name !== last) changes += 1;
      last = name;
      const { added, ...after } = measure(text);
      if (changes <= bounds.changes && passedBytes + added <= bounds.headBytes) {
        passedBytes += added;
        ({ line: lineBytes, returned } = after);
        lineBegun = !text.endsWith("\n");
        return text;
      }
      over = true;
      overAt = { headBytes: bounds.headBytes, changes: bounds.changes };
      const head = changes > bounds.changes ? "" : cutHead(text, bounds.headBytes - passedBytes, lineBegun);
      keep(name, text.slice(head.length), order);
      return head;
    },
    lastLines(count) {
      const text = allPieces()
        .map((piece) => piece.text.slice(-count * lastLineLength * 4))
        .join("")
        .slice(-count * lastLineLength * 4);
      return text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .slice(-count)
        .map(toShortLine);
    },
    drain(bytes) {
      let pieces = allPieces().slice(-maxTailPieces);
      let room = bytes;
      pieces = pieces
        .toReversed()
        .map((piece) => {
          const text = room > 0 ? cutTail(piece.text, room) : "";
          room = text.length < piece.text.length ? 0 : room - Buffer.byteLength(text);
          return { ...piece, text };
        })
        .filter(({ text }) => text !== "")
        .toReversed();
      const shown = {
        bytes: sum(pieces, ({ text }) => Buffer.byteLength(text)),
        lines: sum(pieces, ({ text }) => countLines(text)),
      };
      const left = { bytes: held.bytes - shown.bytes, lines: held.lines - shown.lines };
      held = { bytes: 0, lines: 0 };
      older = undefined;
      newer = undefined;
      return { pieces, left };
    },
  };
}

function sum<T>(items: readonly T[], measure: (item: T) => number): number {
  return items.reduce((total, item) => total + measure(item), 0);
}

/** A line as a person would see it last: without what it overwrote, without colours, clipped. */
function toShortLine(line: string): string {
  const seen = line.slice(line.trimEnd().lastIndexOf("\r") + 1).trimEnd();
  const plain = stripVTControlCharacters(seen);
  return plain.length > lastLineLength ? `${Array.from(plain.slice(0, lastLineLength)).slice(0, -1).join("")}…` : plain;
}
