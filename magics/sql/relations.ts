import type { Table } from "apache-arrow";
import type { Names } from "../magic.ts";
import type { RelationStore } from "./engine.ts";
import { tableFromRows, isArrowTable, isFrame, rowsOf } from "../columnar/rows.ts";

/** Tables of a notebook that queries can read. */
export interface Relations {
  /**
   * Returns the name of the relation that a value is, and sees that it is there when `ready` is next awaited. An array of row
   * objects may also be meant as a value, so it is a relation `asTable` only.
   */
  relation(value: unknown, asTable: boolean): string | undefined;
  /** Waits for the relations that were named. */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Makes the table in a notebook's variable known under the variable's name: true; or as a relation that is to take the
   * name's place. False where no variable of that name is a table.
   */
  provide(names: Names, name: string, signal: AbortSignal): Promise<boolean | { readonly relation: string }>;
  /** Forgets what no query will use: names whose variables hold something else now. */
  refresh(names: Names | undefined): Promise<void>;
}

interface View {
  /** The table that the variable held when the view was made. */
  readonly variable?: WeakRef<Table>;
  /** A table that only the view uses. */
  readonly table?: Table;
}

/** Writes a name as SQL. */
function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Keeps the relations of one database in a catalog of their own. */
export function createRelations(store: RelationStore): Relations {
  const { catalog } = store;
  const known = new WeakMap<object, { readonly name: string; readonly loaded: Promise<void> }>();
  const pending = new Set<Promise<void>>();
  const views = new Map<string, View>();
  let count = 0;
  // An Arrow table never changes, so its relation lives as long as the table.
  const registry = new FinalizationRegistry<string>((name) => {
    store.alter(`drop table if exists ${name}`).catch(() => {});
  });

  const loadTable = (table: object): string => {
    const found = known.get(table);
    if (found) return found.name;
    const name = `${catalog}.table_${++count}`;
    const loaded = store.load(name, table as Table);
    known.set(table, { name, loaded });
    registry.register(table, name);
    loaded.catch(() => known.delete(table));
    pending.add(loaded);
    return name;
  };

  // Rows may change in place: the queries that are being prepared share what it is now.
  const sources = new Map<object, string>();
  const tableOf = new WeakMap<object, Table>();

  const loadRows = (source: object): string | undefined => {
    const found = sources.get(source);
    if (found) return found;
    const rows = rowsOf(source);
    if (!rows) return undefined;
    const name = `${catalog}.table_${++count}`;
    const load = async (): Promise<void> => {
      const table = await tableFromRows(rows);
      tableOf.set(source, table);
      registry.register(table, name);
      await store.load(name, table);
    };
    sources.set(source, name);
    pending.add(load());
    return name;
  };

  const relationOf = (value: unknown, asTable: boolean): string | undefined => {
    if (isArrowTable(value)) return loadTable(value);
    return isFrame(value) || (asTable && Array.isArray(value)) ? loadRows(value) : undefined;
  };

  const ready = async (): Promise<void> => {
    const all = [...pending];
    pending.clear();
    sources.clear();
    await Promise.all(all);
  };

  const forget = async (name: string): Promise<void> => {
    views.delete(name);
    await store.alter(`drop view if exists ${catalog}.${quoteName(name)}`);
  };

  return {
    relation: relationOf,
    ready,
    async provide(names, name) {
      const variable = findVariable(names, name);
      if (variable === undefined) return false;
      const value = names.get(variable);
      const rows = isArrowTable(value) ? undefined : rowsOf(value);
      if (!isArrowTable(value) && !rows) return false;
      const table = isArrowTable(value) ? value : await tableFromRows(rows!);
      const relation = loadTable(table);
      await ready();
      await store.alter(`create or replace view ${catalog}.${quoteName(name)} as from ${relation}`);
      // Rows may change in place: their relation serves one query, for which the table made of them must live.
      views.set(name, rows ? { table } : { variable: new WeakRef(table) });
      return true;
    },
    async refresh(names) {
      if (!names) return;
      for (const [name, view] of views) {
        const variable = findVariable(names, name);
        if (variable === undefined || view.table || names.get(variable) !== view.variable?.deref()) await forget(name);
      }
    },
  };
}

/** SQL's names know no case: finds the variable of that very name, else one that differs in case only. */
export function findVariable(names: Names, name: string): string | undefined {
  if (names.has(name)) return name;
  for (const entry of names.entries()) if (entry.name.toLowerCase() === name.toLowerCase()) return entry.name;
  return undefined;
}
