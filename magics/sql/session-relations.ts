import type { SqlDatabase } from "./database.ts";
import type { SqlSession } from "./engine.ts";
import type { Relations } from "./relations.ts";

/** Returns the notebook's tables as relations of a session: shared by all sessions, or temporary tables of this one. */
export function relationsFor(database: SqlDatabase, session: SqlSession): Relations {
  const known = database.relationsOf(session);
  if (known) return known;
  const made = createTemporaryRelations();
  database.setRelations(session, made);
  return made;
}

function createTemporaryRelations(): Relations {
  return {
    relation: () => undefined,
    ready: async () => {},
    provide: async () => false,
    refresh: async () => {},
  };
}
