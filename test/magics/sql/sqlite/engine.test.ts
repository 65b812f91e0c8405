import { mkdtempSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { fork } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sqlite } from "../../../../magics/sql/sqlite/engine.ts";
import { never, openServer, openSession, run } from "./database.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("says what answers, and what a statement gives", async () => {
  const session = await openSession();
  expect(session.version).toMatch(/^SQLite 3\.\d+/);
  expect((await run(session, "create table t(a integer, b text)")).returns).toBe("nothing");
  const inserted = await run(session, "insert into t values (?, ?), (?, ?)", [1, "x", 2, null]);
  expect([inserted.returns, inserted.changes]).toEqual(["changes", 2]);
  const returned = await run(session, "update t set b = 'y' returning a");
  expect([returned.returns, returned.changes, returned.rows.length]).toEqual(["rows", 2, 2]);
  expect((await run(session, "select * from t order by a")).rows).toEqual([
    { a: 1n, b: "y" },
    { a: 2n, b: "y" },
  ]);
  await session.ping(never);
});

test("knows whether a transaction is open, and rolls it back", async () => {
  const session = await openSession();
  await run(session, "create table t(a)");
  await run(session, "begin");
  expect(session.inTransaction).toBe(true);
  await run(session, "insert into t values (1)");
  await run(session, "rollback");
  expect(session.inTransaction).toBe(false);
  expect((await run(session, "select * from t")).rows).toEqual([]);
});

test("sessions of one database in memory see the same tables, those of another do not", async () => {
  const server = openServer("sqlite::memory:");
  const [first, second] = [await openSession(server), await openSession(server)];
  await run(first, "create table t as select 42 as a");
  expect((await run(second, "select a from t")).rows).toEqual([{ a: 42n }]);
  await expect(run(await openSession(), "select a from t")).rejects.toMatchObject({ missingTable: "t" });
});

test.each([
  ["select * fro t", "SyntaxError", 9],
  ["select 'fro', fro from fro fro, x from t", "SyntaxError", 34],
  ["select 1 +", "SyntaxError", 10],
  ["select 'abc", "SyntaxError", 7],
  ['select "a", nope from t', "NoSuchColumn", 12],
  ["select x.a from t", "NoSuchColumn", 7],
  ["/* t2 */ select * from main.t2", "NoSuchTable", 23],
  ["select nofun(1)", "NoSuchFunction", 7],
  ["select a from t, t as u", "AmbiguousColumn", 7],
  ["create table t(a)", "AlreadyExists", 13],
  ["insert into t values (1, 2, 3)", "WrongNumberOfValues", 12],
  ["insert into t values (1)", "UniqueViolation", undefined],
  ["", "SyntaxError", undefined],
])("points at what is wrong in %j", async (sql, name, offset) => {
  const session = await openSession();
  await run(session, "create table t(a unique)");
  await run(session, "insert into t values (1)");
  await expect(run(session, sql)).rejects.toMatchObject({ name, offset, isDisconnect: false });
  expect((await run(session, "select a from t")).rows).toEqual([{ a: 1n }]);
});

test("a number that SQLite cannot hold is refused before it is sent", async () => {
  const session = await openSession();
  await expect(run(session, "select ?", [2n ** 63n])).rejects.toMatchObject({ name: "NumberOutOfRange" });
});

test("stops a query between rows and keeps the session", async () => {
  const session = await openSession();
  await run(session, "create temporary table kept as select 1 as a");
  const abort = new AbortController();
  const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";
  const { batches } = await session.start({ sql: endless, values: [] }, abort.signal);
  await batches.next();
  const reason = new Error("stop");
  const next = (async () => {
    for await (const _ of batches);
  })();
  abort.abort(reason);
  await expect(next).rejects.toBe(reason);
  expect((await run(session, "select a from kept")).rows).toEqual([{ a: 1n }]);
});

test("stops a query within one long step, and what was committed is kept", async () => {
  const server = openServer("sqlite::memory:?busy_timeout=1ms");
  const [session, other] = [await openSession(server), await openSession(server)];
  await run(session, "create table n as select 3000 as i");
  const abort = new AbortController();
  const endless =
    "insert into n with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) from r";
  const counting = run(session, endless, [], abort.signal);
  const reason = new Error("stop");
  // A lock tells that it is under way.
  const isLocked = (): Promise<boolean> =>
    run(other, "begin immediate; ")
      .then(
        () => run(other, "rollback"),
        () => true,
      )
      .then((outcome) => outcome === true);
  await expect.poll(isLocked).toBe(true);
  const startMs = performance.now();
  abort.abort(reason);
  await expect(counting).rejects.toBe(reason);
  expect(performance.now() - startMs).toBeLessThan(1000);
  expect([session.isOpen, session.lostBecause]).toEqual([false, "the query was stopped with its process"]);
  await expect(run(session, "select 1")).rejects.toMatchObject({ name: "ConnectionLost", isDisconnect: true });
  expect((await run(other, "select * from n")).rows).toEqual([{ i: 3000n }]);
});

test.each([
  ["one long step", "with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) from r"],
  ["many rows", "with recursive r(i) as (select 1 union all select i + 1 from r) select i from r"],
])("is closed at once during a query of %s, which says so", async (_, sql) => {
  const server = openServer("sqlite:closed.db", temporaryFolder());
  const session = await openSession(server);
  await run(session, "create table kept as select 1 as a");
  const [running, waiting] = [run(session, sql), run(session, "delete from kept")];
  const closed = { name: "ConnectionClosed", isDisconnect: true };
  const ends = Promise.allSettled([running, waiting]);
  const startMs = performance.now();
  await session.close();
  expect(performance.now() - startMs).toBeLessThan(2000);
  expect([session.isOpen, session.lostBecause]).toEqual([false, undefined]);
  expect(await ends).toMatchObject([{ reason: closed }, { reason: closed }]);
  await session.close();
  await expect(run(session, "select 1")).rejects.toMatchObject(closed);
  expect((await run(await openSession(server), "select a from kept")).rows).toEqual([{ a: 1n }]);
});

