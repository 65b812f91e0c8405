/** A piece of TypeScript, as completion needs it: no grammar, but sure about what is text and what is code. */
export interface Token {
  readonly type: "word" | "number" | "string" | "template" | "regex" | "comment" | "magic" | "mark";
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** True where the text ends before the token does: the cursor is inside it. */
  readonly open: boolean;
}

const word = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200C\u200D]*/uy;
const number = /(?:0[xob][\da-f_]+|\d[\d_]*(?:\.(?!\.)\d[\d_]*)?(?:e[+-]?\d+)?)n?/iy;
const regex = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const magicLine = /%{1,2}[A-Za-z?]*[^\n]*/y;
const mark = /\?\.(?!\d)|=>|\.\.\.|[^\s]/uy;

// After these words a slash begins a regular expression, not a division.
const beforeOperand = /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield|instanceof)$/;

function isOperandEnd(token: Token | undefined): boolean {
  if (token === undefined || token.type === "magic") return false;
  if (token.type === "mark") return [")", "]", "}"].includes(token.text);
  return token.type !== "word" || !beforeOperand.test(token.text);
}

function quotedEnd(code: string, start: number): { readonly end: number; readonly open: boolean } {
  for (let i = start + 1; i < code.length; i++) {
    if (code[i] === "\\") i++;
    else if (code[i] === code[start]) return { end: i + 1, open: false };
    else if (code[i] === "\n") return { end: i, open: false };
  }
  return { end: code.length, open: true };
}

function isLineStart(code: string, at: number): boolean {
  return /(?:^|\n)[ \t]*$/.test(code.slice(Math.max(0, at - 200), at));
}

/** Splits the code before a cursor into tokens. The parts of a template between `${` and `}` are code. */
export function tokenize(code: string): readonly Token[] {
  const tokens: Token[] = [];
  // One entry for each open bracket; "`" for a template's `${`.
  const brackets: string[] = [];
  let at = 0;

  function push(type: Token["type"], end: number, open = false): void {
    tokens.push({ type, start: at, end, text: code.slice(at, end), open });
    at = end;
  }

  function take(pattern: RegExp, type: Token["type"]): boolean {
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (found === null || found[0] === "") return false;
    push(type, at + found[0].length);
    return true;
  }

  /** Reads template text from a "`" or a "}" to the next "`" or "${". */
  function template(): void {
    for (let i = at + 1; i < code.length; i++) {
      if (code[i] === "\\") i++;
      else if (code[i] === "`") return push("template", i + 1);
      else if (code.startsWith("${", i)) {
        brackets.push("`");
        return push("template", i + 2);
      }
    }
    push("template", code.length, true);
  }

  function bracket(): void {
    const character = code[at] ?? "";
    if ("([{".includes(character)) brackets.push(character);
    else if (")]}".includes(character)) brackets.pop();
  }

  function comment(): void {
    const isBlock = code[at + 1] === "*";
    const end = code.indexOf(isBlock ? "*/" : "\n", at + 2);
    push("comment", end < 0 ? code.length : end + (isBlock ? 2 : 0), end < 0);
  }

  function next(): void {
    const character = code[at] ?? "";
    const last = tokens.findLast(({ type }) => type !== "comment");
    if (/\s/.test(character)) at += 1;
    else if (character === "%" && brackets.length === 0 && isMagic(code, at)) take(magicLine, "magic");
    else if (code.startsWith("//", at) || code.startsWith("/*", at)) comment();
    else if (character === '"' || character === "'") {
      const { end, open } = quotedEnd(code, at);
      push("string", end, open);
    } else if (character === "`") template();
    else if (character === "}" && brackets.at(-1) === "`") {
      brackets.pop();
      template();
    } else if (character === "/" && !isOperandEnd(last) && take(regex, "regex")) return;
    else if (take(word, "word") || take(number, "number")) return;
    else {
      bracket();
      take(mark, "mark");
    }
  }

  while (at < code.length) next();
  return tokens;
}

function isMagic(code: string, at: number): boolean {
  const isAlone = code.length === at + 1 || /^%{1,2}(?:[A-Za-z?]|$|\n)/.test(code.slice(at, at + 3));
  return isAlone && (isLineStart(code, at) || /=[ \t]*$/.test(code.slice(Math.max(0, at - 200), at)));
}
