import { describe, expect, test } from "vitest";
import type { SqlSession } from "../../magics/sql/engine.ts";
import { drain, never, reasonOf, rowsOf, withDatabase } from "./postgres-session.ts";

const { run, session, another, server } = withDatabase();

describe("values", () => {
  test("keep their type", async () => {
    const values = [1, 2 ** 40, 0.5, "x", true, 5n, new Date("2024-01-02T03:04:05.678Z"), Uint8Array.of(0, 255)];
    const { columns, rows } = await run("select $1 a, $2 b, $3 c, $4 d, $5 e, $6 f, $7 g, $8 h", values);
    expect(columns.map(({ type }) => type.kind)).toEqual([
      "int",
      "int",
      "float",
      "utf8",
      "bool",
      "int",
      "timestamp",
      "binary",
    ]);
    expect(rows).toEqual([["1", String(2 ** 40), "0.5", "x", "t", "5", "2024-01-02 03:04:05.678000Z", "\\x00ff"]]);
  });

  test("are exact where the server says what they are for", async () => {
    await run("create temporary table kept (n numeric, f float8, d date, j jsonb, u uuid, b bigint, x json)");
    const uuid = "0123abcd-ef01-2345-6789-abcdefabcdef";
    await run("insert into kept values ($1, $2, $3, $4, $5, $6, $7)", [
      0.30000000000000004,
      -0,
      new Date("2024-01-02T23:59:59Z"),
      { a: [1n << 60n, null, "é"] },
      uuid,
      (1n << 63n) - 1n,
      [1, "two", { three: 3 }],
    ]);
    expect((await run("select * from kept")).rows).toEqual([
      [
        "0.30000000000000004",
        "-0",
        "2024-01-02",
        '{"a": [1152921504606846976, null, "é"]}',
        uuid,
        "9223372036854775807",
        '[1,"two",{"three":3}]',
      ],
    ]);
    expect(
      (
        await run("select count(*) from kept where n > $1 and b > $2 and d = any($3)", [
          0.25,
          0.5,
          [new Date("2024-01-02")],
        ])
      ).rows,
    ).toEqual([["1"]]);
  });

  test("numbers that no integer is stand beside integers", async () => {
    expect((await run("select $1 + 1 as s, $2 + $3 as t, 3 > $4 as u", [0.5, 1, 2, 2.5])).rows).toEqual([
      ["1.5", "3", "t"],
    ]);
    expect((await run("select $1::float8 a, $2 b, $3 c", [NaN, Infinity, 1e300])).rows).toEqual([
      ["NaN", "Infinity", "1e+300"],
    ]);
    expect((await run("select $1 as a", [12345678901234567890123n])).rows).toEqual([["12345678901234567890123"]]);
  });

  test("arrays are arrays, of what is in them", async () => {
    const { rows, columns } = await run("select $1 a, $2 b, $3 c, $4::uuid[] d, $5 e", [
      [1, null, 2],
      ["a", 'b"\\,', "null"],
      [0.5, 1],
      ["0123abcd-ef01-2345-6789-abcdefabcdef"],
      [
        [1n, 2n],
        [3n, 4n],
      ],
    ]);
    expect(columns.every(({ type }) => type.kind === "list")).toBe(true);
    expect(rows).toEqual([
      [
        "{1,NULL,2}",
        '{"a","b\\"\\\\,","null"}',
        "{0.5,1}",
        '{"0123abcd-ef01-2345-6789-abcdefabcdef"}',
        "{{1,2},{3,4}}",
      ],
    ]);
    expect((await run("select count(*) from generate_series(1, 9) i where i = any($1)", [[1, 5, 100]])).rows).toEqual([
      ["2"],
    ]);
    expect((await run("select cardinality($1::text[])", [[]])).rows).toEqual([["0"]]);
  });

  test("dates of all years are exact", async () => {
    const dates = ["-000043-03-15T00:00:00Z", "0001-01-01T00:00:00Z", "+012345-06-07T08:09:10.011Z"].map(
      (text) => new Date(text),
    );
    const { rows } = await run("select $1 a, $2 b, $3 c", dates);
    expect(rows).toEqual([
      ["0044-03-15 00:00:00.000000Z BC", "0001-01-01 00:00:00.000000Z", "12345-06-07 08:09:10.011000Z"],
    ]);
    expect((await run("select $1::timestamptz[]::text", [dates])).rows[0]![0]).toMatch(/0044-03-15 00:00:00\+00 BC/);
  });

  test("that PostgreSQL cannot keep are refused before they are sent", async () => {
    await expect(run("select $1", ["a\0b"])).rejects.toMatchObject({
      code: "22021",
      message: expect.stringContaining("NUL"),
    });
    await expect(run("select $1", ["\ud800"])).rejects.toThrow(/surrogate/);
    await expect(run("select $1::jsonb", [{ a: NaN }])).rejects.toThrow(/JSON has no NaN/);
    await expect(run("select 1 \0")).rejects.toThrow(/NUL/);
    expect((await run("select 1")).rows).toEqual([["1"]]);
  });

  test("whose type cannot be found are told how to name it", async () => {
    await expect(run("select $1 + $2", ["1", "2"])).rejects.toMatchObject({
      hint: expect.stringMatching(/::int|type casts/),
    });
    await expect(run("select jsonb_build_object('a', $1)", ["x"])).rejects.toMatchObject({
      hint: expect.stringContaining("${x}::"),
    });
  });
});

