import type { Names } from "../magic.ts";
import type { SqlDatabase } from "./database.ts";
import type { SqlSession } from "./engine.ts";
import { type Relations, findVariable } from "./relations.ts";
import { isArrowTable, isFrame, rowsOf } from "../columnar/rows.ts";
import { openRows } from "./open-rows.ts";
import { dropTemporary, loadTemporary } from "./temporary-table.ts";
import { temporaryName } from "./new-table.ts";

/** Returns the notebook's tables as relations of a session: shared by all sessions, or temporary tables of this one. */
export function relationsFor(database: SqlDatabase, session: SqlSession): Relations {
  const known = database.relationsOf(session);
  if (known) return known;
  const made = createTemporaryRelations(database, session);
  database.setRelations(session, made);
  return made;
}

interface Entry {
  readonly name: string;
  /** Undefined for one that is there whatever becomes of a transaction; else the number of the transaction that made it. */
  readonly transaction: number | undefined;
}

/**
 * Tables of the notebook as temporary tables of one session. All that is done here is done in the session's turn, so what is
 * to be loaded or dropped waits for `ready`.
 */
function createTemporaryRelations(database: SqlDatabase, session: SqlSession): Relations {
  const known = new WeakMap<object, Entry>();
  const loads = new Map<string, { readonly value: object; readonly label: string }>();
  const dropped: string[] = [];
  let transactions = 0;
  // An Arrow table never changes, so its relation lives as long as the table.
  const registry = new FinalizationRegistry<string>((name) => void dropped.push(name));

  const load = (value: object, label: string): string => {
    const name = temporaryName();
    // The template, or the variable, keeps the value until `ready` has loaded it.
    loads.set(name, { value, label });
    return name;
  };

  const tableRelation = (table: object): string => {
    const found = known.get(table);
    const isThere =
      found && (found.transaction === undefined || (session.inTransaction && found.transaction === transactions));
    if (isThere) return found.name;
    const name = load(table, "a table of the notebook");
    known.set(table, { name, transaction: session.inTransaction ? transactions : undefined });
    registry.register(table, name);
    return name;
  };

  /** Rows that may change in place serve one query. */
  const rowsRelation = (rows: object): string => {
    const name = load(rows, "rows of the notebook");
    passing.push(name);
    return name;
  };
  const passing: string[] = [];

  const relation = (value: unknown, asTable: boolean): string | undefined => {
    if (isArrowTable(value)) return quote(tableRelation(value));
    const isRows = isFrame(value) || (asTable && Array.isArray(value) && rowsOf(value) !== undefined);
    return isRows ? quote(rowsRelation(value)) : undefined;
  };
  const quote = (name: string): string => database.engine.dialect.quote(name);

  const ready = async (signal: AbortSignal): Promise<void> => {
    const all = [...loads];
    loads.clear();
    for (const [name, { value, label }] of all) {
      try {
        await loadTemporary(database, session, await openRows(value), { label, signal, name });
      } catch (error) {
        for (const [, other] of all) known.delete(other.value);
        throw error;
      }
    }
  };

  return {
    relation,
    ready,
    async provide(names: Names, name: string, signal: AbortSignal) {
      const variable = findVariable(names, name);
      const value = variable === undefined ? undefined : names.get(variable);
      const made = relation(value, true);
      if (made === undefined) return false;
      await ready(signal);
      return { relation: made };
    },
    async refresh() {
      if (!session.inTransaction) transactions++;
      const names = [...dropped.splice(0), ...passing.splice(0)];
      for (const name of names) await dropTemporary(database.engine, session, quote(name));
    },
  };
}
