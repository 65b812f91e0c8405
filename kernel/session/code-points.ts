/** Converts a protocol position, counted in Unicode code points, to a UTF-16 offset; one beyond the end becomes the end. */
export function toOffset(text: string, codePoints: number): number {
  let offset = 0;
  for (let seen = 0; seen < codePoints && offset < text.length; seen += 1) {
    offset += text.codePointAt(offset)! > 0xff_ff ? 2 : 1;
  }
  return offset;
}

/** Converts a UTF-16 offset to a position counted in Unicode code points. */
export function toCodePoints(text: string, offset: number): number {
  let codePoints = 0;
  for (let at = 0; at < offset && at < text.length; codePoints += 1) {
    at += text.codePointAt(at)! > 0xff_ff ? 2 : 1;
  }
  return codePoints;
}
