import { isUtf8 } from "node:buffer";
import { inspect } from "node:util";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createNotebook, template } from "../magics/context.ts";
import { brokenTexts, hostileValues } from "./hostile-values.ts";
import { onRedis, rowsOf, whileUnsettled, withRedis } from "./redis-session.ts";
import { withServer } from "./servers.ts";
import { redis } from "../../magics/redis/handle.ts";
import type { Message } from "../../magics/redis/listen.ts";

const server = withServer("redis");
const { line, cell, connection, name } = withRedis(server);
const never = new AbortController().signal;

/** The commands that connections wait in, by the server's own list. */
async function waiting(): Promise<string[]> {
  const list = rowsOf(await line("CLIENT LIST")) as { cmd: string; flags: string }[];
  return list.filter(({ flags }) => flags.includes("b")).map(({ cmd }) => cmd);
}

/** Asks until the server says so; each question takes its time there. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await turn();
}

describe("connecting", () => {
  test("says name and version", async () => {
    expect(await (await connection()).ping(never)).toBe(`Redis ${server.version}`);
    expect((await connection()).state).toBe("open");
  });

  test("no inspection shows the password", async () => {
    const r = await redis(name);
    const found = await connection();
    const shown = [r, found, found.commands()].map((value) => inspect(value, { depth: 10, getters: true })).join("\n");
    expect(shown).not.toContain(server.password);
    expect(inspect(r)).toMatch(/^Redis redis\d+ \{ redis:\/\/.*127\.0\.0\.1/);
  });
});

describe("values", () => {
  test("200 hostile values go in and come out unchanged, as values, fields, members and keys", async () => {
    expect(hostileValues).toHaveLength(200);
    for (const { name: what, value } of hostileValues) {
      await line(template`SET hostile ${value}`);
      await line(template`HSET ${value} ${value} ${value}`);
      const found = [
        await line("GET hostile"),
        ...((await line(template`HKEYS ${value}`)) as unknown[]),
        ...((await line(template`HMGET ${value} ${[value, "other"]}`)) as unknown[]),
      ];
      // Bytes that are UTF-8 come as text.
      const wanted = typeof value === "string" || !isUtf8(value) ? value : Buffer.from(value).toString();
      expect({ what, found }).toEqual({ what, found: [wanted, wanted, wanted, null] });
      const bytes = (await line("--bytes GET hostile")) as Uint8Array;
      expect({ what, isSame: Buffer.from(value).equals(bytes) }).toEqual({ what, isSame: true });
      await line(template`DEL ${value} hostile`);
    }
  });

  test("texts that UTF-8 cannot hold are refused", async () => {
    for (const value of brokenTexts)
      await expect(line(template`SET broken ${value}`)).rejects.toThrow("half of a surrogate pair");
    expect(await line("EXISTS broken")).toBe(0);
  });

  test("integers, floats, nil, maps, lists and errors within a list", async () => {
    expect(await line(template`SET n ${9223372036854775806n}`)).toBe("OK");
    expect(await line("INCR n")).toBe(9223372036854775807n);
    expect(await line(template`SET n ${-9223372036854775808n}`)).toBe("OK");
    expect(await line("INCRBY n 0")).toBe(-9223372036854775808n);
    expect(await line("SET n 9007199254740990")).toBe("OK");
    expect(await line("INCR n")).toBe(9007199254740991);
    expect(await line("GET nothing")).toBeNull();
    expect(await line(template`ZADD z ${9007199254740992} big ${-Infinity} low 1.5 mid`)).toBe(3);
    expect(await line("ZSCORE z big")).toBe(9007199254740992);
    expect(rowsOf(await line("ZRANGE z 0 -1 WITHSCORES"))).toEqual([
      { member: "low", score: -Infinity },
      { member: "mid", score: 1.5 },
      { member: "big", score: 9007199254740992 },
    ]);
    await line(template`HSET h ${{ a: 1, __proto__: "x", "": "" }}`);
    expect(await line("HGETALL h")).toEqual({ a: "1", "": "" });
    expect(await line("HGETALL nothing")).toEqual({});
    const list = (await line(`EVAL "return {1, 'a', false, {2}, redis.error_reply('MY bad')}" 0`)) as unknown[];
    expect(list.slice(0, 4)).toEqual([1, "a", null, [2]]);
    expect(list[4]).toMatchObject({ name: "My", message: "MY bad" });
    expect(await line("CONFIG GET maxmemory")).toEqual({ maxmemory: "0" });
  });

  test("the same in RESP2, where maps are lists", async () => {
    await onRedis(`${server.url}?protocol=2`, async (old) => {
      await old.line("ZADD z2 1.5 a");
      expect(rowsOf(await old.line("ZRANGE z2 0 -1 WITHSCORES"))).toEqual([{ member: "a", score: 1.5 }]);
      expect(await old.line("INCRBY big 9223372036854775807")).toBe(9223372036854775807n);
      await old.line("XADD s2 1-1 f v");
      expect(rowsOf(await old.line("XREAD STREAMS s2 0"))).toEqual([{ stream: "s2", id: "1-1", f: "v" }]);
    });
  });
});

describe("keys", () => {
  test("all of them are found without KEYS, and --scan tells what they are", async () => {
    await line("SELECT 5");
    const pairs = Array.from({ length: 2500 }, (_, i) => [`key:${i}`, i]);
    await line(template`MSET ${pairs}`);
    await line("HSET other f v");
    await line("EXPIRE other 100");
    const table = rowsOf(await line("SCAN 0 MATCH key:* COUNT 100"));
    expect(new Set(table.map((row) => (row as { key: string }).key)).size).toBe(2500);
    expect(rowsOf(await line("--limit 7 SCAN 0"))).toHaveLength(7);
    const [row, ...rest] = rowsOf(await line("--scan oth*")) as { ttl: number; size: bigint }[];
    expect(row).toMatchObject({ key: "other", type: "hash" });
    expect(row!.ttl).toBeGreaterThan(90);
    expect(row!.size).toBeGreaterThan(10n);
    expect(rest).toEqual([]);
    const notebook = createNotebook();
    expect(rowsOf(await line("--scan key:* --limit 10", notebook))).toHaveLength(10);
    expect(notebook.printed("stderr")).toBe("The first 10 keys; --limit N shows more.\n");
    expect(rowsOf(await line("HSCAN other 0"))).toEqual([{ field: "f", value: "v" }]);
    await line("FLUSHDB");
    await line("SELECT 0");
  });

  test("in code they are iterated", async () => {
    const r = await redis(name);
    await r.mset({ "it:1": 1, "it:2": 2 });
    const keys = new Set();
    for await (const key of r.scanKeys("it:*")) keys.add(key);
    expect(keys).toEqual(new Set(["it:1", "it:2"]));
    expect((await r.table("MGET", ["it:1", "it:2"])).getChild("value")?.toJSON()).toEqual(["1", "2"]);
    expect(await r.value("INCRBY", "it:1", 2n ** 60n)).toBe(2n ** 60n + 1n);
  });
});

describe("several commands", () => {
  test("give their replies in order; values may hold line ends", async () => {
    const text = "a\nGET b # no command";
    expect(
      await cell(template`# first
SET p ${text}
GET p

INCR count
`),
    ).toEqual(["OK", text, 1]);
  });

  test("one that fails is named by its line, and the others have been run", async () => {
    await line("DEL q l");
    const failed = cell("SET q 1\nLPUSH q x\nINCR q\n");
    await expect(failed).rejects.toMatchObject({
      name: "WrongType",
      message: expect.stringMatching(/line 3: WRONGTYPE.*\n.*2 of 3/) as string,
    });
    expect(await line("GET q")).toBe("2");
  });

  test("--multi is a transaction", async () => {
    await line("SET t 0");
    expect(await cell("INCR t\nINCR t\nGET t\n", "--multi")).toEqual([1, 2, "2"]);
    await expect(cell("INCR t\nGET\n", "--multi")).rejects.toThrow(
      /wrong number of arguments.*Nothing of the transaction was done/,
    );
    expect(await line("GET t")).toBe("2");
    await expect(cell("INCR t\nLPUSH t x\n", "--multi")).rejects.toThrow(/line 3: WRONGTYPE[^]*takes nothing back/);
    expect(await line("GET t")).toBe("3");
  });

  test("a watched key that somebody changed stops a transaction", async () => {
    await line("WATCH t");
    await (await redis(name)).incr("t");
    await expect(cell("INCR t\n", "--multi")).rejects.toMatchObject({ name: "WatchFailed" });
    expect(await line("GET t")).toBe("4");
  });
});

describe("errors say what to do", () => {
  test.each([
    ["ZADDD x", "Did you mean ZADD?"],
    ["GETT", /Did you mean GET/],
    ["GET", "Usage: GET key"],
    ["SET k v EXX 3", "Usage: SET key value [NX | XX]"],
    ["CONFIG GOT x", "CONFIG is one of:"],
    ["CONFIG GET", "Usage: CONFIG GET parameter"],
    ["SELECT 99", "databases 0 to 15"],
    ["XREADGROUP GROUP nobody c STREAMS nos >", "XGROUP CREATE key group"],
    ["EVALSHA ffff 0", "SCRIPT LOAD"],
  ])("%s", async (command, advice) => {
    await expect(line(command)).rejects.toThrow(advice);
  });
});

describe("an interrupt", () => {
  test.each([
    ["BLPOP nolist 0", "blpop"],
    ["BZPOPMIN nozset 0", "bzpopmin"],
    ["XREAD BLOCK 0 STREAMS nostream $", "xread"],
  ])("ends %s on the server too", async (command, cmd) => {
    const notebook = createNotebook();
    const running = line(command, notebook);
    running.catch(() => {});
    await until(async () => (await waiting()).includes(cmd));
    const start = performance.now();
    notebook.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(performance.now() - start).toBeLessThan(1000);
    await until(async () => !(await waiting()).includes(cmd));
    expect(await line("PING")).toBe("PONG");
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("ends a script, and the database stays selected", async () => {
    await line("SELECT 2");
    await line("SET here 1");
    const notebook = createNotebook();
    const r = await redis(name);
    const running = line(`EVAL "redis.call('PUBLISH', 'x', 'y') while true do end" 0`, notebook);
    running.catch(() => {});
    await turn();
    const start = performance.now();
    notebook.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(performance.now() - start).toBeLessThan(1000);
    // The server hears only after its busy-reply-threshold of 5 s; the next command waits for that.
    expect(await line("GET here")).toBe("1");
    expect(await r.ping()).toBe("PONG");
    await line("SELECT 0");
  });

  test("leaves what waits on another connection alone, and commands beside it run", async () => {
    const r = await redis(name);
    const popped = r.blpop("later", 0);
    expect(await r.rpush("later", "x")).toBe(1);
    expect(await popped).toEqual(["later", "x"]);
  });
});

describe("messages", () => {
  test("of channels and patterns come as they are published", async () => {
    const r = await redis(name);
    const notebook = createNotebook();
    const subscribed = async (): Promise<boolean> => (await r.pubsub("NUMSUB", "news"))[1] === 1;
    const received = line(template`SUBSCRIBE news --max 3`, notebook);
    await until(subscribed);
    for (const message of ["a", "b\nc", Buffer.from([255])]) await r.publish("news", message);
    expect(rowsOf(await received)).toMatchObject([{ channel: "news" }, { channel: "news" }, { channel: "news" }]);
    const seen: Message[] = [];
    const listening = (async () => {
      for await (const message of r.subscription("new*")) {
        seen.push(message);
        if (seen.length === 2) break;
      }
    })();
    await until(async () => Number(await r.pubsub("NUMPAT")) === 1);
    await r.publish("news", "x");
    await r.publish("newer", Buffer.from([254]));
    await listening;
    expect(seen).toEqual([
      { channel: "news", pattern: "new*", message: "x" },
      { channel: "newer", pattern: "new*", message: new Uint8Array([254]) },
    ]);
    await until(async () => Number(await r.pubsub("NUMPAT")) === 0);
  });

  test("thousands at once lose none", async () => {
    const r = await redis(name);
    const received = line("SUBSCRIBE flood --max 20000");
    await until(async () => (await r.pubsub("NUMSUB", "flood"))[1] === 1);
    const pipeline = r.pipeline();
    for (let i = 0; i < 20_000; i++) pipeline.publish("flood", String(i));
    await pipeline.exec();
    const messages = rowsOf(await received).map((row) => (row as { message: string }).message);
    expect(messages).toEqual(Array.from({ length: 20_000 }, (_, i) => String(i)));
  });

  test("MONITOR tells commands", async () => {
    const r = await redis(name);
    const monitored = line("MONITOR --max 20");
    await whileUnsettled(monitored, () => r.echo("it is told"));
    const commands = rowsOf(await monitored).map((row) => (row as { command: string }).command);
    expect(commands).toHaveLength(20);
    expect(commands.at(-1)).toBe("echo it is told");
  });

  test("end when the connection is lost, as messages would be missing", async () => {
    const r = await redis(name);
    const received = line("SUBSCRIBE lost --max 3");
    received.catch(() => {});
    await until(async () => (await r.pubsub("NUMSUB", "lost"))[1] === 1);
    await line("CLIENT KILL TYPE pubsub");
    await expect(received).rejects.toThrow(/was lost, so messages may be missing/);
  });
});

describe("streams", () => {
  test("are read on, and by a group that takes up what was left", async () => {
    const r = await redis(name);
    for (const n of [1, 2, 3]) await r.xadd("orders", "*", "n", n);
    const read = async (options: object, most = Infinity): Promise<unknown[]> => {
      const seen = [];
      for await (const { fields } of r.streamEntries("orders", options)) if (seen.push(fields["n"]) === most) break;
      return seen;
    };
    expect(await read({ from: "0", block: 0 })).toEqual(["1", "2", "3"]);
    const group = { group: "billing", consumer: "a", from: "0", block: 0 };
    // The second was taken and not acknowledged, since nobody asked for the third.
    expect(await read({ ...group, count: 1 }, 2)).toEqual(["1", "2"]);
    expect(await read(group)).toEqual(["2", "3"]);
    expect(await read(group)).toEqual([]);
    const next = read({ block: 60_000 }, 1);
    await until(async () => String(await r.client("LIST")).includes("cmd=xread "));
    await r.xadd("orders", "*", "n", 4);
    expect(await next).toEqual(["4"]);
  });
});
