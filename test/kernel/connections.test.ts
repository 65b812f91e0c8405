import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeAt } from "./completing.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  // Without servers of the person's own.
  const env = { XDG_CONFIG_HOME: "/nowhere", XDG_CACHE_HOME: "/nowhere", DATABASE_URL: "sqlite:env.db" };
  kernel = await startTestKernel({ env });
  writeFileSync(join(kernel.folder, "connections.toml"), `[shop]\nurl = "sqlite:shop.db"\n`, { mode: 0o600 });
});
afterAll(() => kernel.shutdown());

test("a connection is made, listed, used by its name in SQL and in code, and closed", async () => {
  const { stdout } = await kernel.run("%connect sqlite:cars.db");
  expect(stdout).toMatch(/^SQLite [\d.]+ at sqlite:cars\.db, connection "cars"\n$/);
  await kernel.run("%%sql cars\ncreate table t (n integer); insert into t values (42)");
  expect((await kernel.run("%%sql cars\nselect n from t")).result).toContain("42");
  const code = `import { connect } from "typhoon-kernel"; const db = await connect("cars"); await db.sql\`select n + 1 m from t\``;
  expect((await kernel.run(code)).result).toContain("43");
  const [listed] = (await kernel.run("%connect")).displays;
  expect(String(listed?.["text/plain"]).split("\n")).toEqual([
    expect.stringMatching(/^name +system +where +state +from$/),
    expect.stringMatching(/^cars +SQLite +sqlite:cars\.db +open +%connect$/),
    expect.stringMatching(/^database +SQLite +sqlite:env\.db +not used yet +DATABASE_URL$/),
    expect.stringMatching(/^shop +SQLite +sqlite:shop\.db +not used yet +connections\.toml$/),
  ]);
  expect((await kernel.run("%disconnect cars")).stdout).toBe('"cars" is closed\n');
  expect((await kernel.run("%%sql cars\nselect 1")).error).toContain('there is no connection "cars"');
});

test("connections of the file and of DATABASE_URL need no %connect", async () => {
  expect((await kernel.run("%%sql shop\nselect 6 * 7 as n")).result).toContain("42");
  expect((await kernel.run("%%sql database\nselect 6 * 7 as n")).result).toContain("42");
});

describe("completion", () => {
  test.for([
    ["%connect sh‸", ["shop"]],
    ["%disconnect ‸", ["made", "shop", "database"]],
    ["%connect x --tls ‸", ["off", "prefer", "require", "verify"]],
    ["%connect x --a‸", ["--as", "--ask"]],
  ] as const)("of %s", async ([marked, wanted]) => {
    await kernel.run("%disconnect --all\n%connect duckdb: --as made\n%connect shop");
    const { matches } = await completeAt(kernel, marked);
    expect(new Set(matches)).toEqual(new Set(wanted));
  });
});

describe("a server that takes connections and says nothing", () => {
  const silent = createServer(() => {});
  beforeAll(() => once(silent.listen(0, "127.0.0.1"), "listening"));
  afterAll(() => void silent.close());
  const url = (scheme: string, rest = ""): string =>
    `${scheme}://ann:silent-7@127.0.0.1:${(silent.address() as AddressInfo).port}/0${rest}`;

  test.for(["postgresql", "mysql", "mongodb", "redis"])("is given up in time, %s", async (scheme) => {
    const start = performance.now();
    const { error } = await kernel.run(`%connect ${url(scheme, "?connect_timeout=500ms")} --as s`);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(error).toContain(`${scheme}://ann@127.0.0.1`);
    expect(error).not.toContain("silent-7");
  });

  test.for(["postgresql", "mysql", "mongodb", "redis"])(
    "is left at an interrupt within a second, %s",
    async (scheme) => {
      const accepted = once(silent, "connection");
      const running = kernel.run(`%connect ${url(scheme)} --as s`);
      await accepted;
      const start = performance.now();
      await kernel.request("interrupt_request", {}, { channel: "control" });
      const { error } = await running;
      expect(performance.now() - start).toBeLessThan(1_000);
      expect(error).toMatch(/^Interrupted/);
      expect((await kernel.run("%connect s")).error).toContain('there is no connection "s"');
    },
  );
});