describe("a result", () => {
  test("says what a statement gave", async () => {
    expect(await run("create temporary table said (n int)")).toMatchObject({ returns: "nothing", changes: undefined });
    expect(await run("insert into said select generate_series(1, 5)")).toMatchObject({
      returns: "changes",
      changes: 5,
    });
    expect(await run("update said set n = n + 1 where n > 3 returning n")).toMatchObject({
      returns: "rows",
      changes: 2,
      rows: [["5"], ["6"]],
    });
    expect(await run("select * from said where n > 100")).toMatchObject({
      returns: "rows",
      changes: undefined,
      rows: [],
    });
    expect(await run("delete from said")).toMatchObject({ changes: 5 });
    expect(await run("")).toMatchObject({ returns: "nothing" });
  });

  test("brings notices and warnings along", async () => {
    const { notices } = await run("do $$ begin raise notice 'one'; raise warning 'two' using hint = 'look'; end $$");
    expect(notices).toEqual(["NOTICE: one", "WARNING: two. Hint: look"]);
    expect((await run("select 1")).notices).toEqual([]);
  });

  test("comes in batches, the first one small", async () => {
    const { batches } = await run("select i, i::text from generate_series(1, 200000) i");
    expect(batches.map(({ length }) => length)).toEqual([2048, 65_536, 65_536, 65_536, 1344]);
  });

  test("of values larger than what a socket gives at once is whole", async () => {
    const { rows } = await run("select repeat('x', i * 100000) from generate_series(0, 20) i");
    expect(rows.map(([text]) => text!.length)).toEqual(Array.from({ length: 21 }, (_, i) => i * 100_000));
  });

  test("is not read ahead without an end", async () => {
    const result = await session().start(
      { sql: "select repeat('x', 1000) from generate_series(1, 1000000) i", values: [] },
      never,
    );
    await result.batches.next();
    const before = process.memoryUsage().arrayBuffers;
    const other = await another();
    for (let i = 0; i < 20; i++) await run("select pg_sleep(0.01)", [], other);
    // A batch ahead has at most 64 MB; all rows are 1 GB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6);
    await result.batches.return();
  });

  test("that is left ends in the server, and the session goes on; a transaction too", async () => {
    const other = await another();
    const sql = "select generate_series(1, 100000000) as i";
    for (const begin of ["select 1", "begin"]) {
      await run(begin);
      const { columns, batches } = await session().start({ sql, values: [] }, never);
      const { value } = await batches.next();
      expect(rowsOf(columns, value!)[0]).toEqual(["1"]);
      await batches.return();
      expect((await activity(other, "%100000000%")).length).toBe(0);
      expect((await run("select 7")).rows).toEqual([["7"]]);
    }
    expect(session().inTransaction).toBe(true);
    await run("commit");
  });

  test("of a change that is left has still been made", async () => {
    await run("create temporary table left_early (n int)");
    const { batches } = await session().start(
      { sql: "insert into left_early select generate_series(1, 100000) returning n", values: [] },
      never,
    );
    await batches.next();
    await batches.return();
    expect((await run("select count(*) from left_early")).rows).toEqual([["100000"]]);
  });

  test("sees a table that was altered since", async () => {
    const other = await another();
    await run("create table altered (a int)");
    await run("insert into altered values (1)");
    expect((await run("select * from altered")).rows).toEqual([["1"]]);
    await run("alter table altered alter a type text, add b numeric", [], other);
    expect((await run("select * from altered")).rows).toEqual([["1", null]]);
    await run("alter table altered drop b", [], other);
    expect((await run("select * from altered")).rows).toEqual([["1"]]);
  });
});

