import { cellsFile, emptyDocument, ownPrefix, writeCells } from "./bindings.ts";

/** The documents of the cells that have run. Some are open ahead: at each opening the server makes its program anew. */
export interface Slots {
  /** Takes a document in which no cell is, and returns its file name. */
  take(tsx: boolean): string;
  /** Gives a document back. Its text stays, since mostly a cell that runs again takes it soon. */
  free(file: string): void;
  /** Empties those that were given back. */
  clean(): void;
  /** Opens one more where few are left, and returns its file name. */
  openAhead(): string | undefined;
}

// Kept open ahead: as many cells as may well run one after the other.
const mostAhead = 16;
// Named together, since for another name too the server makes its program anew.
const namedTogether = 16;

/** Creates the documents; `set` tells the server the text of one. */
export function createSlots(set: (file: string, text: string) => void): Slots {
  const names: string[] = [];
  const unopened: string[] = [];
  const spare: string[] = [];
  const spareTsx: string[] = [];
  const stale = new Set<string>();

  function addNames(count: number, extension: string): string[] {
    const added = Array.from({ length: count }, (_, i) => `${ownPrefix}in${names.length + i + 1}.${extension}`);
    names.push(...added);
    set(cellsFile, writeCells(names));
    return added;
  }

  function next(): string {
    if (unopened.length === 0) unopened.push(...addNames(namedTogether, "ts"));
    return unopened.shift()!;
  }

  function openAhead(): string | undefined {
    if (spare.length >= mostAhead) return undefined;
    const file = next();
    set(file, emptyDocument);
    spare.push(file);
    return file;
  }

  while (openAhead() !== undefined);
  return {
    take(tsx) {
      const file = tsx ? (spareTsx.pop() ?? addNames(1, "tsx")[0]!) : (spare.pop() ?? next());
      stale.delete(file);
      return file;
    },
    free(file) {
      stale.add(file);
      (file.endsWith("x") ? spareTsx : spare).push(file);
    },
    clean() {
      for (const file of stale) set(file, emptyDocument);
      stale.clear();
    },
    openAhead,
  };
}
