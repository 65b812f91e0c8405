import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

describe("where servers are not to be started", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    const env = { TYPHOON_UP: "off", XDG_CONFIG_HOME: "/nowhere", XDG_CACHE_HOME: "/nowhere", DATABASE_URL: "" };
    kernel = await startTestKernel({ env });
    await kernel.run('import { connect, isAvailable, mongo, redis } from "typhoon-kernel"');
  });
  afterAll(() => kernel.shutdown());

  test("%up fails and says what there is to do", async () => {
    const { error } = await kernel.run("%up postgres");
    expect(error).toMatch(
      /^ServerError: %up: servers are not started here .* `%connect URL --as NAME` names one that runs$/,
    );
  });

  test("%up --optional says so in a line, and cells that need the server are skipped in a line", async () => {
    const { stdout, error } = await kernel.run("%up postgres mongo redis --optional");
    expect(error).toBeUndefined();
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^postgres is not available here, cells that need it are skipped: servers are not/),
      expect.stringMatching(/^mongo is not available here/),
      expect.stringMatching(/^redis is not available here/),
      "",
    ]);
    const skipped = {
      postgres: [
        "%%sql postgres rows <<\nselect 1",
        "%sql postgres select 1",
        'const db = await connect("postgres")\nawait db.sql`select 1`',
      ],
      mongo: ["%%mongo mongo.users\n{}", "%mongo users {}", 'await mongo("mongo")', "await mongo()"],
      redis: ["%redis GET x", "%%redis\nGET x", "await redis()", '%redis --on redis GET "x"'],
    };
    for (const [name, cells] of Object.entries(skipped))
      for (const cell of cells) {
        const seen = await kernel.run(`console.log("before")\n${cell}\n`.replace(/^.*\n(?=%%)/, ""));
        expect([cell, seen.reply.status, seen.stdout]).toEqual([
          cell,
          "ok",
          `${cell.startsWith("%%") ? "" : "before\n"}${name} is not available here: skipped\n`,
        ]);
      }
  });

  test("code asks whether a server is there, and may catch the error", async () => {
    await kernel.run("%up mysql --optional");
    expect((await kernel.run('[isAvailable("mysql"), isAvailable("other")]')).result).toBe("[ false, true ]");
    const caught = await kernel.run(
      'const my = await connect("mysql")\ntry { await my.sql`select 1` } catch (error) { console.log(error.name) }',
    );
    expect(caught.stdout).toBe("ServerUnavailable\n");
  });

  test("a connection of that name makes them run", async () => {
    await kernel.run("%up mysql --optional\n%connect sqlite::memory: --as mysql");
    expect((await kernel.run('isAvailable("mysql")')).result).toBe("true");
    expect((await kernel.run("%up mysql --optional")).stdout).toBe(
      'mysql is not started here: the connection "mysql" is used\n',
    );
    expect((await kernel.run("%%sql mysql\nselect 6 * 7 as n")).result).toContain("42");
  });

  test("names that nobody has asked for, and wrong ones, are errors as ever", async () => {
    expect((await kernel.run("%up postgre --optional")).error).toContain("Did you mean postgres?");
    expect((await kernel.run("%%sql shop\nselect 1")).error).toContain('there is no connection "shop"');
  });
});

test("a machine without the server's program, and without the means to get it, skips too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-bare-"));
  chmodSync(folder, 0o755); // or root would use its shared cache
  const kernel = await startTestKernel({ env: { PATH: dirname(process.execPath), XDG_CACHE_HOME: folder } });
  const { stdout, error } = await kernel.run("%up redis --optional");
  expect(error).toBeUndefined();
  expect(stdout).toMatch(/^redis is not available here, cells that need it are skipped: \S.*\n$/);
  expect((await kernel.run("%redis GET x")).stdout).toBe("redis is not available here: skipped\n");
  await kernel.shutdown();
});
