import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Table, tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";
import { attach } from "../../magics/sql/attach.ts";
import { findDatabase } from "../../magics/sql/databases.ts";
import { createHandle, sql } from "../../magics/sql/handle.ts";
import { shards } from "../../magics/sql/shard.ts";
import { writeTable } from "../../magics/sql/write.ts";
import { sqlMagic } from "../../magics/sql.ts";
import { cellCall, createNotebook, lineCall } from "../magics/context.ts";
import { withServer } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-systems-write-"));
const systems = [
  { name: "pg", server: withServer("postgres") },
  { name: "maria", server: withServer("mysql") },
];

beforeAll(async () => {
  for (const { name, server } of systems) await addConnection(name, server.url, "%connect");
});
afterAll(async () => {
  for (const { name } of systems) await removeConnection(name);
  await sql.close();
  rmSync(folder, { recursive: true });
});

function rows(table: unknown): unknown[] {
  const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
  const all = (table as Table).toArray().map((row: { toJSON(): unknown }) => row.toJSON());
  return JSON.parse(JSON.stringify(all, plain)) as unknown[];
}

const cars = tableFromArrays({ id: Int32Array.of(1, 2, 3), name: ["a", null, "it's 🦆\\"] });
const all = [
  { id: 1, name: "a" },
  { id: 2, name: null },
  { id: 3, name: "it's 🦆\\" },
];

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function* many(batches: number, after?: (batch: number) => unknown): AsyncGenerator<Table> {
  for (let i = 0; i < batches; i++) {
    yield tableFromArrays({ id: Int32Array.from({ length: 10_000 }, (_, j) => i * 10_000 + j + 100) });
    await after?.(i);
  }
}

describe.each(systems)("writing to $name", ({ name, server }) => {
  const db = createHandle(name);
  const read = async (table: string): Promise<unknown[]> =>
    rows(await db.sql`select id, name from ${db.sql.id(table)} order by 1`);
  const tables = async (): Promise<string[]> => [...(await db.tables()).getChild("name")!].map(String);

  test("create, append, upsert and replace", async () => {
    expect(await db.write(cars, "cars", { key: "id" })).toMatchObject({ rows: 3 });
    expect(await read("cars")).toEqual(all);
    await expect(db.write(cars, "cars")).rejects.toThrow(/cars is there already/);
    await db.write([{ id: 4 }], "cars", { mode: "append" });
    await db.write(
      [
        { name: "A", id: 1 },
        { name: "e", id: 5 },
      ],
      "cars",
      { mode: "upsert", key: "id" },
    );
    expect(await read("cars")).toEqual([
      { id: 1, name: "A" },
      ...all.slice(1),
      { id: 4, name: null },
      { id: 5, name: "e" },
    ]);
    await db.write(cars, "cars", { mode: "replace" });
    expect(await read("cars")).toEqual(all);
    await db.write([{ id: "k", n: 1 }], "keyed", { key: "id" });
    await expect(db.write([{ id: "k", n: 2 }], "keyed", { mode: "append" })).rejects.toThrow(/duplicate/i);
    expect(rows(await db.sql`select n from keyed`)).toEqual([{ n: 1 }]);
  });

  test("a failure in the midst leaves nothing, also of a table that is replaced", async () => {
    await db.write(cars, "whole", { key: "id" });
    async function* broken(): AsyncGenerator<Table> {
      yield tableFromArrays({ id: Int32Array.of(10), name: ["new"] });
      throw new RangeError("the source broke");
    }
    for (const mode of ["append", "replace", "upsert"] as const)
      await expect(db.write(broken(), "whole", { mode, key: "id" })).rejects.toThrow("the source broke");
    await expect(db.write(broken(), "half")).rejects.toThrow("the source broke");
    await expect(
      db.write(
        [
          { id: 20, name: "x" },
          { id: 1, name: "again" },
        ],
        "whole",
        { mode: "append" },
      ),
    ).rejects.toThrow(/duplicate/i);
    expect(await read("whole")).toEqual(all);
    expect((await tables()).filter((own) => /half|typhoon/.test(own))).toEqual([]);
  });

  test("an interrupt ends it within a second and leaves nothing", async () => {
    const controller = new AbortController();
    const reached = Promise.withResolvers<void>();
    const endless = many(Infinity, (i) => i === 3 && reached.resolve());
    const writing = writeTable(await findDatabase(name), endless, "endless", {}, controller.signal);
    await reached.promise;
    const begun = performance.now();
    controller.abort(new DOMException("Interrupted", "AbortError"));
    await expect(writing).rejects.toThrow("Interrupted");
    expect(performance.now() - begun).toBeLessThan(1000);
    expect((await tables()).filter((own) => /endless|typhoon/.test(own))).toEqual([]);
  });

  test("a connection that is lost, and a server that is killed, leave nothing half-written", async () => {
    await db.write(cars, "survives", { key: "id" });
    // Commits reach the disk a little later.
    await db.sql`${db.sql.raw(name === "pg" ? "checkpoint" : "flush tables")}`;
    const kill = async (i: number): Promise<void> => {
      if (i !== 3) return;
      // What serves a session of PostgreSQL looks for its postmaster only when it waits: no rows come until then.
      const serving = childrenOf(server.pid);
      process.kill(server.pid, "SIGKILL");
      while (serving.some(isAlive)) await new Promise((resolve) => void setImmediate(resolve));
    };
    const killed = /lost|closed|terminat|ECONN|EPIPE|socket/i;
    await expect(db.write(many(200, kill), "survives", { mode: "append" })).rejects.toThrow(killed);
    await server.restart();
    expect(await read("survives")).toEqual(all);
    await expect(db.write(many(200, kill), "survives", { mode: "replace" })).rejects.toThrow(killed);
    await server.restart();
    expect(await read("survives")).toEqual(all);
  });

  test("within a transaction, where the system can", async () => {
    await db.write(cars, "inside");
    const lost = db.transaction(async (tx) => {
      await tx.write([{ id: 4, name: "d" }], "inside", { mode: "append" });
      throw new Error("no");
    });
    await expect(lost).rejects.toThrow("no");
    await db
      .transaction((tx) => tx.write([{ id: 5, name: "e" }], "inside", { mode: "upsert", key: "id" }))
      .catch(() => {});
    await db.transaction((tx) => tx.write([{ id: 6, name: "f" }], "inside", { mode: "append" }));
    expect((await read("inside")).at(-1)).toEqual({ id: 6, name: "f" });
  });

  test("tables and schema have the same columns as elsewhere", async () => {
    await db.write([{ id: 1, name: "x" }], "described", { key: "id" });
    const { context } = createNotebook();
    const list = (await sqlMagic.run(lineCall(`${name} tables`), context)) as Table;
    expect(list.schema.fields.map((field) => field.name)).toEqual(["schema", "name", "kind", "rows"]);
    const schema = (await sqlMagic.run(lineCall(`${name} schema described`), context)) as Table;
    expect(schema.schema.fields.map((field) => field.name)).toEqual(["name", "type", "nullable", "default", "key"]);
    expect(rows(schema).map((row) => (row as { name: string; key: unknown }).name)).toEqual(["id", "name"]);
    expect(rows(schema).map((row) => Boolean((row as { key: unknown }).key))).toEqual([true, false]);
    await expect(sqlMagic.run(lineCall(`${name} schema nowhere`), context)).rejects.toThrow(/nowhere/);
  });
});

