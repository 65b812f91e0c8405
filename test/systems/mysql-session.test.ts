import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseTarget } from "../../magics/connections/target.ts";
import { mysql } from "../../magics/sql/mysql/engine.ts";
import { never, openSession, run } from "./mysql-session.ts";
import { withServer } from "./servers.ts";

const { dialect } = mysql;

async function connectError(url: string): Promise<unknown> {
  return mysql
    .open(parseTarget("test", url, "/tmp"))
    .connect(never)
    .then(
      (session) => session.close(),
      (error: unknown) => error,
    );
}

describe("a session", () => {
  const server = withServer("mysql");

  test("says what answers, and what a statement gives", async () => {
    const session = await openSession(server.url);
    expect(session.version).toMatch(/^MariaDB \d+\.\d+\.\d+$/);
    expect((await run(session, "create temporary table t(a int primary key, b varchar(9))")).returns).toBe("nothing");
    const inserted = await run(session, "insert into t values (?, ?), (?, ?)", [1, "x", 2, null]);
    expect([inserted.returns, inserted.changes]).toEqual(["changes", 2]);
    expect((await run(session, "select * from t order by a")).rows).toEqual([
      { a: 1, b: "x" },
      { a: 2, b: null },
    ]);
    expect((await run(session, "show columns from t")).rows.map(({ Field }) => Field)).toEqual(["a", "b"]);
    await session.ping(never);
  });

  test.each([
    [true, 1n],
    [7, 7n],
    [0.5, 0.5],
    [2n ** 64n - 1n, 2n ** 64n - 1n],
    ["'; drop table t; -- \\\0😀", "'; drop table t; -- \\\0😀"],
    [[1, 2n ** 60n, "x"], '[1,1152921504606846976,"x"]'],
    [{ a: [null] }, '{"a":[null]}'],
    [Uint8Array.of(0, 255), Uint8Array.of(0, 255)],
    [null, null],
  ])("binds %o", async (value, expected) => {
    const session = await openSession(server.url);
    expect((await run(session, "select ? as v", [value])).rows).toEqual([{ v: expected }]);
  });

  test("binds a moment, and a number beyond 64 bits", async () => {
    const session = await openSession(server.url);
    const { rows } = await run(session, "select cast(? as char) as m, cast(? as char) as n", [
      new Date("2024-02-29T10:00:00.5Z"),
      2n ** 70n,
    ]);
    expect(rows).toEqual([{ m: expect.stringMatching(/^2024-02-29 10:00:00\.50*$/) as string, n: String(2n ** 70n) }]);
    await expect(run(session, "select ?", [Number.NaN])).rejects.toMatchObject({ name: "NumberOutOfRange" });
    await expect(run(session, "select ?", [10n ** 66n])).rejects.toMatchObject({ name: "NumberOutOfRange" });
    await expect(run(session, "select ?, ?", [1])).rejects.toMatchObject({ name: "WrongNumberOfValues" });
  });

  test.each([
    ["select * fro t", "SyntaxError", 9, undefined],
    ["select 1,\n  2 frm t\n  where 1", "SyntaxError", 18, undefined],
    ["select 1 +", "SyntaxError", 10, undefined],
    ["select 't', `x` from t", "NoSuchColumn", 12, undefined],
    ["/* nope */ select * from nope", "NoSuchTable", 25, "nope"],
    ["select * from `information_schema`.nope", "UnknownTable", 35, undefined],
    ["select * from mysql.nope", "NoSuchTable", 14, "mysql.nope"],
    ["select nofun(1)", "NoSuchFunction", 7, undefined],
    ["insert into t values (1), (1)", "DuplicateEntry", undefined, undefined],
  ])("points at what is wrong in %j", async (sql, name, offset, missingTable) => {
    const session = await openSession(server.url);
    await run(session, "create temporary table t(a int primary key)");
    await expect(run(session, sql)).rejects.toMatchObject({ name, offset, missingTable, isDisconnect: false });
    expect((await run(session, "select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test.each(["nope", "no.pe", "it's", "no`pe", "Nicht da"])(
    "misses the table %j in whatever language",
    async (name) => {
      const admin = await openSession(server.url);
      await run(admin, "set global lc_messages = 'de_DE'");
      onTestFinished(async () => {
        await run(admin, "set global lc_messages = 'en_US'");
      });
      const session = await openSession(server.url);
      const sql = `select 1, '${name.replaceAll("'", "''")}' from ${dialect.quote(name)} where 1 = 0`;
      const missing = { name: "NoSuchTable", offset: sql.indexOf("from") + 5, missingTable: name };
      await expect(run(session, sql)).rejects.toMatchObject({
        ...missing,
        message: expect.stringMatching(/doesn't exist$/) as string,
      });
      await run(session, "set lc_messages = 'de_DE'");
      await expect(run(session, sql)).rejects.toMatchObject({
        ...missing,
        message: expect.stringMatching(/existiert nicht$/) as string,
      });
    },
  );

  test("knows whether a transaction is open", async () => {
    const session = await openSession(server.url);
    expect(session.inTransaction).toBe(false);
    for (const sql of dialect.begin!("serializable")) await run(session, sql);
    expect(session.inTransaction).toBe(true);
    await run(session, "select * from information_schema.engines");
    expect(session.inTransaction).toBe(true);
    await run(session, "rollback");
    expect(session.inTransaction).toBe(false);
  });

  test("an interrupt ends the query in the server and keeps the session and its transaction", async () => {
    const [session, other] = [await openSession(server.url), await openSession(server.url)];
    await run(session, "create temporary table kept as select 7 as a");
    await run(session, "start transaction");
    const abort = new AbortController();
    const sleeping = run(session, "select sleep(61)", [], abort.signal);
    const asleep = async (): Promise<number> =>
      (await run(other, "select id from information_schema.processlist where info = 'select sleep(61)'")).rows.length;
    await expect.poll(asleep).toBe(1);
    const reason = new Error("stop");
    const startMs = performance.now();
    abort.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect(await asleep()).toBe(0);
    expect([session.isOpen, session.inTransaction]).toEqual([true, true]);
    // The kill hits none of the statements after.
    for (let i = 0; i < 20; i++) expect((await run(session, "select a from kept")).rows).toEqual([{ a: 7 }]);
  });

  test("a large result waits for its reader, and ends in the server when it is left", async () => {
    const [session, other] = [await openSession(server.url), await openSession(server.url)];
    const sql = "select seq, repeat('x', 1000) as x from seq_1_to_10000000";
    const { batches } = await session.start({ sql, values: [] }, never);
    const { value: first } = await batches.next();
    expect(first!.length).toBe(2048);
    const before = process.memoryUsage().arrayBuffers;
    // The server blocks once nobody reads.
    const isWaiting = async (): Promise<boolean> =>
      (await run(other, "select state from information_schema.processlist where info = ?", [sql])).rows.some(
        ({ state }) => state === "Writing to net" || state === "Sending data",
      );
    await expect.poll(isWaiting).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6);
    await batches.return();
    expect((await run(other, "select id from information_schema.processlist where info = ?", [sql])).rows).toEqual([]);
    expect((await run(session, "select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("of a procedure with several results, the first is given", async () => {
    const session = await openSession(server.url);
    await run(session, "create or replace procedure two() begin select 1 as a; select 2 as b; end");
    const { rows, notices } = await run(session, "call two()");
    expect(rows).toEqual([{ a: 1 }]);
    expect(notices).toEqual(["1 more results of the procedure were left out"]);
    expect((await run(session, "select 3 as c")).rows).toEqual([{ c: 3 }]);
  });

  test("a statement that runs again reads the tables as they are by now", async () => {
    const [session, other] = [await openSession(server.url), await openSession(server.url)];
    const select = "select * from altered";
    await run(session, "create table altered(a enum('x','y'), b text)");
    await run(session, "insert into altered values ('x', 'free')");
    expect((await run(session, select)).rows).toEqual([{ a: "x", b: "free" }]);
    await run(session, "alter table altered modify b text first");
    expect((await run(session, select)).rows).toEqual([{ b: "free", a: "x" }]);
    await run(session, "alter table altered add c enum('p','q') default 'q'");
    const grown = await run(session, select);
    expect(grown.rows).toEqual([{ b: "free", a: "x", c: "q" }]);
    expect(grown.columns.map(({ type }) => type.kind)).toEqual(["utf8", "enum", "enum"]);
    // By another session, which this one is not told.
    await run(other, "alter table altered modify a text first, modify c enum('q','r','s') first");
    await run(other, "update altered set a = 'no value of the enum', b = 'y'");
    expect((await run(session, select)).rows).toEqual([{ c: "q", a: "no value of the enum", b: "y" }]);
    await run(other, "alter table altered modify b enum('y','z')");
    await run(session, select);
    expect((await run(session, select)).columns.map(({ type }) => type.kind)).toEqual(["enum", "utf8", "enum"]);
  });

  test("a statement that runs again finds its tables in the database that is in use by now", async () => {
    const session = await openSession(server.url);
    await run(session, "create or replace database beside");
    onTestFinished(async () => {
      await run(session, "drop database beside");
    });
    await run(session, "create table used as select 1 as here");
    await run(session, "create table beside.used as select 2 as there");
    expect((await run(session, "select * from used")).rows).toEqual([{ here: 1 }]);
    await run(session, "/* elsewhere */ use beside");
    expect((await run(session, "select * from used")).rows).toEqual([{ there: 2 }]);
  });

  test("a session that was killed says so", async () => {
    const [session, other] = [await openSession(server.url), await openSession(server.url)];
    const [{ id }] = (await run(session, "select connection_id() as id")).rows as [{ id: bigint }];
    await run(other, `kill ${id}`);
    await expect(run(session, "select 1")).rejects.toMatchObject({ name: "ConnectionLost", isDisconnect: true });
    expect(session.isOpen).toBe(false);
  });

  test("reads plans as trees, estimated and measured", async () => {
    const session = await openSession(server.url);
    await run(session, "create temporary table a(x int primary key, y int)");
    await run(session, "create temporary table b(x int, z int)");
    await run(session, "insert into a select seq, seq from seq_1_to_500");
    await run(session, "insert into b select seq, seq from seq_1_to_300");
    const sql = "select * from a join b on a.x = b.x where b.z > 5 order by a.y";
    const labels = (node: ReturnType<typeof dialect.readPlan>): string[] => [
      node.label,
      ...node.children.flatMap(labels),
    ];
    const estimated = dialect.readPlan((await run(session, dialect.explain(sql, false))).rows);
    expect(labels(estimated)).toEqual(
      expect.arrayContaining(["Query", "Table scan of b", "Unique lookup of a by index PRIMARY"]),
    );
    const measured = dialect.readPlan((await run(session, dialect.explain(sql, true))).rows);
    const found = (node: typeof measured): (typeof measured)[] => [node, ...node.children.flatMap(found)];
    expect(found(measured).find(({ label }) => label === "Table scan of b")).toMatchObject({ actualRows: 300 });
  });

  test("lists tables and columns, and changes rows that are there", async () => {
    const session = await openSession(server.url);
    await run(session, "create table `od``d`(a int primary key, `b c` enum('x','y'))");
    await run(session, "create table other(a int, `b c` enum('x','y'))");
    const tables = (await run(session, dialect.tables)).rows;
    expect(tables).toContainEqual(expect.objectContaining({ schema: "", name: "od`d", kind: "table" }));
    expect((await run(session, dialect.columns)).rows).toContainEqual({
      schema: "",
      name: "od`d",
      col: "b c",
      type: "enum('x','y')",
    });
    await run(session, "insert into `od``d` values (1, 'x')");
    await run(session, "insert into other values (1, 'y'), (2, 'x')");
    await run(session, dialect.upsert(dialect.quote("od`d"), "other", ["`a`", "`b c`"], ["`a`"]));
    expect((await run(session, "select * from `od``d` order by a")).rows).toEqual([
      { a: 1, "b c": "y" },
      { a: 2, "b c": "x" },
    ]);
    expect((await run(session, dialect.describe(dialect.quote("od`d")))).rows).toHaveLength(2);
  });

  test("what is wrong with a connection is told without its password", async () => {
    const at = `${server.host}:${server.port}`;
    const cases = [
      [`mysql://${server.user}:wrong-word@${at}/mysql`, "AccessDenied"],
      [`mysql://${server.user}:${server.password}@${at}/nowhere_to_be_found`, /^(?:NoSuchDatabase|AccessDenied)$/],
      [`mysql://${server.user}:${server.password}@127.0.0.1:1/x`, "ConnectionRefused"],
      [`mysql://${server.user}:${server.password}@nowhere.invalid/x`, "UnknownHost"],
      [`${server.url}?tls=require`, "TlsUnavailable"],
    ] as const;
    for (const [url, name] of cases) {
      const error = (await connectError(url)) as Error;
      expect(error.name).toMatch(name);
      expect(error).toHaveProperty("hint");
      expect(`${error.message} ${JSON.stringify(error)} ${String(error.stack)}`).not.toContain(server.password);
    }
    const session = await openSession(`${server.url}?tls=prefer`);
    expect((await run(session, "select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("a server that does not answer is given up", async () => {
    const silent = createServer();
    onTestFinished(() => void silent.close());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const error = await connectError(`mysql://a:b@127.0.0.1:${port}/x?connect_timeout=200ms`);
    expect(error).toMatchObject({
      name: "ConnectionTimeout",
      hint: expect.stringContaining("connect_timeout") as string,
    });
  });
});

describe("TLS", () => {
  const server = withServer("mysql", { tls: true });

  test("is checked against the authority that is named", async () => {
    const url = new URL(server.url);
    url.search = "";
    const session = await openSession(`${url.href}?tls=verify&tls_ca=${encodeURIComponent(server.ca!)}`);
    expect((await run(session, "show status like 'Ssl_cipher'")).rows[0]).not.toMatchObject({ Value: "" });
    expect(await connectError(`${url.href}?tls=verify`)).toMatchObject({ name: "TlsRefused" });
    const named = `${url.href}?tls_ca=${encodeURIComponent(server.ca!)}&tls_server_name=`;
    await openSession(`${named}localhost`);
    expect(await connectError(`${named}db.example`)).toMatchObject({ name: "TlsRefused" });
    const required = await openSession(`${url.href}?tls=require`);
    expect((await run(required, "show status like 'Ssl_cipher'")).rows[0]).not.toMatchObject({ Value: "" });
  });
});
