import { type Capture, findCapture, isUsedAbove } from "./captures.ts";
import type { CellFacts, Declared, DeclaredKind, NameUse } from "./names.ts";

/** One declaration of a name: by one cell, or by several that import the same. */
export interface Declaration {
  readonly name: string;
  readonly cell: number;
  readonly kinds: readonly DeclaredKind[];
  readonly value: boolean;
  readonly type: boolean;
  readonly statement: number;
  readonly before?: Declared["before"];
  /** `source name` of an import. */
  readonly imports?: string | undefined;
  /** Its name in the module. */
  local: string;
}

/** How the module has the names that several cells declare. */
export interface NamePlan {
  /** The name that a use has in the module. */
  nameOf(use: NameUse, cell: number): string;
  /** The declaration that a use means; undefined for a global. */
  resolve(use: NameUse, cell: number): Declaration | undefined;
  declarationsOf(name: string): readonly Declaration[];
  readonly declarations: readonly Declaration[];
  /** Declared names that functions of earlier cells see, with the variable in which those find the latest. */
  readonly latest: ReadonlyMap<string, string>;
  /** Names for which all cells share one variable. */
  readonly shared: ReadonlySet<string>;
  /** A name that nobody has; it is taken from then on. */
  fresh(name: string): string;
}

/** A cell's names, and from where it imports. */
export interface PlannedCell extends CellFacts {
  /** `source name` of each imported name. */
  readonly imports: ReadonlyMap<string, string>;
}

/** Plans how each declaration is called in the module, so that every use means what it means in the notebook. */
export function planNames(cells: readonly PlannedCell[], taken: ReadonlySet<string>): NamePlan {
  const words = new Set(taken);
  const byName = groupByName(cells);
  const fresh = (name: string): string => {
    for (let n = 1; ; n += 1) {
      const found = n === 1 ? name : `${name}_${n}`;
      if (words.has(found)) continue;
      words.add(found);
      return found;
    }
  };

  function resolve(use: NameUse, cell: number): Declaration | undefined {
    const fits = (byName.get(use.name) ?? []).filter(
      ({ value, type }) => use.space === "any" || (use.space === "value" ? value : type),
    );
    const earlier = fits.findLast((found) => found.cell < cell);
    const own = fits.find((found) => found.cell === cell) ?? (earlier?.imports === undefined ? undefined : earlier);
    if (own && !(earlier && isBefore(use, own))) return own;
    if (earlier || use.writes) return earlier ?? fits[0];
    // A function may use a name that a later cell declares; a global stays what it is.
    return isGlobal(use.name) ? undefined : fits[0];
  }

  const latest = new Map<string, string>();
  const shared = new Set<string>();
  for (const [name, declarations] of byName) {
    const values = declarations.filter(({ value }) => value);
    if (values.length < 2) continue;
    const capture = findCapture(
      name,
      values.map(({ cell }) => cell),
      cells,
    );
    if (capture === undefined) continue;
    if (canShare(values, capture)) shared.add(name);
    else latest.set(name, fresh(`${name}_latest`));
  }
  nameDeclarations();

  function nameDeclarations(): void {
    for (const [name, declarations] of byName) {
      if (shared.has(name)) continue;
      const first = declarations[0]?.cell ?? 0;
      const isUsedAsGlobal = cells
        .slice(0, first)
        .some(({ uses }) => uses.some((use) => use.name === name && isGlobal(name)));
      const spaces = { value: isUsedAsGlobal, type: isUsedAsGlobal };
      for (const declaration of declarations) {
        const conflicts = (declaration.value && spaces.value) || (declaration.type && spaces.type);
        if (conflicts) declaration.local = fresh(name);
        spaces.value ||= declaration.value;
        spaces.type ||= declaration.type;
      }
    }
  }

  return {
    resolve,
    fresh,
    latest,
    shared,
    declarations: [...byName.values()].flat(),
    declarationsOf: (name) => byName.get(name) ?? [],
    nameOf(use, cell) {
      const slot = latest.get(use.name);
      const last = byName.get(use.name)?.findLast(({ value }) => value);
      const isLate = last !== undefined && use.deferred && use.space === "value";
      if (
        slot !== undefined &&
        isLate &&
        (cell < last.cell || (cell === last.cell && isUsedAbove(use.name, cells[cell]!))) &&
        resolve(use, cell)
      )
        return slot;
      return resolve(use, cell)?.local ?? use.name;
    },
  };
}

/** Whether a use stands where its name still means an earlier cell's. */
function isBefore(use: NameUse, { before }: Declaration): boolean {
  if (!before || use.deferred) return false;
  return use.start < before.start || (use.start >= before.value[0] && use.start < before.value[1]);
}

// What every cell has without an import.
const provided = new Set(["display", "plot", "progress", "sh", "sql", "input", "require", "__dirname", "__filename"]);

function isGlobal(name: string): boolean {
  return name in globalThis || provided.has(name);
}

function groupByName(cells: readonly PlannedCell[]): Map<string, Declaration[]> {
  const byName = new Map<string, Declaration[]>();
  for (const [cell, { declared, imports }] of cells.entries()) {
    for (const name of new Set(declared.map((found) => found.name))) {
      const own = declared.filter((found) => found.name === name);
      const before = own.every((found) => found.before) ? own[0]?.before : undefined;
      const source = imports.get(name);
      const known = byName.get(name) ?? [];
      byName.set(name, known);
      // The same import again is the same name.
      if (source !== undefined && own.length === 1 && known.some((found) => found.imports === source)) continue;
      known.push({
        name,
        cell,
        kinds: own.map(({ kind }) => kind),
        value: own.some(({ value }) => value),
        type: own.some(({ type }) => type),
        statement: own[0]?.statement ?? 0,
        ...(before && { before }),
        imports: source,
        local: name,
      });
    }
  }
  return byName;
}

/** Whether one variable can stand for all declarations: variables that code assigns, of which a copy would be stale. */
function canShare(declarations: readonly Declaration[], { assigned }: Capture): boolean {
  return (
    assigned && declarations.every(({ kinds }) => kinds.every((kind) => /^(?:const|let|var|function)$/.test(kind)))
  );
}
