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
}

const spaces = /[^\S\n]+/y;
const words = /[\p{ID_Start}$_\d#][\p{ID_Continue}$\u200c\u200d]*/uy;
const strings = /"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?/y;
const comments = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
const regexes = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const operators =
  /===?|=>|!==?|>>>?=|<<=|\*\*=|&&=|\|\|=|\?\?=|[<>+\-*/%&|^]=|\?\?|\?\.|&&|\|\||\+\+|--|<<|>>>?|\*\*|\.\.\.|[^]/y;

// After these words a slash begins a regular expression and an operator is still to come.
const operatorWords = /^(?:return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|await|yield|extends)$/;

/** Whether a token can end an expression, so that an operator may follow it. */
export function endsValue(source: string, token: Token | undefined): boolean {
  if (!token) return false;
  const text = source.slice(token.start, token.end);
  if (token.kind === "word") return !operatorWords.test(text);
  if (token.kind === "operator") return text === "++" || text === "--";
  return token.kind !== "open";
}

/** Reads the token at an offset; `previous` is the last one that is neither space nor comment. */
export function tokenAt(source: string, at: number, previous: Token | undefined): Token {
  const token = (kind: Token["kind"], end: number): Token => ({ kind, start: at, end });
  const match = (pattern: RegExp): number | undefined => {
    pattern.lastIndex = at;
    return pattern.test(source) ? pattern.lastIndex : undefined;
  };
  const char = source.charAt(at);
  if (char === "\n") return token("newline", at + 1);
  if (char === "`") return token("template", templateEnd(source, at + 1));
  if ("([{".includes(char)) return token("open", at + 1);
  if (")]}".includes(char)) return token("close", at + 1);
  const patterns: [Token["kind"], RegExp][] = [
    ["space", spaces],
    ["string", strings],
    ["comment", comments],
    ["word", words],
  ];
  for (const [kind, pattern] of patterns) {
    const end = match(pattern);
    if (end !== undefined) return token(kind, end);
  }
  const regex = char === "/" && !endsValue(source, previous) ? match(regexes) : undefined;
  return regex === undefined ? token("operator", match(operators) ?? at + 1) : token("regex", regex);
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
  let previous: Token | undefined;
  for (let at = from, depth = 0; at < source.length;) {
    const token = tokenAt(source, at, previous);
    if (token.kind === "open") depth += 1;
    if (token.kind === "close" && (depth -= 1) < 0) return at;
    if (token.kind !== "space" && token.kind !== "newline" && token.kind !== "comment") previous = token;
    at = token.end;
  }
  return source.length;
}