describe("a failure", () => {
  test("has name, code, place, hint and detail", async () => {
    await expect(run("select '😀', foo from (select 1 as fooo) t")).rejects.toMatchObject({
      name: "UndefinedColumn",
      code: "42703",
      offset: 13,
      hint: expect.stringContaining("fooo"),
    });
    await expect(run("select * from sales.nope")).rejects.toMatchObject({
      name: "UndefinedTable",
      missingTable: "sales.nope",
    });
    await run("create temporary table once (id int primary key)");
    await run("insert into once values (1)");
    await expect(run("insert into once values (1)")).rejects.toMatchObject({
      name: "UniqueViolation",
      detail: "Key (id)=(1) already exists.",
      isDisconnect: false,
    });
    await expect(run("select 1 / (i - 3000) from generate_series(1, 5000) i")).rejects.toMatchObject({
      name: "DivisionByZero",
    });
  });

  test("of a transaction is told, and rolled back", async () => {
    await run("begin");
    await expect(run("select nope")).rejects.toThrow("nope");
    expect(session().inTransaction).toBe(true);
    await expect(run("select 1")).rejects.toMatchObject({ hint: expect.stringContaining("rollback") });
    await run("rollback");
    expect(session().inTransaction).toBe(false);
  });

  test("of copy … from stdin and to stdout names what does it", async () => {
    await run("create temporary table copied (n int)");
    for (const begin of ["select 1", "begin"]) {
      await run(begin);
      await expect(run("copy copied from stdin")).rejects.toMatchObject({ hint: expect.stringContaining("--persist") });
      if (begin === "begin") await run("rollback");
      await expect(run("copy copied to stdout")).rejects.toMatchObject({ hint: expect.stringContaining("--into") });
      expect((await run("select 1")).rows).toEqual([["1"]]);
    }
  });

  test("of types without a binary form is none", async () => {
    expect(
      (
        await run("select relacl, oid::regclass, '{pg_class}'::regclass[] from pg_class where relname = 'pg_class'")
      ).rows[0]!.slice(1),
    ).toEqual(["pg_class", "{pg_class}"]);
  });
});