test("a result left early is closed", async () => {
  const session = await openSession();
  await run(
    session,
    "create table t as with recursive n(i) as (select 1 union all select i + 1 from n limit 50000) select i from n",
  );
  const { batches } = await session.start({ sql: "select i from t", values: [] }, never);
  await batches.next();
  await batches.return();
  await run(session, "drop table t");
  expect((await run(session, "select 1 as one")).rows).toEqual([{ one: 1n }]);
});

test.each([
  ["sqlite:missing/x.db", "NoSuchFolder", /there is no folder/],
  ["sqlite:x.db?mode=ro", "NoSuchFile", /there is no file/],
  ["sqlite:text.txt", "NotADatabase", /not a database/],
  ["sqlite:.", "CannotOpen", /is a folder/],
])("says why %s cannot be opened", async (url, name, message) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "text.txt"), "this is a text and not a database. ".repeat(100));
  const failed = openServer(url, folder).connect(never);
  await expect(failed).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
  await expect(failed).rejects.toHaveProperty("hint");
});

test.each(["sqlite:x.db?mod=ro", "sqlite:x.db?mode=r", "sqlite:x.db?busy_timeout=soon"])(
  "refuses the URL %s",
  (url) => {
    expect(() => openServer(url)).toThrow(TypeError);
  },
);

test("a file is found from the notebook's folder, and read-only means it", async () => {
  const folder = temporaryFolder();
  const writer = await openSession(openServer("sqlite:data.db", folder));
  await run(writer, "create table t as select 7 as a");
  const reader = await openSession(openServer("sqlite:data.db?mode=ro", folder));
  expect((await run(reader, "select a from t")).rows).toEqual([{ a: 7n }]);
  await expect(run(reader, "delete from t")).rejects.toMatchObject({ name: "ReadOnly" });
  expect(existsSync(join(folder, "data.db-wal"))).toBe(false);
});

test("a file that another session writes is waited for, then the error says so", async () => {
  const server = openServer("sqlite:locked.db?busy_timeout=100ms", temporaryFolder());
  const [first, second] = [await openSession(server), await openSession(server)];
  await run(first, "create table t(a)");
  await run(first, "begin immediate");
  await expect(run(second, "insert into t values (1)")).rejects.toMatchObject({
    name: "DatabaseBusy",
    hint: expect.stringContaining("busy_timeout") as string,
  });
  await run(first, "commit");
  expect((await run(second, "insert into t values (1)")).changes).toBe(1);
});

test("reads the plan of a query as a tree", async () => {
  const session = await openSession();
  await run(session, "create table a(x integer primary key, y); ");
  await run(session, "create table b(x, z)");
  const { rows } = await run(session, sqlite.dialect.explain("select * from a join b on a.x = b.x order by z", false));
  const plan = sqlite.dialect.readPlan(rows);
  expect(plan.children.map(({ label }) => label)).toEqual([
    "SCAN b",
    "SEARCH a USING INTEGER PRIMARY KEY",
    "USE TEMP B-TREE FOR ORDER BY",
  ]);
  expect(plan.children[1]!.details).toEqual(["rowid=?"]);
});

test("lists tables, columns and functions", async () => {
  const session = await openSession();
  await run(session, 'create table "od""d"(a integer, "b c" varchar(10))');
  await run(session, "create view v as select 1 as one");
  const { tables, columns, functions, describe, quote } = sqlite.dialect;
  expect((await run(session, tables)).rows).toEqual([
    { schema: "", name: 'od"d', kind: "table", rows: null },
    { schema: "", name: "v", kind: "view", rows: null },
  ]);
  expect((await run(session, columns)).rows.slice(0, 2)).toEqual([
    { schema: "", name: 'od"d', col: "a", type: "INTEGER" },
    { schema: "", name: 'od"d', col: "b c", type: "varchar(10)" },
  ]);
  expect((await run(session, functions!)).rows).toContainEqual({ name: "abs" });
  expect((await run(session, describe(quote('od"d')))).rows.map(({ name }) => name)).toEqual(["a", "b c"]);
});

test("the file of a database in memory is gone when the program that asks is killed", async () => {
  const child = fork(join(import.meta.dirname, "left-open.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [folder] = (await once(child, "message")) as [string];
  expect(existsSync(folder)).toBe(true);
  child.kill("SIGKILL");
  await expect.poll(() => existsSync(folder)).toBe(false);
});

test("changes rows that are there and adds the others", async () => {
  const session = await openSession();
  await run(session, "create table t(a integer primary key, b text)");
  await run(session, "insert into t values (1, 'old'), (2, 'kept')");
  await run(session, `${sqlite.dialect.createTemporary} s(a, b)`);
  await run(session, "insert into s values (1, 'new'), (3, 'added')");
  const changed = await run(session, sqlite.dialect.upsert('"t"', '"s"', ['"a"', '"b"'], ['"a"']));
  expect(changed.changes).toBe(2);
  expect((await run(session, "select b from t order by a")).rows).toEqual([
    { b: "new" },
    { b: "kept" },
    { b: "added" },
  ]);
});
