import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestKernel, see, type TestKernel } from "../kernel/harness.ts";
import { withServer } from "./servers.ts";

const server = withServer("redis");
let kernel: TestKernel;

beforeAll(async () => {
  kernel = await startTestKernel({ env: { REDIS_URL: server.url } });
  await writeFile(join(kernel.folder, "connections.toml"), '[cache]\nurl = "${env:REDIS_URL}"\n');
  await kernel.run('import { redis } from "typhoon-kernel"');
});
afterAll(() => kernel.shutdown());

/** Runs a cell, interrupts it once the server has a client that waits in a command; returns the time that took. */
async function interruptIn(code: string, command: string): Promise<{ error: string | undefined; ms: number }> {
  const { Redis } = await import("ioredis");
  const watcher = new Redis(server.url);
  const isWaiting = async (): Promise<boolean> => String(await watcher.client("LIST")).includes(`cmd=${command} `);
  try {
    const running = kernel.request("execute_request", { code, allow_stdin: false });
    while (!(await isWaiting()));
    const start = performance.now();
    await kernel.request("interrupt_request", {}, { channel: "control" });
    const { error } = see(await running);
    while (await isWaiting());
    return { error, ms: performance.now() - start };
  } finally {
    watcher.disconnect();
  }
}

describe("in cells", () => {
  test("the only connection is found in connections.toml, and a result is a value or a table", async () => {
    expect((await kernel.run("%redis SET user:1 'Ada Lovelace'")).result).toBe("'OK'");
    expect((await kernel.run("const ada = %redis GET user:1\nada.length")).result).toBe("12");
    const values = await kernel.run("const board = { a: 1 }\nconst reply = %redis HSET h ${board}\n%redis HGETALL h");
    expect(values.result).toBe("{ a: '1' }");
    expect((await kernel.run("%%redis replies <<\nINCR n\nINCR n\n")).error).toBeUndefined();
    expect((await kernel.run("replies")).result).toBe("[ 1, 2 ]");
    expect((await kernel.run("%redis --scan user:*")).result).toMatch(/key\s+type\s+ttl\s+size/);
    expect((await kernel.run("%redis LPUSH h x")).error).toMatch(/^WrongType: %redis: WRONGTYPE/);
  });

  test.each([
    ["%redis BLPOP nolist 0", "blpop"],
    ["%redis SUBSCRIBE news", "subscribe"],
    ["%redis MONITOR", "monitor"],
    ["await (await redis()).blpop('nolist', 0)", "blpop"],
    ["for await (const m of (await redis()).subscription('news')) console.log(m)", "subscribe"],
    ["for await (const e of (await redis()).streamEntries('nostream')) console.log(e)", "xread"],
  ])("an interrupt ends %s within a second, and the connection is usable", async (code, command) => {
    const { error, ms } = await interruptIn(code, command);
    expect(error).toMatch(/^Interrupted/);
    expect(ms).toBeLessThan(1000);
    expect((await kernel.run("%redis PING")).result).toBe("'PONG'");
    expect((await kernel.run("await (await redis()).ping()")).result).toBe("'PONG'");
  });

  test("messages are printed below their cell as they come", async () => {
    const cell = `const r = await redis("cache")
const until = (async () => { while (!(await r.pubsub("NUMSUB", "news"))[1]) ; for (const m of ["a", "b"]) await r.publish("news", m) })()
%redis SUBSCRIBE news --max 2
await until`;
    expect(await kernel.run(cell)).toMatchObject({ stdout: "news  a\nnews  b\n", error: undefined });
  });

  test("nothing that is shown has the password", async () => {
    const seen = await kernel.run(`const client = await redis()
console.log(client, JSON.stringify(Object.keys(client)))
%whos
client`);
    const wrong = await kernel.run("await client.set('a')");
    expect(JSON.stringify([seen.published, wrong.published])).not.toContain(server.password);
    expect(wrong.error).toMatch(/^RedisError: ERR wrong number of arguments/);
  });

  test("commands complete", async () => {
    const complete = async (code: string): Promise<readonly string[]> =>
      (await kernel.request("complete_request", { code, cursor_pos: code.length })).reply.matches;
    expect(await complete("%redis HG")).toEqual(expect.arrayContaining(["HGET", "HGETALL"]));
    expect(await complete("%redis XINFO ")).toContain("STREAM");
    expect(await complete("%redis --o")).toEqual(["--on"]);
  });
});
