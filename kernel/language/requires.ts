import type { PlainCell, Segment } from "./plain-cell.ts";

/** A `require("…")` in a cell's plain code. */
export interface RequireCall {
  readonly start: number;
  readonly end: number;
  readonly module: string;
}

/** Gives each `require("…")` the type of its module, which in a module of TypeScript it has not. */
export function typeRequires({ code, segments }: PlainCell, calls: readonly RequireCall[]): PlainCell {
  // At the beginning of a statement a bracket would go on with the line above.
  const inside = calls.filter(({ start }) => /[=(,[{:?&|]\s*$/.test(code.slice(0, start)));
  let typed = { code, segments };
  for (const { start, end, module } of inside.toSorted((a, b) => b.start - a.start)) {
    typed = insert(typed, end, ` as typeof import(${JSON.stringify(module)}))`);
    typed = insert(typed, start, "(");
  }
  return typed;
}

function insert({ code, segments }: PlainCell, at: number, text: string): PlainCell {
  const moved = segments.flatMap((segment): Segment[] => {
    const before = at - segment.at;
    if (before >= segment.length) return [segment];
    if (before <= 0) return [{ ...segment, at: segment.at + text.length }];
    return [
      { ...segment, length: before },
      { at: at + text.length, from: segment.from + before, length: segment.length - before },
    ];
  });
  return { code: code.slice(0, at) + text + code.slice(at), segments: moved };
}
