// Where a URL in a text ends. Whatever the text, no piece of it is searched for the same thing twice.

type Find = (from: number) => number;

/**
 * Tells where the URL whose `://` is at `index` ends: before the quote that ends the literal which it begins, or before white
 * space or the quote that ends the literal in which it is. Undefined where no scheme stands there. For growing `index`.
 */
export function createEnds(text: string): (index: number) => number | undefined {
  const space = createFinder(text, /\s/g);
  const opener = createFinder(text, /["`\n]|(?<![\w$])'/g);
  const closers: Record<string, Find> = {};
  let at = 0;

  /** The quote that ends the literal which the quote at `open` begins; -1 where its line has none. */
  function closing(open: number): number {
    const quote = text[open]!;
    const isEscaped = text[open - 1] === "\\";
    const find = (closers[`${isEscaped ? "\\" : ""}${quote}`] ??= createFinder(
      text,
      new RegExp(`${isEscaped ? "" : String.raw`(?<!\\)(?:\\\\)*`}${quote}(?![\\w$])|\\n`, "g"),
    ));
    const end = find(open + 1);
    return text[end] === quote ? end : -1;
  }

  /** The end of the literal in which `index` is. */
  function literalEnd(index: number): number {
    for (let open = opener(at); open < index; open = opener(at)) {
      const end = text[open] === "\n" ? open : closing(open);
      if (end > index) return end;
      at = (end < 0 ? open : end) + 1;
    }
    return text.length;
  }

  return (index) => {
    let start = index;
    while (start > index - longestScheme && /[a-z\d+.-]/i.test(text[start - 1] ?? "")) start--;
    if (start === index) return undefined;
    const own = start > 0 && "\"'`".includes(text[start - 1]!) ? closing(start - 1) : -1;
    return own > index ? own : Math.min(space(index), literalEnd(index));
  };
}

const longestScheme = 20;

/** Finds the end of the next match, less one; the length of the text where there is none. Remembers what it found. */
function createFinder(text: string, pattern: RegExp): Find {
  let from = 0;
  let found = -1;
  return (start) => {
    if (start >= from && start <= found) return found;
    from = pattern.lastIndex = start;
    found = pattern.test(text) ? pattern.lastIndex - 1 : text.length;
    return found;
  };
}

/** Finds the last `char` from a place to an end; -1 where there is none. */
export function createLast(text: string, char: string): (from: number, end: number) => number {
  const known = new Map<number, { readonly from: number; readonly last: number }>();
  return (from, end) => {
    let piece = known.get(end);
    if (!piece || from < piece.from) {
      const last = text.slice(from, end).lastIndexOf(char);
      piece = { from, last: last < 0 ? -1 : from + last };
      known.set(end, piece);
    }
    return piece.last < from ? -1 : piece.last;
  };
}
