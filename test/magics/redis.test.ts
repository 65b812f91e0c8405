import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { redisMagic } from "../../magics/redis.ts";
import { cellCall, createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";

// No connection of the person who runs the tests, and no server of theirs.
const empty = mkdtempSync(join(tmpdir(), "typhoon-redis-"));
vi.stubEnv("XDG_CONFIG_HOME", empty);
vi.stubEnv("XDG_CACHE_HOME", empty);
vi.stubEnv("DATABASE_URL", undefined);
afterAll(() => void vi.unstubAllEnvs());

testMagic(redisMagic, {
  wrong: ["", "--no-such-option", "--multi GET a", "--scan * GET a", "--on", "--limit x GET a", "'' a"],
  short: lineCall("--on nowhere GET a"),
});

const run = (line: Parameters<typeof lineCall>[0]): Promise<unknown> =>
  redisMagic.run(lineCall(line), createNotebook().context);

describe("%redis", () => {
  test("without a connection says how to get one", async () => {
    await expect(run("GET a")).rejects.toThrow(/no connection to Redis.*%up redis.*%connect redis:\/\//);
  });

  test("refuses what would take its connection, with what to do instead", async () => {
    await expect(run("HELLO 2")).rejects.toThrow("HELLO is not for here: the connection keeps its protocol");
    await expect(run("CLIENT REPLY OFF")).rejects.toThrow("CLIENT is not for here: every command is to have its reply");
    await expect(run("unsubscribe x")).rejects.toThrow("a subscription ends with its cell");
  });

  test("names the option that was meant", async () => {
    await expect(run("--byte GET a")).rejects.toThrow("unknown option --byte. Did you mean --bytes?");
  });

  test("refuses values that Redis has not, with what to write", async () => {
    await expect(run(template`SET a ${undefined}`)).rejects.toThrow("undefined cannot be an argument");
    await expect(run(template`SET a ${new Date(0)}`)).rejects.toThrow("date.toISOString()");
    await expect(run(template`SET a ${() => 1}`)).rejects.toThrow("a function cannot be an argument");
    await expect(run(template`HSET a ${{ b: { c: 1 } }}`)).rejects.toThrow("JSON.stringify(…)");
    await expect(run(template`SET a ${new URL("http://h")}`)).rejects.toThrow("an object of class URL");
  });

  test("in a cell the commands stand below the line", async () => {
    const cell = (line: string, body: string): Promise<unknown> =>
      redisMagic.run(cellCall(line, body), createNotebook().context);
    await expect(cell("GET a", "GET b\n")).rejects.toThrow("the commands stand below the line");
    await expect(cell("", "# nothing\n\n")).rejects.toThrow("there is no command below the line");
    await expect(cell("", "MULTI\n")).rejects.toThrow("%%redis --multi");
    await expect(cell("", "SUBSCRIBE a\n")).rejects.toThrow("SUBSCRIBE stands alone");
  });

  test("completes commands and their second words", () => {
    const { words } = redisMagic.takes!;
    expect(words!([])).toEqual(expect.arrayContaining(["GET", "XINFO"]));
    expect(words!(["config"])).toContain("GET");
    expect(words!(["GET"])).toEqual([]);
  });
});
