import type { CellPlace } from "./link.ts";

/** A cell that has run, by the number under which the history has its source. */
export interface RanCell {
  readonly count: number;
  readonly tags: readonly string[];
}

/** The cells by which the notebook's names came about. */
export interface RanCells {
  /** Notes a cell that has run to its end: one that runs again keeps the place of its first run. */
  add(cell: { readonly name: string; readonly place?: CellPlace }): void;
  list(): readonly RanCell[];
  /** Forgets all: the names are forgotten too. */
  clear(): void;
}

const noTags: readonly string[] = [];

/** Creates the record of a notebook's cells. */
export function createRanCells(): RanCells {
  // Front ends that do not name cells send each as one of its own. All are kept, since all made the names: some 80 bytes
  // each, of a history that has their whole text.
  const cells = new Map<string | number, RanCell>();
  return {
    add({ name, place: { id, tags } = { tags: [] } }) {
      const count = Number(/^In\[(\d+)\]$/.exec(name)?.[1]);
      // A cell that asked not to be stored is in no history.
      if (count > 0) cells.set(id ?? count, { count, tags: tags.length > 0 ? tags : noTags });
    },
    list: () => [...cells.values()],
    clear: () => cells.clear(),
  };
}
