import type { CellEnd, DeclaredName } from "../language/declarations.ts";

/** A cell that has run before there was a language client. */
export interface WaitingCell<Run> {
  readonly source: string;
  readonly end: CellEnd;
  /** Somebody waits for its problems: it is never left out. */
  readonly checked?: Run | undefined;
}

/** The cells that a language client is to know once there is one, in the order in which they have ended; a bounded number. */
export interface WaitingCells<Run> {
  add(cell: WaitingCell<Run>): void;
  /** All names are gone. */
  forget(): void;
  /** Takes the oldest. */
  next(): WaitingCell<Run> | "forget" | undefined;
}

// A server takes about 10 ms for each document with which it starts; of older cells, the names are kept with what their values
// tell of their types.
const mostCells = 200;
const mostText = 8_000_000;
// What may declare a type or assign a name: cells without one of these mean nothing to others, unless their run made names.
const meaning =
  /(?<![=!<>])=(?![=>])|\+\+|--|\b(?:interface|type|enum|class|namespace|module|declare|import|function|let|const|var|using)\b/;
// What only the text of a cell tells.
const types = /\b(?:interface|type|enum|class|namespace|module|declare|import)\b/;

interface Kept<Run> extends WaitingCell<Run> {
  readonly hasTypes: boolean;
}

/** Creates the list for a notebook of which no cell has run. */
export function createWaitingCells<Run>(): WaitingCells<Run> {
  let cells: (Kept<Run> | "forget")[] = [];
  let text = 0;
  /** The names of cells that were left out. */
  const older = new Map<string, DeclaredName>();
  const globals = new Set<string>();

  /** Leaves out what nobody waits for. */
  function drop(): void {
    cells = cells.filter((cell) => cell !== "forget" && cell.checked !== undefined);
    text = cells.reduce((sum, cell) => sum + (cell === "forget" ? 0 : cell.source.length), 0);
    older.clear();
  }

  /** Keeps of an old cell its names alone, of one without types where there is one. */
  function shorten(): void {
    const isFree = (cell: Kept<Run> | "forget"): cell is Kept<Run> => cell !== "forget" && cell.checked === undefined;
    let at = cells.findIndex((cell) => isFree(cell) && !cell.hasTypes);
    if (at < 0 || text > mostText) at = cells.findIndex(isFree);
    if (at < 0) return;
    const [cell] = cells.splice(at, 1) as [Kept<Run>];
    text -= cell.source.length;
    for (const each of cell.end.declared) {
      // A later one of the same name goes first, since what is left out is told before all others.
      if (!cells.some((other, i) => i < at && other !== "forget" && declares(other, each.name)))
        older.set(each.name, each);
    }
    for (const name of cell.end.globals ?? []) globals.add(name);
  }

  return {
    add(cell) {
      const { source, end, checked } = cell;
      if (end.cleared) drop();
      const isNews = end.declared.length > 0 || (end.variables?.length ?? 0) > 0;
      const means = isNews || (end.globals?.length ?? 0) > 0 || end.cleared || meaning.test(source);
      if (!means && checked === undefined) return;
      cells.push({ ...cell, hasTypes: types.test(source) });
      text += source.length;
      if (cells.length > mostCells || text > mostText) shorten();
    },
    forget() {
      drop();
      globals.clear();
      cells.push("forget");
    },
    next() {
      if (older.size + globals.size > 0) {
        const declared = [...older.values()];
        const end: CellEnd = { outcome: "ok", declared, globals: [...globals], cleared: false };
        older.clear();
        globals.clear();
        return { source: "", end };
      }
      const cell = cells.shift();
      if (cell !== undefined && cell !== "forget") text -= cell.source.length;
      return cell;
    },
  };
}

function declares({ end }: WaitingCell<unknown>, name: string): boolean {
  return end.declared.some((each) => each.name === name);
}