describe("an abort", () => {
  const slow: readonly (readonly [string, string])[] = [
    ["before the first row", "select pg_sleep(100)"],
    ["of a statement without rows", "do $$ begin perform pg_sleep(100); end $$"],
    ["while it waits for a lock", "lock table held"],
    ["while it is described, which waits for a lock", "select * from held"],
  ];

  test.for(slow)("%s ends the statement in the server within a second", async ([, sql]) => {
    const other = await another();
    const holder = await another();
    await run("create table if not exists held (n int)");
    await run("begin", [], holder);
    await run("lock table held", [], holder);
    if (sql.startsWith("lock")) await run("begin");
    const stop = new AbortController();
    const failed = reasonOf(drain(session(), sql, stop.signal));
    while ((await activity(other, `${sql}%`)).length === 0);
    const at = performance.now();
    stop.abort(new Error("stopped"));
    expect(await failed).toMatchObject({ message: "stopped" });
    expect(performance.now() - at).toBeLessThan(1000);
    expect(await activity(other, `${sql}%`)).toEqual([]);
    if (session().inTransaction) await run("rollback");
    expect((await run("select 1")).rows).toEqual([["1"]]);
    await run("rollback", [], holder);
  });

  test("while the batches are read stops them, within a transaction too", async () => {
    for (const begin of ["select 1", "begin"]) {
      await run(begin);
      const stop = new AbortController();
      const { batches } = await session().start(
        { sql: "select generate_series(1, 1000000000) as i", values: [] },
        stop.signal,
      );
      await batches.next();
      const next = (async () => {
        for await (const _ of batches);
      })();
      stop.abort(new Error("stopped"));
      await expect(next).rejects.toThrow("stopped");
      if (session().inTransaction) await run("rollback");
      expect((await run("select 1")).rows).toEqual([["1"]]);
    }
  });

  test("where the server does not listen ends the session within a second", async () => {
    const stuck = await another();
    const stop = new AbortController();
    const failed = reasonOf(drain(stuck, "select pg_sleep(30)", stop.signal));
    while ((await activity(session(), "select pg_sleep(30)")).length === 0);
    process.kill(server.pid, "SIGSTOP");
    try {
      const at = performance.now();
      stop.abort(new Error("stopped"));
      expect(await failed).toMatchObject({ message: "stopped" });
      expect(performance.now() - at).toBeLessThan(1000);
      expect(stuck.isOpen).toBe(false);
    } finally {
      process.kill(server.pid, "SIGCONT");
    }
  });

  test("that came before the start sends nothing", async () => {
    await expect(
      session().start({ sql: "select 1", values: [] }, AbortSignal.abort(new Error("early"))),
    ).rejects.toThrow("early");
  });
});

describe("a session that is lost", () => {
  const lost = { isDisconnect: true, hint: expect.stringContaining("connects again") };

  async function end(victim: SqlSession, running: string | undefined): Promise<void> {
    if (running !== undefined) while ((await activity(session(), running)).length === 0);
    const [[pid]] = (
      await run(
        "select pid from pg_stat_activity where pid <> pg_backend_pid() and query like $1 order by backend_start desc limit 1",
        [running ?? "%the victim%"],
      )
    ).rows as [[string]];
    await run("select pg_terminate_backend($1)", [Number(pid)]);
    while (victim.isOpen) await run("select 1");
  }

  test("while a query runs says so", async () => {
    const victim = await another();
    const failed = reasonOf(drain(victim, "select pg_sleep(100)", never));
    await end(victim, "select pg_sleep(100)");
    expect(await failed).toMatchObject(lost);
    await expect(run("select 1", [], victim)).rejects.toMatchObject(lost);
    await victim.close();
  });

  test("between queries says so", async () => {
    const victim = await another();
    await run("select 'the victim'", [], victim);
    await end(victim, undefined);
    await expect(run("select 1", [], victim)).rejects.toMatchObject(lost);
  });
});

test("a session is closed in the midst of a result, which ends in the server", async () => {
  const other = await another();
  const { batches } = await other.start({ sql: "select generate_series(1, 200000000) as i", values: [] }, never);
  await batches.next();
  await other.close();
  expect(await activity(session(), "%200000000%")).toEqual([]);
});

test("names itself, shows instants in UTC, and answers a ping", async () => {
  await session().ping(never);
  expect((await run("select current_setting('application_name'), current_setting('timezone')")).rows).toEqual([
    ["typhoon", "UTC"],
  ]);
  expect(session().version).toMatch(/^PostgreSQL \d+/);
});

/** The statements like `pattern` that other sessions run. */
async function activity(by: SqlSession, pattern: string): Promise<readonly unknown[]> {
  const sql = "select pid from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like $1";
  return (await run(sql, [pattern], by)).rows;
}
