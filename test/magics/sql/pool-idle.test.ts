import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { addConnection, openConnection, removeConnection } from "../../../magics/connections/registry.ts";
import type { SqlDatabase } from "../../../magics/sql/database.ts";

test("pool_idle of the URL says how long a session is kept that nobody uses", async () => {
  await addConnection("brief", "duckdb::memory:?pool_idle=20ms", "%connect");
  const database = (await openConnection("brief")) as SqlDatabase;
  const signal = new AbortController().signal;
  const session = await database.separate(signal, async (used) => used);
  expect(session.isOpen).toBe(true);
  while (session.isOpen) await turn();
  await removeConnection("brief");
});
