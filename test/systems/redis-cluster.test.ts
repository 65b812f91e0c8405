import type { Cluster } from "ioredis";
import { describe, expect, test } from "vitest";
import { redis } from "../../magics/redis/handle.ts";
import { createNotebook, template } from "../magics/context.ts";
import { onRedis, rowsOf, whileUnsettled, withRedis } from "./redis-session.ts";
import { withServer } from "./servers.ts";

const server = withServer("redis-cluster");
const { line, cell, name, connection } = withRedis(server);
const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);

describe("a cluster", () => {
  test("is told as one", async () => {
    expect(await (await connection()).ping(new AbortController().signal)).toBe(`Redis ${server.version} cluster`);
  });

  test("has the lines of a cell on many nodes, and gives their replies in order", async () => {
    const lines = { strings: ["SET ", ...keys.slice(1).map((_, i) => ` ${i}\nSET `), " 299\n"], values: keys };
    expect(new Set((await cell(lines)) as string[])).toEqual(new Set(["OK"]));
    expect(await line("GET key:299")).toBe("299");
    expect(await cell("GET key:1\nGET key:200\nGET key:7\n")).toEqual(["1", "200", "7"]);
  });

  test("is asked as a whole for its keys and their number", async () => {
    expect(await line("DBSIZE")).toBe(300);
    expect(((await line("KEYS *")) as string[]).toSorted()).toEqual(keys.toSorted());
    const scanned = rowsOf(await line("SCAN 0")).map((row) => (row as { key: string }).key);
    expect(scanned.toSorted()).toEqual(keys.toSorted());
    expect(rowsOf(await line("--scan key:1?"))).toHaveLength(10);
    const r = await redis<Cluster>(name);
    const found = [];
    for await (const key of r.scanKeys()) found.push(key);
    expect(found).toHaveLength(300);
  });

  test("says how keys come to share a slot", async () => {
    const tag = /give them the same \{tag\}/;
    await expect(line("MGET key:1 key:2")).rejects.toMatchObject({
      name: "CrossSlot",
      message: expect.stringMatching(tag) as string,
    });
    await expect(cell("INCR a\nINCR b\nINCR c\n", "--multi")).rejects.toThrow(tag);
    expect(await cell("INCR {t}a\nINCR {t}b\n", "--multi")).toEqual([1, 1]);
    expect(await line("MGET {t}a {t}b")).toEqual(["1", "1"]);
  });

  test("an interrupt ends what waits", async () => {
    const notebook = createNotebook();
    const running = line(template`BLPOP ${"nolist"} 0`, notebook);
    running.catch(() => {});
    const r = await redis<Cluster>(name);
    const isWaiting = async (): Promise<boolean> => {
      const lists = await Promise.all(r.nodes("master").map(async (node) => node.client("LIST")));
      return lists.some((list) => String(list).includes("cmd=blpop"));
    };
    await r.ping();
    while (!(await isWaiting()));
    const start = performance.now();
    notebook.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    while (await isWaiting());
    expect(await line("PING")).toBe("PONG");
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("messages reach every node's listeners", async () => {
    const r = await redis<Cluster>(name);
    const received = line("SUBSCRIBE news --max 2");
    await whileUnsettled(received, () => r.publish("news", "x"));
    expect(rowsOf(await received)).toEqual([
      { channel: "news", message: "x" },
      { channel: "news", message: "x" },
    ]);
  });

  test("goes on after a restart, and says when it is away", async () => {
    const r = await redis<Cluster>(name);
    expect(await r.get("key:5")).toBe("5");
    await server.stop();
    await expect(line("GET key:5")).rejects.toThrow(/nothing listens there|was lost/);
    await expect(line("GET key:5")).rejects.toThrow(/nothing listens there/);
    await server.restart();
    expect(await line("GET key:5")).toBe("5");
    expect(await r.get("key:5")).toBe("5");
  });

  test("a URL that takes one for the other is told", async () => {
    await onRedis(server.url.replace("redis+cluster:", "redis:"), async (single) => {
      const [first] = await Promise.allSettled(["a", "b", "c", "d"].map((key) => single.line(`GET ${key}`)));
      const tries = await Promise.allSettled(keys.slice(0, 9).map((key) => single.line(`GET ${key}`)));
      const failed = [first, ...tries].find((each) => each?.status === "rejected");
      expect(String((failed as PromiseRejectedResult).reason)).toMatch(/MOVED.*redis\+cluster:/);
    });
    await onRedis(server.url.replace("@", "wrong@"), async (wrong) => {
      await expect(wrong.line("PING")).rejects.toMatchObject({ name: "WrongPassword" });
    });
  });
});
