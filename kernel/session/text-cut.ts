// A line that is longer than this is cut rather than left out as a whole.
const longLine = 64 * 1024;
// So much more than the limit may pass where it ends a line that has begun.
const lineEnd = 4 * 1024;
// No escape sequence that programs print is longer, links among them.
const longestEscape = 2_048;

const escape = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[ -/]*[0-Z\\^-~])/y;

/**
 * Returns the first part of a text, about `bytes` of UTF-8: whole lines where they are not too long, and never a part of a
 * character or of an escape sequence. `lineBegun`: the text goes on with a line of which something has passed already.
 */
export function cutHead(text: string, bytes: number, lineBegun: boolean): string {
  const at = offsetOfByte(text, bytes);
  if (lineBegun) {
    const end = text.slice(0, at + lineEnd).indexOf("\n") + 1;
    if (end >= at && end > 0) return text.slice(0, end);
  }
  const line = text.lastIndexOf("\n", at - 1) + 1;
  if (line > 0 && at - line < longLine) return text.slice(0, line);
  const next = text.indexOf("\n", at);
  const length = (next === -1 ? text.length : next) - line;
  if (line === 0 && !lineBegun && length < longLine) return "";
  return text.slice(0, safeBefore(text, at));
}

/** Returns the last part of a text, at most so many bytes of UTF-8, with the same promises as `cutHead`. */
export function cutTail(text: string, bytes: number): string {
  // No unit of UTF-16 takes more than three bytes.
  const length = text.length * 3 <= bytes ? 0 : Buffer.byteLength(text);
  if (length <= bytes) return text;
  const at = offsetAfterByte(text, length - bytes);
  if (text[at - 1] === "\n") return text.slice(at);
  const line = text.indexOf("\n", at) + 1;
  if (line > 0 && line < text.length && line - at < longLine) return text.slice(line);
  return text.slice(safeAfter(text, at));
}

/** How many lines end in a text. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/** The UTF-16 position of the first character that begins at this byte of UTF-8 or later. */
function offsetAfterByte(text: string, byte: number): number {
  const encoded = Buffer.from(text);
  let start = byte;
  while (start < encoded.length && (encoded[start]! & 0xc0) === 0x80) start += 1;
  return text.length - encoded.toString("utf8", start).length;
}

/** The UTF-16 position of the last character that begins within so many bytes of UTF-8, at its start. */
function offsetOfByte(text: string, bytes: number): number {
  if (bytes <= 0) return 0;
  const encoded = Buffer.from(text);
  let end = Math.min(bytes, encoded.length);
  while (end > 0 && end < encoded.length && (encoded[end]! & 0xc0) === 0x80) end -= 1;
  return encoded.toString("utf8", 0, end).length;
}

/** The escape sequence that a position is within. */
function escapeAround(text: string, at: number): { readonly start: number; readonly end: number } | undefined {
  const start = text.lastIndexOf("\u001B", at - 1);
  if (start === -1 || at - start > longestEscape) return undefined;
  escape.lastIndex = start;
  const end = escape.test(text) ? escape.lastIndex : text.length;
  return end > at ? { start, end } : undefined;
}

function safeBefore(text: string, at: number): number {
  const start = escapeAround(text, at)?.start ?? at;
  return isWithinPair(text, start) ? start - 1 : start;
}

function safeAfter(text: string, at: number): number {
  const end = escapeAround(text, at)?.end ?? at;
  return isWithinPair(text, end) ? end + 1 : end;
}

function isWithinPair(text: string, at: number): boolean {
  return at > 0 && at < text.length && text.codePointAt(at - 1)! > 0xff_ff;
}
