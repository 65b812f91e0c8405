import { closesValue, wordEndsValue } from "../cell/tokens.ts";

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
  // One entry for each open bracket: "`" for a template's `${`, else whether a value ends where it is closed.
  const brackets: ("`" | boolean)[] = [];
  let last: Token | undefined;
  let beforeLast: Token | undefined;
  // Whether the last token ends a value, so that a slash divides.
  let afterValue = false;
  let at = 0;

  function push(type: Token["type"], end: number, open = false): void {
    const token = { type, start: at, end, text: code.slice(at, end), open };
    tokens.push(token);
    at = end;
    if (type === "comment") return;
    afterValue = endsValue(token);
    [beforeLast, last] = [last, token];
  }

  function endsValue({ type, text, start }: Token): boolean {
    if (type === "word") return wordEndsValue(text, last?.text);
    if (type !== "mark") return type !== "magic" && !text.endsWith("${");
    if ("([{".includes(text)) {
      brackets.push(closesValue(text, last?.text, beforeLast?.text));
      return false;
    }
    if (")]}".includes(text)) return brackets.pop() !== false;
    const touches = last?.end === start;
    // `x!`, and the second sign of `x++`.
    return touches && (text === "!" ? afterValue : (text === "+" || text === "-") && last?.text === text);
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

  function comment(): void {
    const isBlock = code[at + 1] === "*";
    const end = code.indexOf(isBlock ? "*/" : "\n", at + 2);
    push("comment", end < 0 ? code.length : end + (isBlock ? 2 : 0), end < 0);
  }

  /** Reads a regular expression, also one that its line does not close; `</p>` and `/>` belong to JSX. */
  function takeRegex(): boolean {
    if (take(regex, "regex")) return true;
    if (code[at + 1] === ">" || code[at - 1] === "<" || /^\/\s/.test(code.slice(at, at + 2))) return false;
    const end = code.indexOf("\n", at);
    push("regex", end < 0 ? code.length : end, end < 0);
    return true;
  }

  function next(): void {
    const character = code[at] ?? "";
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
    } else if (character === "/" && !afterValue && takeRegex()) return;
    else if (!take(word, "word") && !take(number, "number")) take(mark, "mark");
  }

  while (at < code.length) next();
  return tokens;
}

function isMagic(code: string, at: number): boolean {
  const isAlone = code.length === at + 1 || /^%{1,2}(?:[A-Za-z?]|$|\n)/.test(code.slice(at, at + 3));
  return isAlone && (isLineStart(code, at) || /=[ \t]*$/.test(code.slice(Math.max(0, at - 200), at)));
}
