/** Where a frame is, in the code that ran. */
export interface Location {
  /** Path or URL, as the stack has it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One line of a stack. */
export interface StackFrame {
  /** What runs: `half`, `async Object.m`, `new A`; empty at the top level of a cell or module. */
  readonly label: string;
  /** Undefined for native code: `at Array.map (<anonymous>)`. */
  readonly location: Location | undefined;
}

function parseLocation(text: string): Location | undefined {
  // Code of `eval` is placed where `eval` was called.
  const evaluated = /^eval at .*?\((.*:\d+:\d+)\)/.exec(text);
  const [, file, line, column] = /^(.*?):(\d+):(\d+)$/s.exec(innermost(evaluated?.[1] ?? text)) ?? [];
  return file === undefined ? undefined : { file, line: Number(line), column: Number(column) };
}

function innermost(text: string): string {
  return text.startsWith("eval at ") ? text.slice(text.lastIndexOf("(") + 1) : text;
}

function parseFrame(line: string): StackFrame {
  const text = line.trim().slice("at ".length);
  // The last " (" before the place: labels may hold brackets, as in `Object.f [as g] (file:1:2)`.
  const [, label = "", place] = /^(.*?) \((.*)\)$/s.exec(text) ?? [];
  if (place !== undefined) return { label, location: parseLocation(place) };
  const [, async = "", bare = ""] = /^(async )?(.*)$/s.exec(text) ?? [];
  const location = parseLocation(bare);
  return location ? { label: async.trim(), location } : { label: text, location };
}

/** Reads the frames at the end of a stack as V8 writes it; a text without frames has none. */
export function parseStack(stack: string): readonly StackFrame[] {
  const lines = stack.trimEnd().split("\n");
  const start = lines.findLastIndex((line) => !/^\s+at \S/.test(line)) + 1;
  return lines.slice(start).map(parseFrame);
}

/** Finds the place that V8 writes before a stack, when code does not parse or link. */
export function parseArrow(stack: string): Location | undefined {
  const [, file, line, arrow] = /^(\S.*):(\d+)\n.*\n(\s*)\^+\n/.exec(stack) ?? [];
  return file === undefined ? undefined : { file, line: Number(line), column: (arrow ?? "").length + 1 };
}
