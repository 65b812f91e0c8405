import { tableFromArrays } from "apache-arrow";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";
import { currentOutput, setOutput } from "../../display/output.ts";
import { findDatabase } from "../../magics/sql/databases.ts";
import { createHandle } from "../../magics/sql/handle.ts";
import { sqlMagic } from "../../magics/sql.ts";
import { writeTable } from "../../magics/sql/write.ts";
import { createNotebook, lineCall } from "../magics/context.ts";
import { withServer } from "./servers.ts";

const servers = { pg: withServer("postgres"), maria: withServer("mysql") };
const pg = createHandle("pg");
const maria = createHandle("maria");

beforeAll(async () => {
  for (const [name, { url }] of Object.entries(servers)) await addConnection(name, url, "%connect");
});
afterAll(async () => {
  for (const name of Object.keys(servers)) await removeConnection(name);
});

test("moments and numbers that MariaDB has no place for are named by their column", async () => {
  const moments = await pg.sql`select 'infinity'::timestamptz as ends, 1 as n`;
  await expect(maria.write(moments, "moments")).rejects.toThrow(/column "ends" has infinity.*nulls in the query/s);
  const days = await pg.sql`select '-infinity'::date as begins`;
  await expect(maria.write(days, "days")).rejects.toThrow(/column "begins" has -infinity.*years 0 to 9999/s);
  const numbers = tableFromArrays({ n: Float64Array.of(1, Number.NaN) });
  await expect(maria.write(numbers, "numbers")).rejects.toThrow(/column "n".*NaN/s);
  expect(await maria.tables()).toMatchObject({ numRows: 0 });
});

test("a check that fails is named as MariaDB means it", async () => {
  await maria.sql`create table checked (n int check (n > 0))`;
  await expect(maria.sql`insert into checked values (-1)`).rejects.toMatchObject({ name: "CheckConstraintViolated" });
});

test.each(["nosuch", "nowhere.nosuch"])("the columns of %s cannot be listed, since it is not there", async (table) => {
  const { context } = createNotebook();
  for (const name of Object.keys(servers))
    await expect(sqlMagic.run(lineCall(`${name} schema ${table}`), context)).rejects.toThrow(
      `there is no table ${table}. \`%sql ${name} tables\` lists them`,
    );
});

test("a table beside the written one that cannot be dropped at once is told", async () => {
  const controller = new AbortController();
  const told = Promise.withResolvers<string>();
  const output = { ...currentOutput(), stream: (_: string, text: string): void => told.resolve(text) };
  const reached = Promise.withResolvers<void>();
  async function* rows(): AsyncGenerator {
    for (let i = 0; ; i++) {
      if (i === 3) reached.resolve();
      yield tableFromArrays({ id: Int32Array.from({ length: 10_000 }, (_, k) => k) });
    }
  }
  const database = await findDatabase("maria");
  setOutput(() => output);
  onTestFinished(() => setOutput(() => undefined));
  const writing = writeTable(database, rows(), "stopped", {}, controller.signal);
  const outcome = writing.catch((error: unknown) => error);
  await reached.promise;
  const names = [...(await maria.tables()).getChild("name")!].map(String);
  const staging = names.find((name) => name.startsWith("typhoon_"))!;
  const text = await maria.transaction(async ({ sql }) => {
    // Whoever reads a table keeps it from being dropped.
    await sql`select * from ${sql.id(staging)} limit 1`;
    controller.abort(new DOMException("Interrupted", "AbortError"));
    return told.promise;
  });
  expect(text).toContain(staging);
  expect(await outcome).toMatchObject({ message: "Interrupted" });
  expect([...(await maria.tables()).getChild("name")!]).not.toContain(staging);
});

test("names that PostgreSQL would cut are refused", async () => {
  const long = `a${"ä".repeat(31)}b`;
  await expect(pg.write([{ [long]: 1 }], "names")).rejects.toThrow(`64 bytes, and PostgreSQL keeps 63`);
  await expect(pg.write([{ a: 1 }], long)).rejects.toThrow(/name "a.*b" has 64 bytes/);
  expect(await pg.write([{ [long.slice(1)]: 1 }], long.slice(1))).toMatchObject({ rows: 1 });
});

test("a measured plan of MariaDB has the nodes that are steps only", async () => {
  await maria.write(tableFromArrays({ n: Int32Array.from({ length: 2000 }, (_, i) => i) }), "measured");
  const { context } = createNotebook();
  const plan = await sqlMagic.run(lineCall("maria --analyze select count(*) from measured where n > 5"), context);
  const text = JSON.stringify(plan);
  expect(text).toContain("measured");
  expect(text).not.toContain("engine stats");
});
