/** What is needed of a TrueType font to lay text out: which characters it has and how wide they are. */
export interface Font {
  has(codePoint: number): boolean;
  /** Width of text in ems. */
  width(text: string): number;
}

/** Reads a TrueType file: tables `head`, `hhea`, `hmtx` and the format 4 part of `cmap`. */
export function decodeFont(file: Uint8Array): Font {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = tableFinder(view);
  const unitsPerEm = view.getUint16(table("head") + 18);
  const metrics = view.getUint16(table("hhea") + 34);
  const advances = table("hmtx");
  const glyphOf = characterMap(view, table("cmap"));
  const advance = (glyph: number): number => view.getUint16(advances + 4 * Math.min(glyph, metrics - 1));
  return {
    has: (codePoint) => glyphOf(codePoint) !== 0,
    width: (text) => {
      let units = 0;
      for (const character of text) units += advance(glyphOf(character.codePointAt(0) ?? 0));
      return units / unitsPerEm;
    },
  };
}

function tableFinder(view: DataView): (tag: string) => number {
  const tables = new Map<string, number>();
  for (let at = 0; at < view.getUint16(4); at++) {
    const entry = 12 + 16 * at;
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((byte) => view.getUint8(entry + byte)));
    tables.set(tag, view.getUint32(entry + 8));
  }
  return (tag) => {
    const offset = tables.get(tag);
    if (offset === undefined) throw new Error(`the font has no ${tag} table`);
    return offset;
  };
}

/** Finds glyphs by segments of the Basic Multilingual Plane (format 4 of the OpenType specification). */
function characterMap(view: DataView, cmap: number): (codePoint: number) => number {
  const subtables = Array.from(
    { length: view.getUint16(cmap + 2) },
    (_, at) => cmap + view.getUint32(cmap + 8 + 8 * at),
  );
  const map = subtables.find((offset) => view.getUint16(offset) === 4);
  if (map === undefined) throw new Error("the font has no format 4 character map");
  const size = view.getUint16(map + 6);
  const ends = map + 14;
  const starts = ends + size + 2;
  return (codePoint) => {
    if (codePoint > 0xffff) return 0;
    for (let at = 0; at < size; at += 2) {
      if (codePoint > view.getUint16(ends + at)) continue;
      const first = view.getUint16(starts + at);
      if (codePoint < first) return 0;
      const delta = view.getUint16(starts + size + at);
      const rangeAt = starts + 2 * size + at;
      const range = view.getUint16(rangeAt);
      if (range === 0) return (codePoint + delta) & 0xffff;
      const glyph = view.getUint16(rangeAt + range + 2 * (codePoint - first));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}
