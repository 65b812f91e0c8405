import type { TraceCell } from "./source-position.ts";

/** The cells that ran, by the file names of their scripts, for the places in traces. */
export interface CellSources {
  add(filename: string, cell: TraceCell, makeMap: () => object): void;
  get(filename: string): TraceCell | undefined;
  /** Call between cells: makes what is kept of older cells small. */
  tidy(): void;
}

// Cells whose map is still made when an error needs it; a map's inputs take some ten times the room of the map.
const keptWhole = 50;

/** Creates an empty collection. */
export function createCellSources(): CellSources {
  const cells = new Map<string, TraceCell>();
  const whole = new Map<string, () => object>();
  return {
    add(filename, { name, source }, makeMap) {
      cells.set(filename, { name, source, map: makeMap });
      whole.delete(filename); // run again: the newest counts
      whole.set(filename, makeMap);
    },
    get: (filename) => cells.get(filename),
    tidy() {
      while (whole.size > keptWhole) {
        const [filename, makeMap] = whole.entries().next().value!;
        whole.delete(filename);
        const { name, source } = cells.get(filename)!;
        cells.set(filename, { name, source, map: withoutSources(makeMap()) });
      }
    },
  };
}

/** A map that does not hold the text again, which the cell has already. */
function withoutSources(map: object): object {
  const { mappings, sources, names } = map as { mappings: string; sources: string[]; names: string[] };
  return { version: 3, mappings, sources, names };
}
