/** What fits at a cursor. `start` and `end` are UTF-16 positions of the text that a match replaces. */
export interface Completion {
  /** `names`: any name of the notebook could stand there. `magic`: the text of a magic, of which the types know nothing. */
  readonly place: "names" | "magic" | "other";
  readonly matches: readonly string[];
  readonly start: number;
  readonly end: number;
  /** Kinds of the matches, in their order: `function`, `property`, `keyword`, `magic`, `path`, … */
  readonly types: readonly string[];
}

/** Something that may fit. */
export interface Candidate {
  readonly text: string;
  readonly type: string;
  /** Lower comes first: own members before inherited ones, the notebook's names before globals. */
  readonly rank: number;
  /** What is compared with the prefix, where that is not the text: a name in quotes. */
  readonly key?: string;
}

/** The candidates of a place, and the text before the cursor that they replace. */
export interface Found {
  readonly candidates: readonly Candidate[];
  readonly prefix: string;
  readonly start: number;
  readonly place?: Completion["place"];
}

/** The longest list that is sent. */
export const mostMatches = 500;

/** Keeps and orders what begins with the prefix: in the same case where there is any, names with an underscore last. */
export function toCompletion({ candidates, prefix, start, place = "other" }: Found, end: number): Completion {
  const exact = candidates.filter(({ text, key = text }) => text.startsWith(prefix) || key.startsWith(prefix));
  const lower = prefix.toLowerCase();
  const isNear = ({ text, key = text }: Candidate): boolean =>
    text.toLowerCase().startsWith(lower) || key.toLowerCase().startsWith(lower);
  const fitting = exact.length > 0 ? exact : candidates.filter(isNear);
  const isPrivate = ({ text }: Candidate): number => (text.startsWith("_") ? 1 : 0);
  const sorted = fitting
    .toSorted((a, b) => isPrivate(a) - isPrivate(b) || a.rank - b.rank || (a.text < b.text ? -1 : 1))
    .slice(0, mostMatches);
  return { place, matches: sorted.map(({ text }) => text), types: sorted.map(({ type }) => type), start, end };
}
