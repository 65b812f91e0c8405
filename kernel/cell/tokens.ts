/** A piece of TypeScript, as coarse as finding magics allows. */
export interface Token {
  readonly kind:
    | "space"
    | "newline"
    | "comment"
    | "string"
    | "template"
    | "regex"
    | "word"
    | "open"
    | "close"
    | "operator";
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Whether it can end an expression, so that an operator may follow it: a slash then divides. */
  readonly endsValue: boolean;
}

/** Reads a text token by token. */
export interface Scanner {
  /** The last token that is neither space nor comment. */
  readonly previous: Token | undefined;
  /** Reads the token at an offset, where the last one has ended. */
  read(at: number): Token;
  /** Forgets what was read: a statement begins. */
  reset(): void;
}

const spaces = /[^\S\n]+/y;
const words = /[\p{ID_Start}$_\d#][\p{ID_Continue}$\u200c\u200d]*/uy;
const comments = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
const regexes = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const operators =
  /===?|=>|!==?|>>>?=|<<=|\*\*=|&&=|\|\|=|\?\?=|[<>+\-*/%&|^]=|\?\?|\?\.|&&|\|\||\+\+|--|<<|>>>?|\*\*|\.\.\.|[^]/y;

// After these words a slash begins a regular expression and an operator is still to come.
const operatorWords = /^(?:return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|await|yield|extends)$/;
// Words whose parentheses are followed by a statement, and what stands before the brace of a block.
const headWords = /^(?:if|while|for|with)$/;
const blockHeads = /^(?:[;{})]|=>|else|do|try|finally|static)$/;

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["space", spaces],
  ["comment", comments],
  ["word", words],
];

/** Whether a word that stands after the token `last` can end an expression: `return` does as a property only. */
export function wordEndsValue(word: string, last: string | undefined): boolean {
  return last === "." || last === "?." || !operatorWords.test(word);
}

/** Whether a value ends where the bracket is closed that opens after the tokens `beforeLast` and `last`. */
export function closesValue(bracket: string, last: string | undefined, beforeLast: string | undefined): boolean {
  if (bracket === "[") return true;
  if (bracket === "{") return last !== undefined && !blockHeads.test(last);
  return !headWords.test((last === "await" ? beforeLast : last) ?? "");
}

/** Creates a scanner that has read nothing. */
export function createScanner(source: string): Scanner {
  let previous: Token | undefined;
  let beforePrevious: Token | undefined;
  // For each open bracket, whether a value ends where it closes.
  let brackets: boolean[] = [];

  function kindAt(at: number): [Token["kind"], end: number] {
    const match = (pattern: RegExp): number | undefined => {
      pattern.lastIndex = at;
      return pattern.test(source) ? pattern.lastIndex : undefined;
    };
    const char = source.charAt(at);
    if (char === "\n") return ["newline", at + 1];
    if (char === "`") return ["template", templateEnd(source, at + 1)];
    if (char === '"' || char === "'") return ["string", stringEnd(source, at, char)];
    if ("([{".includes(char)) return ["open", at + 1];
    if (")]}".includes(char)) return ["close", at + 1];
    for (const [kind, pattern] of patterns) {
      const end = match(pattern);
      if (end !== undefined) return [kind, end];
    }
    const regex = char === "/" && previous?.endsValue !== true ? match(regexes) : undefined;
    return regex === undefined ? ["operator", match(operators) ?? at + 1] : ["regex", regex];
  }

  function endsValue(kind: Token["kind"], text: string, start: number): boolean {
    if (kind === "word") return wordEndsValue(text, previous?.text);
    if (kind === "open") {
      brackets.push(closesValue(text, previous?.text, beforePrevious?.text));
      return false;
    }
    if (kind === "close") return brackets.pop() ?? true;
    if (kind !== "operator") return true;
    // The `!` of `x!`, which says that x is not null, follows its operand at once.
    return text === "++" || text === "--" || (text === "!" && previous?.endsValue === true && previous.end === start);
  }

  return {
    get previous() {
      return previous;
    },
    read(at) {
      const [kind, end] = kindAt(at);
      const text = source.slice(at, end);
      const token = { kind, start: at, end, text, endsValue: endsValue(kind, text, at) };
      if (kind !== "space" && kind !== "newline" && kind !== "comment") [beforePrevious, previous] = [previous, token];
      return token;
    },
    reset() {
      previous = beforePrevious = undefined;
      brackets = [];
    },
  };
}

/** Not by a regular expression, whose stack a string of some megabytes exhausts. A string without an end goes to its line's. */
function stringEnd(source: string, start: number, quote: string): number {
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source[at];
    if (char === quote) return at + 1;
    if (char === "\n") return at;
    if (char === "\\" && (at += 1) === source.length) return at - 1;
  }
  return source.length;
}

function templateEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "`") return at + 1;
    if (source[at] === "\\") at += 1;
    else if (source.startsWith("${", at)) at = closingBrace(source, at + 2);
  }
  return source.length;
}

/** Returns the offset of the brace that closes the one before `from`, or the end of the text. */
export function closingBrace(source: string, from: number): number {
  const scanner = createScanner(source);
  for (let at = from, depth = 0; at < source.length;) {
    const token = scanner.read(at);
    if (token.kind === "open") depth += 1;
    if (token.kind === "close" && (depth -= 1) < 0) return at;
    at = token.end;
  }
  return source.length;
}