describe.each(systems)("across systems with $name", ({ name }) => {
  const db = createHandle(name);

  test("tables of the notebook in templates and by name, in a transaction too", async () => {
    await db.write(cars, "vehicles");
    const extra = tableFromArrays({ id: Int32Array.of(1, 3), note: ["x", "y"] });
    expect(rows(await db.sql`select v.id, e.note from vehicles v join ${extra} e on e.id = v.id order by 1`)).toEqual([
      { id: 1, note: "x" },
      { id: 3, note: "y" },
    ]);
    const { context } = createNotebook({ names: { extra, plain: [{ n: 7 }] } });
    const run = (text: string): Promise<unknown> => sqlMagic.run(cellCall(name, text), context);
    expect(
      rows(await run("select extra.note from vehicles join extra on extra.id = vehicles.id where vehicles.id = 3")),
    ).toEqual([{ note: "y" }]);
    await run(name === "pg" ? "begin" : "start transaction");
    await run("insert into vehicles select n, 'plain' from plain");
    expect(rows(await run("select count(*) as n from vehicles, extra"))).toEqual([{ n: 8 }]);
    await run("rollback");
    expect(rows(await run("select count(*) as n from vehicles, extra"))).toEqual([{ n: 6 }]);
    await expect(run("select *\nfrom nothing_there")).rejects.toThrow(/LINE 3/);
  });

  test("what made a transaction fail is told, and nothing is left in it of looking for tables", async () => {
    const { context } = createNotebook({ names: { extra: [{ n: 1 }, { n: 2 }] } });
    const run = (text: string): Promise<unknown> => sqlMagic.run(cellCall(name, text), context);
    await run(name === "pg" ? "begin" : "start transaction");
    expect(rows(await run("select count(*) as n from extra"))).toEqual([{ n: 2 }]);
    expect(rows(await run("select n from extra order by n"))).toEqual([{ n: 1 }, { n: 2 }]);
    expect(rows(await db.sql`select 1 as one`)).toEqual([{ one: 1 }]);
    await expect(run("rollback to savepoint typhoon_names")).rejects.toThrow(/savepoint/i);
    // From here on PostgreSQL takes no statement but the end of the transaction, and says so.
    for (const text of ["select count(*) as n from extra", "select 1 as n"]) {
      const told = String(await run(text).catch((error: unknown) => error));
      expect(/transaction is aborted[^]*rollback/i.test(told)).toBe(name === "pg");
    }
    await run("rollback");
    const failing = db.transaction(async (tx) => {
      await expect(tx.sql`select 1 from nothing_there`).rejects.toThrow(/nothing_there/);
      await tx.write([{ id: 1 }], "never_there", { mode: "append" });
    });
    await expect(failing).rejects.toThrow(name === "pg" ? /transaction is aborted/ : /no table never_there/);
    const missing = db.transaction(async (tx) => {
      const told = await tx.write([{ id: 1 }], "never_there", { mode: "append" }).catch((error: unknown) => error);
      expect(rows(await tx.sql`select 1 as one`)).toEqual([{ one: 1 }]);
      throw told;
    });
    await expect(missing).rejects.toThrow(/no table never_there/);
    expect(rows(await run("select count(*) as n from extra"))).toEqual([{ n: 2 }]);
  });

  test("files, and tables of other connections, to and from the notebook's DuckDB", async () => {
    const file = join(folder, `${name}.parquet`);
    await sql`copy (select i::int as id, 'n' || i as label from range(1000) t(i)) to ${sql.raw(`'${file}'`)}`;
    expect(rows(await db.sql`select count(*) as n, max(f.id) as m from ${db.sql.raw(`'${file}'`)} f`)).toEqual([
      { n: 1000, m: 999 },
    ]);
    await db.write(sql`from ${sql.raw(`'${file}'`)}`, "labels", { key: "id" });
    await attach(name);
    expect(
      rows(await sql`select count(*)::int n, sum(id)::int s from ${sql.raw(name)}.labels where label <> ${"n1"}`),
    ).toEqual([{ n: 999, s: 499_499 }]);
    const other = systems.find((system) => system.name !== name)!.name;
    const beside = createHandle(other);
    await beside.write(db.sql`select id, label from labels where id < 10`, `from_${name}`);
    expect(
      rows(
        await beside.sql`select count(*) as n from ${beside.sql.raw(name)}.labels l join ${beside.sql.id(`from_${name}`)} f on f.id = l.id`,
      ),
    ).toEqual([{ n: 10 }]);
    await expect(sql`delete from ${sql.raw(name)}.labels`).rejects.toThrow(/can only be read here/);
  });

  test("--into, --explain, --analyze, --bench, pages and shards", async () => {
    const { context } = createNotebook();
    const run = (line: string): Promise<unknown> => sqlMagic.run(lineCall(line), context);
    for (const extension of ["csv", "parquet", "arrow"])
      expect(
        await run(
          `${name} --into ${join(folder, `${name}-out.${extension}`)} select id, label from labels order by id`,
        ),
      ).toMatchObject({ rows: 1000 });
    expect(readFileSync(join(folder, `${name}-out.csv`), "utf8")).toMatch(/^id,label\n0,n0\n1,n1\n/);
    const plan = await db.explain(db.sql`select * from labels where label = ${"n5"}`);
    expect(plan.root.label).not.toBe("");
    const measured = (await run(`${name} --analyze delete from labels where id = 5`)) as typeof plan;
    expect(measured.isMeasured).toBe(true);
    expect(rows(await db.sql`select count(*) as n from labels`)).toEqual([{ n: 1000 }]);
    expect(rows(await run(`${name} --bench 3 select * from labels`))).toMatchObject([
      { runs: 3, rows: 1000, plan: "same" },
    ]);
    const pages = await Array.fromAsync(db.pages(db.sql`select id, label from labels`, { key: "id", size: 300 }));
    expect(pages.map(({ numRows }) => numRows)).toEqual([300, 300, 300, 100]);
    await db.write(
      [
        { at: new Date(1e12), n: 1 },
        { at: new Date(1e12 + 1), n: 2 },
        { at: new Date(1e12 + 2), n: 3 },
      ],
      "moments",
    );
    const moments = await Array.fromAsync(
      db.pages(db.sql`select n, at as moment from moments`, { key: "moment", size: 2, descending: true }),
    );
    expect(moments.flatMap((page) => rows(page.select(["n"])))).toEqual([{ n: 3 }, { n: 2 }, { n: 1 }]);
    const both = await shards([db, db]).all((one) => one.sql`select count(*) as n from labels`);
    expect(rows(both)).toEqual([{ n: 1000 }, { n: 1000 }]);
  });
});
