import { isDeepStrictEqual } from "node:util";
import { type Bindings, filesOf } from "./bindings.ts";

/** What the document of a cell that has run was made from. */
export interface MadeCell {
  readonly code: string;
  /** The names of earlier cells that it uses. */
  readonly used: Bindings;
  /** The types that its run has shown. */
  readonly shown: ReadonlyMap<string, string | undefined>;
  /** The documents that it needs. */
  readonly needs: readonly string[];
  /** How often it was made anew only because of names that come from itself: `a = f(b)` and `b = g(a)` in turn. */
  readonly turns: number;
}

// After so many turns the types are taken for what they will stay: each turn would need all documents of those before it.
const mostTurns = 4;

/**
 * A cell runs again whose names are those of `file`: says how often that was so only because of itself, and Infinity where the
 * document of the earlier run says all that one of this run would.
 */
export function countTurns(
  made: ReadonlyMap<string, MadeCell>,
  file: string,
  { code, used, shown }: Pick<MadeCell, "code" | "used" | "shown">,
): number {
  const before = made.get(file);
  if (before?.code !== code || before.used.size !== used.size || !isDeepStrictEqual(before.shown, shown)) return 0;
  let turns = Infinity;
  for (const [name, binding] of used) {
    if (isDeepStrictEqual(before.used.get(name), binding)) continue;
    const files = filesOf(binding);
    if (!before.used.has(name) || !files.some((each) => needs(made, each, file))) return 0;
    turns = Math.min(turns, ...files.map((each) => (made.get(each)?.turns ?? 0) + 1));
  }
  return turns > mostTurns ? Infinity : turns;
}

/** Whether a document needs another, be it by way of others. */
function needs(made: ReadonlyMap<string, MadeCell>, file: string, other: string): boolean {
  const seen = new Set([file]);
  // A set that grows while it is walked is walked to its end.
  for (const each of seen) for (const needed of made.get(each)?.needs ?? []) seen.add(needed);
  return seen.has(other);
}
