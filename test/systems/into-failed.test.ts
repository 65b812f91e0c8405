import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";
import { createHandle } from "../../magics/sql/handle.ts";
import { withServer } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-into-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ["postgres", "generate_series(1, 1000000) g", "g"],
  ["mysql", "seq_1_to_1000000", "seq"],
])("%s", (recipe, numbers, column) => {
  const server = withServer(recipe);
  beforeAll(() => addConnection("db", server.url, "%connect"));
  afterAll(() => removeConnection("db"));

  test("a file that cannot be begun leaves the session usable, and nothing behind", async () => {
    const db = createHandle("db");
    const twice = db.sql`select ${db.sql.raw(column)} as a, ${db.sql.raw(column)} as a, repeat('x', 50) s from ${db.sql.raw(numbers)}`;
    await expect(db.into(twice, join(folder, "twice.parquet"))).rejects.toThrow(
      /already exists|two columns|twice|name/,
    );
    expect((await db.sql`select 1 as one`).getChild("one")!.get(0)).toBeTruthy();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a write whose table cannot be made leaves the session of its source usable", async () => {
    const db = createHandle("db");
    const rows = db.sql`select ${db.sql.raw(column)} as n from ${db.sql.raw(numbers)}`;
    await expect(db.write(rows, "t", { schema: "nowhere" })).rejects.toThrow(/nowhere/);
    const again = db.sql`select ${db.sql.raw(column)} as n from ${db.sql.raw(numbers)}`;
    expect(await db.write(again, "somewhere")).toMatchObject({ rows: 1_000_000 });
  });
});
