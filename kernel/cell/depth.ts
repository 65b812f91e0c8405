import { type Scanner, type Token, closingBrace, createScanner } from "./tokens.ts";

/**
 * Tokens within each other that the native parser takes: half of what exhausts 8 MB of stack, which ends the process.
 * Measured for each construct that nests; brackets of arrays need the most for a token.
 */
export const maxDepth = 8_000;

// A statement goes on with these although a line or block has ended.
const goesOn = /^(?:else|catch|finally|while|in|of|instanceof|as|satisfies|extends|implements)$/;
const maxTemplates = 100;

// For the process that must not end: far less than what is measured to be safe. Nobody types more.
const mostTyped = 3_000;
const mostAngles = 1_000;

/** Whether code is nested deeper than the kernel process may parse. */
export function isDeep(source: string): boolean {
  // The parser tries each `<` of `a < b < c` as type arguments too, and elements of JSX nest around any text.
  return tooDeepAt(source, mostTyped) !== undefined || source.split("<", mostAngles + 1).length > mostAngles;
}

/** The tokens since the last comma or statement of one pair of brackets, each of which may hold the next. */
interface Level {
  readonly isBlock: boolean;
  chain: number;
  /** Type arguments that are open: a comma does not end those. */
  angles: number;
}

/**
 * Returns the offset at which code may be nested deeper than `limit`, by brackets or by operators: `[[[[`, `a + b + c`,
 * `if (a) … else if (b) …`. Counts tokens, so what it lets through is never deeper; undefined where nothing is.
 */
export function tooDeepAt(source: string, limit: number): number | undefined {
  return source.length <= limit ? undefined : find(source, 0, source.length, limit, 0);
}

function find(source: string, from: number, to: number, limit: number, templates: number): number | undefined {
  const scanner = createScanner(source);
  let level: Level = { isBlock: true, chain: 0, angles: 0 };
  const outer: Level[] = [];
  // Of all levels together.
  let depth = 0;
  const clear = (): void => {
    depth -= level.chain + level.angles;
    level.chain = level.angles = 0;
  };
  let isEnd = false;
  for (let at = from; at < to;) {
    const before = scanner.previous;
    const token = read(scanner, at);
    if (!token) return at;
    at = token.end;
    if (token.kind === "newline") isEnd ||= level.isBlock && before?.endsValue === true;
    if (token.kind === "newline" || token.kind === "space" || token.kind === "comment") continue;
    isEnd ||= level.isBlock && before?.text === "}" && !before.endsValue;
    if (isEnd && (token.kind === "word" || token.kind === "string") && !goesOn.test(token.text)) clear();
    isEnd = token.text === ";";
    if (token.kind === "close") {
      clear();
      level = outer.pop() ?? level;
    } else if (token.text === ",") {
      depth -= level.chain;
      level.chain = 0;
    } else {
      level.chain += 1;
      depth += 1;
    }
    const angles = token.text === "<" ? 1 : /^>+$/.test(token.text) ? -Math.min(level.angles, token.text.length) : 0;
    level.angles += angles;
    depth += angles;
    if (token.kind === "open") {
      outer.push(level);
      level = { isBlock: token.text === "{", chain: 0, angles: 0 };
    }
    if (depth > limit) return token.start;
    if (token.kind === "template") {
      const inside = findInTemplate(source, token, limit - depth, templates + 1);
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}

/** Undefined where templates are nested so deep that even reading them is too much. */
function read(scanner: Scanner, at: number): Token | undefined {
  try {
    return scanner.read(at);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function findInTemplate(source: string, { start, end }: Token, limit: number, templates: number): number | undefined {
  if (templates > maxTemplates) return start;
  for (let at = start + 1; at < end; at += 1) {
    if (source[at] === "\\") at += 1;
    else if (source.startsWith("${", at)) {
      const close = closingBrace(source, at + 2);
      const found = find(source, at + 2, close, limit, templates);
      if (found !== undefined) return found;
      at = close;
    }
  }
  return undefined;
}
