import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { removeConnection } from "../../magics/connections/registry.ts";
import { redis } from "../../magics/redis/handle.ts";
import { onRedis, withRedis } from "./redis-session.ts";
import { withServer } from "./servers.ts";

const server = withServer("redis");
const { line, name } = withRedis(server);

const failure = async (url: string): Promise<Error> =>
  onRedis(url, async (session) => {
    const [first, second] = await Promise.allSettled([session.line("GET a"), session.line("GET b")]);
    const { reason } = first as PromiseRejectedResult;
    // Both say the same, and neither anything secret.
    expect((second as PromiseRejectedResult).reason).toMatchObject({ message: (reason as Error).message });
    expect(inspect(reason, { depth: 10 })).not.toContain(server.password);
    expect(inspect(reason, { depth: 10 })).not.toContain("wrong-password");
    return reason as Error;
  });

test("code gives a URL in place of a name, and has the same client again", async () => {
  const client = await redis(server.url);
  expect(await client.ping()).toBe("PONG");
  expect(await redis(server.url)).toBe(client);
  await removeConnection("redis");
});

describe("a connection that cannot be says why", () => {
  const withPassword = (password: string): string => server.url.replace(/:[^:@]*@/, password && `:${password}@`);

  test("a wrong password", async () => {
    const error = await failure(withPassword("wrong-password"));
    expect(error).toMatchObject({ name: "WrongPassword" });
    expect(error.message).toMatch(/WRONGPASS.*Check user and password/);
  });

  test("no password", async () => {
    const error = await failure(`redis://127.0.0.1:${server.port}`);
    expect(error).toMatchObject({ name: "NoAuthentication" });
    expect(error.message).toMatch(/The server wants a password/);
  });

  test("a port where nothing listens, and a host that is not", async () => {
    expect((await failure("redis://:wrong-password@127.0.0.1:1")).message).toMatch(/nothing listens there.*%up redis/);
    expect((await failure("redis+cluster://127.0.0.1:1")).message).toMatch(/nothing listens there/);
    expect((await failure("redis://no-such-host.invalid")).message).toMatch(/no host of that name|cannot be looked up/);
  });

  test.each(["redis", "rediss", "redis+cluster"])(
    "%s: a server that takes the connection and says nothing",
    async (scheme) => {
      const silent = createServer(() => {}).listen(0, "127.0.0.1");
      await once(silent, "listening");
      const { port } = silent.address() as AddressInfo;
      const start = performance.now();
      const error = await failure(`${scheme}://127.0.0.1:${port}?connect_timeout=300ms`);
      expect(error.message).toMatch(/no answer within 0.3 s/);
      expect(performance.now() - start).toBeLessThan(5000);
      silent.close();
    },
  );

  test("a server that is no cluster", async () => {
    expect((await failure(server.url.replace("redis:", "redis+cluster:"))).message).toMatch(/no cluster: write redis:/);
  });

  test("a server that hangs up", async () => {
    const rude = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(rude, "listening");
    const { port } = rude.address() as AddressInfo;
    expect((await failure(`redis://127.0.0.1:${port}`)).message).toMatch(/was lost.*rediss:\/\//);
    rude.close();
  });

  test("a database that is no number, and a parameter that is none", async () => {
    expect((await failure(`${server.url}/shop`)).message).toContain(
      'a Redis database is a number, as in redis://host/0, not "shop"',
    );
    expect((await failure(`${server.url}?databse=1`)).message).toContain('no parameter "databse"');
  });
});

describe("a connection that is lost", () => {
  test("by the server's restart: data, client and magic go on with the next command", async () => {
    const r = await redis(name);
    await r.set("kept", "yes");
    expect(await line("GET kept")).toBe("yes");
    await server.restart();
    expect(await line("GET kept")).toBe("yes");
    expect(await r.get("kept")).toBe("yes");
  });

  test("while a command is under way: it is told and not sent again", async () => {
    const r = await redis(name);
    const popped = r.blpop("never", 0);
    popped.catch(() => {});
    while (!String(await r.client("LIST")).includes("cmd=blpop")) await r.ping();
    const list = String(await r.client("LIST")).split("\n");
    const id = /^id=(\d+)/.exec(list.find((each) => each.includes("cmd=blpop"))!)![1]!;
    await r.client("KILL", "ID", id);
    await expect(popped).rejects.toThrow(/was lost before the answer to BLPOP came/);
    expect(String(await r.client("LIST"))).not.toContain("cmd=blpop");
    expect(await r.ping()).toBe("PONG");
  });

  test("while the server is away: each command says so, and the first after it works", async () => {
    const r = await redis(name);
    await server.stop();
    await expect(line("GET kept")).rejects.toThrow(/nothing listens there/);
    await expect(r.get("kept")).rejects.toThrow(/nothing listens there/);
    await expect(r.pipeline().get("kept").exec()).resolves.toMatchObject([[{ name: "ConnectionError" }]]);
    await server.restart();
    expect(await r.get("kept")).toBe("yes");
    expect(await line("GET kept")).toBe("yes");
  });
});

describe("TLS", () => {
  const secure = withServer("redis", { tls: true });
  const rest = (): string => `:${secure.password}@127.0.0.1:${secure.port}`;

  test("by an authority of one's own", async () => {
    await onRedis(`rediss://${rest()}?tls_ca=${encodeURIComponent(secure.ca!)}`, async (session) => {
      expect(await session.line("PING")).toBe("PONG");
    });
    await onRedis(`rediss://${rest()}?tls=require`, async (session) => {
      expect(await session.line("PING")).toBe("PONG");
    });
  });

  test("an authority that nobody knows, TLS where there is none, and none where there is", async () => {
    expect((await failure(`rediss://${rest()}`)).message).toMatch(/not trusted: name its authority with \?tls_ca=FILE/);
    expect((await failure(`redis://${rest()}`)).message).toMatch(/rediss:\/\//);
    const plain = `rediss://:${server.password}@127.0.0.1:${server.port}?connect_timeout=500ms`;
    expect((await failure(plain)).message).toMatch(/speaks (?:no )?TLS.*redis:\/\//);
  });
});
