import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { parseTarget } from "../../../../magics/connections/target.ts";
import { duckdb } from "../../../../magics/sql/duckdb/server.ts";

const { signal } = new AbortController();

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-duckdb-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("connections are dropped, closed and opened amid their results", { timeout: 60_000 }, async () => {
  const program = new URL("./close-amid.ts", import.meta.url).pathname;
  const run = promisify(execFile)(process.execPath, ["--expose-gc", program, temporaryFolder(), "3"]);
  expect((await run).stdout).toBe("21 streams");
});

test("a result is refused once its session is closed, and told from one that has ended", async () => {
  const server = duckdb.open(parseTarget("test", "duckdb::memory:", "/"));
  const session = await server.connect(signal);
  const { batches } = await session.start({ sql: "from range(1000000)", values: [] }, signal);
  expect((await batches.next()).done).toBe(false);
  await session.close();
  await expect(batches.next()).rejects.toMatchObject({
    name: "ConnectionException",
    message: "the database was closed",
  });
  expect(session.progress?.()).toEqual({ rows: 0, total: undefined });
  await expect(session.ping(signal)).rejects.toThrow("the database was closed");
  await expect(session.start({ sql: "select 1", values: [] }, signal)).rejects.toThrow("the database was closed");
  await session.close();
  await server.close();
});
