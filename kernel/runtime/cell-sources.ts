import type { TraceCell } from "./source-position.ts";

/** The cells that ran, by the file names of their scripts, for the places in traces. */
export interface CellSources {
  /** Keeps a cell for as long as some of its code lives, which `code` tells: an object that the code holds. */
  add(filename: string, cell: TraceCell, makeMap: () => object, code: object): void;
  get(filename: string): TraceCell | undefined;
  /** Call between cells: makes what is kept of older cells small. */
  tidy(): void;
}

// Cells whose map is still made when an error needs it; a map's inputs take some ten times the room of the map.
const keptWhole = 50;
// An error of these may still come up, kept in a variable, when nothing of their code lives.
const keptNewest = 500;

interface Kept {
  cell: TraceCell;
  readonly code: WeakRef<object>;
}

/** Creates an empty collection. */
export function createCellSources(): CellSources {
  const cells = new Map<string, Kept>();
  const whole = new Map<string, () => object>();
  const newest = new Set<string>();
  const ends = new FinalizationRegistry<string>(forget);

  /** Forgets a cell whose code cannot run again, unless it is one of the newest. */
  function forget(filename: string): void {
    if (!newest.has(filename) && cells.get(filename)?.code.deref() === undefined) cells.delete(filename);
  }

  return {
    add(filename, { name, source }, makeMap, code) {
      cells.set(filename, { cell: { name, source, map: makeMap }, code: new WeakRef(code) });
      ends.register(code, filename);
      whole.delete(filename); // run again: the newest counts
      whole.set(filename, makeMap);
      newest.delete(filename);
      newest.add(filename);
    },
    get: (filename) => cells.get(filename)?.cell,
    tidy() {
      while (whole.size > keptWhole) {
        const [filename, makeMap] = whole.entries().next().value!;
        whole.delete(filename);
        const kept = cells.get(filename)!;
        const { name, source } = kept.cell;
        kept.cell = { name, source, map: withoutSources(makeMap()) };
      }
      while (newest.size > keptNewest) {
        const filename = newest.values().next().value!;
        newest.delete(filename);
        forget(filename);
      }
    },
  };
}

/** A map that does not hold the text again, which the cell has already. */
function withoutSources(map: object): object {
  const { mappings, sources, names } = map as { mappings: string; sources: string[]; names: string[] };
  return { version: 3, mappings, sources, names };
}
