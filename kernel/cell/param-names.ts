/** The names by which a compiled cell calls what the runtime gives it. */
export interface ParamNames {
  /** The cell object. */
  readonly cell: string;
  /** The scope object at an index. */
  scope(index: number): string;
  /** A name for a value of our own in the generated code. */
  own(name: string): string;
  /** Whether an identifier is one of ours. */
  has(name: string): boolean;
}

/** Words of a text that could be identifiers: more than there are, for strings and comments are not told apart. */
export function wordsOf(source: string): Set<string> {
  const text = source.includes("\\u") ? `${source}\n${unescaped(source)}` : source;
  return new Set(text.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*(?!\{(?<=\$\{))/gu));
}

/** A text with `\u0061` as the letter that it is, also in a name. */
function unescaped(source: string): string {
  return source.replaceAll(/\\u(?:\{0*([\da-f]{1,6})\}|([\da-f]{4}))/gi, (written, braced?: string, four?: string) => {
    const code = Number.parseInt(braced ?? four ?? "", 16);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : written;
  });
}

/** Picks names that collide with no identifier of the cell: `$cell`, `$`, `$1`, or the same with more dollar signs. */
export function pickNames(words: ReadonlySet<string>): ParamNames {
  const taken = [...words].map((word) => /^(\$+)(?:\d*|cell|code\d+|result|await)$/.exec(word)?.[1]);
  let prefix = "$";
  while (taken.includes(prefix)) prefix += "$";
  return {
    cell: `${prefix}cell`,
    scope: (index) => (index === 0 ? prefix : `${prefix}${index}`),
    own: (name) => `${prefix}${name}`,
    has: (name) => name.startsWith(prefix) && !words.has(name),
  };
}
