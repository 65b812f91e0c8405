import { type Node, parseSync, visitorKeys } from "oxc-parser";
import type { Stretch } from "./cell-names.ts";

/** The nodes around a place of a cell's code, from the outermost to the widest one with exactly that place; none where there is none. */
export function pathAt(text: string, at: Stretch, tsx: boolean): Node[] {
  const lang = tsx ? "tsx" : "ts";
  return pathTo(parseSync(`cell.${lang}`, text, { lang, sourceType: "module" }).program, at);
}

function pathTo(root: Node, { start, end }: Stretch): Node[] {
  const path: Node[] = [];
  for (let node: Node | undefined = root; node;) {
    path.push(node);
    if (node.start === start && node.end === end && node !== root) return path;
    node = childAt(node, start, end);
  }
  // Of a declared name with a type, the problem's place is the name alone.
  const last = path.at(-1);
  return last?.start === start ? path : [];
}

function childAt(node: Node, start: number, end: number): Node | undefined {
  for (const key of visitorKeys[node.type] ?? []) {
    const value = (node as unknown as Record<string, unknown>)[key];
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const candidate = child as Node | null | undefined;
      if (candidate && candidate.start <= start && candidate.end >= end) return candidate;
    }
  }
  return undefined;
}
