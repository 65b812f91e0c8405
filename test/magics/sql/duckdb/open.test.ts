import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseTarget } from "../../../../magics/connections/target.ts";
import { duckdb } from "../../../../magics/sql/duckdb/server.ts";

const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "typhoon-duckdb-"));
writeFileSync(join(folder, "notes.txt"), "hello");
mkdirSync(join(folder, "inner"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["notes.txt", /"\S+notes.txt" exists, but it is not a valid DuckDB database/, "read by their names"],
  ["inner", /inner": Is a directory/, "path of a file in it"],
  ["nowhere/a.duckdb", /nowhere\/a.duckdb": No such file/, "Make the folder first"],
])("%s cannot be opened, and it is said why", async (path, message, hint) => {
  const server = duckdb.open(parseTarget("test", `duckdb:${path}`, folder));
  await expect(server.connect(signal)).rejects.toMatchObject({
    name: "IOException",
    message: expect.stringMatching(message) as string,
    hint: expect.stringContaining(hint) as string,
  });
  await server.close();
});
