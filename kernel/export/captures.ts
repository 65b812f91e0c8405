import type { CellFacts } from "./names.ts";

/** A name that functions of a cell use and a later cell declares anew, while those functions may still be called. */
export interface Capture {
  /** Whether code assigns the name after its declaration. */
  readonly assigned: boolean;
}

/**
 * Says whether functions see another declaration of a name than that of their own time: in the notebook they see the
 * latest. `cells` are the indexes of the cells that declare it.
 */
export function findCapture(name: string, cells: readonly number[], all: readonly CellFacts[]): Capture | undefined {
  const isSeen = (cell: number): boolean => isSeenAt(name, cell, all) || isUsedAbove(name, all[cell]!);
  if (!cells.slice(1).some(isSeen)) return undefined;
  return { assigned: all.some(({ uses }) => uses.some((use) => use.name === name && use.writes)) };
}

/** Whether functions may use a name above the cell's own declaration of it: called there, they see that of before. */
export function isUsedAbove(name: string, { uses, declared }: CellFacts): boolean {
  const { before } = declared.find((found) => found.name === name && found.value) ?? {};
  if (!before) return false;
  // A function that is declared farther down can be called as well.
  const hoisted = declared.filter(({ kind }) => kind === "function");
  const called = hoisted.filter((found) =>
    uses.some((use) => use.name === found.name && use.start < before.value[1] && use.statement !== found.statement),
  );
  return uses.some(
    (use) =>
      use.name === name &&
      use.deferred &&
      (use.start < before.start || called.some(({ statement }) => statement === use.statement)),
  );
}

/** Whether functions made before a cell use the name, and may be called from that cell on. */
function isSeenAt(name: string, cell: number, all: readonly CellFacts[]): boolean {
  // Names through which such a function can be reached.
  const reach = new Set<string>();
  for (const facts of all.slice(0, cell)) {
    const statements = new Set(facts.uses.map(({ statement }) => statement));
    for (const statement of statements) {
      const uses = facts.uses.filter((use) => use.statement === statement && use.space !== "type");
      const captures = uses.some((use) => use.name === name && use.deferred);
      if (!captures && !uses.some((use) => reach.has(use.name))) continue;
      const declared = facts.declared.filter((found) => found.statement === statement && found.value);
      // Given away by a call, such as that of a timer.
      if (captures && declared.length === 0) return true;
      for (const found of declared) reach.add(found.name);
      for (const use of uses) if (use.writes || use.receives) reach.add(use.name);
    }
  }
  // The name itself is the new declaration from then on.
  reach.delete(name);
  return all.slice(cell).some(({ uses }) => uses.some((use) => use.space !== "type" && reach.has(use.name)));
}
