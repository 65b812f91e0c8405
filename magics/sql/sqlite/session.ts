import type { Batch } from "../../columnar/columnar.ts";
import type { BoundStatement, SqlResult, SqlSession } from "../engine.ts";
import { toParameter } from "./bind.ts";
import { SqliteProcess } from "./process.ts";
import { type Opening, ownBatch } from "./protocol.ts";

/** Opens a file in a process of its own. */
export async function openSession(opening: Opening, signal: AbortSignal): Promise<SqlSession> {
  const process = new SqliteProcess();
  try {
    const { version } = await process.call("open", opening, signal);
    return createSession(process, version);
  } catch (error) {
    await process.close();
    throw error;
  }
}

function createSession(process: SqliteProcess, version: string): SqlSession {
  let rowsRead = 0;

  async function* fetch(signal: AbortSignal): AsyncGenerator<Batch, void> {
    let isOpen = true;
    try {
      for (;;) {
        const batch = await process.call("fetch", {}, signal);
        if (batch === undefined) break;
        rowsRead += batch.length;
        yield ownBatch(batch);
      }
      isOpen = false;
    } finally {
      if (isOpen && process.isOpen) await process.call("finish", {}).catch(() => {});
    }
  }

  return {
    version: `SQLite ${version}`,
    get isOpen() {
      return process.isOpen;
    },
    get lostBecause() {
      return process.lostBecause;
    },
    get inTransaction() {
      return process.inTransaction;
    },
    async start({ sql, values }: BoundStatement, signal): Promise<SqlResult> {
      rowsRead = 0;
      const { columns, returns } = await process.call("start", { sql, values: values.map(toParameter) }, signal);
      return { columns, returns, changes: () => process.changes, batches: fetch(signal) };
    },
    async insert(table, columns, batches, signal) {
      let rows = 0;
      for await (const batch of batches) {
        await process.call("insert", { table, columns, batch }, signal);
        rows += batch.length;
      }
      return rows;
    },
    async ping(signal) {
      await process.call("start", { sql: "select 1", values: [] }, signal);
      await process.call("finish", {}, signal);
    },
    progress: () => ({ rows: rowsRead, total: undefined }),
    close: () => process.close(),
  };
}
