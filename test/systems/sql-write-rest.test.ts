import { type Table, tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";
import { findDatabase } from "../../magics/sql/databases.ts";
import { createHandle } from "../../magics/sql/handle.ts";
import { writeTable } from "../../magics/sql/write.ts";
import { withServer } from "./servers.ts";

const systems = [
  { name: "pg", server: withServer("postgres") },
  { name: "maria", server: withServer("mysql") },
];

beforeAll(async () => {
  for (const { name, server } of systems) await addConnection(name, server.url, "%connect");
});
afterAll(async () => {
  for (const { name } of systems) await removeConnection(name);
});

function rows(table: unknown): unknown[] {
  const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
  const all = (table as Table).toArray().map((row: { toJSON(): unknown }) => row.toJSON());
  return JSON.parse(JSON.stringify(all, plain)) as unknown[];
}

const cars = tableFromArrays({ id: Int32Array.of(1, 2, 3), name: ["a", null, "c"] });
const all = [
  { id: 1, name: "a" },
  { id: 2, name: null },
  { id: 3, name: "c" },
];

describe.each(systems)("what a write to $name leaves behind", ({ name }) => {
  const db = createHandle(name);
  const read = async (table: string): Promise<unknown[]> =>
    rows(await db.sql`select id, name from ${db.sql.id(table)} order by 1`);
  const tables = async (): Promise<string[]> => [...(await db.tables()).getChild("name")!].map(String);

  test("an upsert that fails leaves no temporary table in its session", async () => {
    await db.write(cars, "upserted", { key: "id" });
    const left = async (): Promise<unknown> => {
      if (name === "pg") return rows(await db.sql`select relname from pg_class where relname like 'typhoon\\_%'`);
      const counts = rows(await db.sql`show global status like 'Com_%_temporary_table'`) as { Value: string }[];
      const [created, dropped] = counts.map(({ Value }) => Number(Value));
      return created! - dropped!;
    };
    const before = await left();
    async function* broken(): AsyncGenerator<Table> {
      yield tableFromArrays({ id: Int32Array.of(10) });
      throw new RangeError("the source broke");
    }
    await expect(db.write(broken(), "upserted", { mode: "upsert", key: "id" })).rejects.toThrow("the source broke");
    expect(await left()).toEqual(before);
    await db.write([{ id: 1, name: "A" }], "upserted", { mode: "upsert", key: "id" });
    expect(await left()).toEqual(before);
    expect(await read("upserted")).toEqual([{ id: 1, name: "A" }, ...all.slice(1)]);
  });

  test("an interrupt of a replacement leaves the old table, or has the new one; nothing else in any case", async () => {
    const database = await findDatabase(name);
    await db.write(cars, "replaced");
    const begun = performance.now();
    await db.write(cars, "replaced", { mode: "replace" });
    const wholeMs = performance.now() - begun;
    let expected = all;
    for (let i = 0; i < 40; i++) {
      const next = [{ id: i, name: "next" }];
      const controller = new AbortController();
      const writing = writeTable(database, next, "replaced", { mode: "replace" }, controller.signal);
      const timer = setTimeout(() => controller.abort(new Error("stop")), (i / 40) * wholeMs);
      const done = await writing.then(
        () => true,
        () => false,
      );
      clearTimeout(timer);
      if (done) expected = next;
      expect(await read("replaced")).toEqual(expected);
      expect((await tables()).filter((own) => own.startsWith("typhoon"))).toEqual([]);
    }
  });

  test("a table that another one refers to is not replaced", async () => {
    await db.write(cars, "parents", { key: "id" });
    await db.sql`create table children(id int primary key, parent int, foreign key (parent) references parents(id))`;
    await db.sql`insert into children values (1, 2)`;
    const replacing = db.write([{ id: 2 }], "parents", { mode: "replace", key: "id" });
    await expect(replacing).rejects.toThrow(/depend|foreign key/);
    expect(await read("parents")).toEqual(all);
    await expect(db.sql`delete from parents where id = 2`).rejects.toThrow(/foreign key/);
    expect((await tables()).filter((own) => own.startsWith("typhoon"))).toEqual([]);
  });
});
