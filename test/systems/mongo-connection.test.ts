import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { removeConnection } from "../../magics/connections/registry.ts";
import { mongo } from "../../magics/mongo/api.ts";
import { template } from "../magics/context.ts";
import { databaseUrl, onMongo, rowsOf, withMongo } from "./mongo-session.ts";
import { withServer } from "./servers.ts";

const server = withServer("mongo");
const { line, cell, connection, name } = withMongo(server);
const never = new AbortController().signal;

/** The error of the first use of a URL. */
function failure(url: string): Promise<Error> {
  return onMongo(url, async (session) => {
    const error: unknown = await (await session.connection()).ping(never).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error as Error;
  });
}

describe("connecting", () => {
  test("says name and version, and the state", async () => {
    const found = await connection();
    expect(await found.ping(never)).toMatch(/^MongoDB \d+\.\d+\.\d+$/);
    expect(found.state).toBe("open");
  });

  test("code gives a URL in place of a name", async () => {
    const db = await mongo(databaseUrl(server.url, "by_url"));
    expect(db.databaseName).toBe("by_url");
    await db.client.close();
    await removeConnection("by_url");
  });

  test("no inspection shows the password", async () => {
    const db = await mongo(name);
    const found = await connection();
    const client = await found.client(never);
    const all = [db, found, client, db.collection("c"), db.collection("c").find(), client.startSession()];
    for (const value of all) expect(inspect(value, { depth: 30 })).not.toContain(server.password);
    expect(inspect(client)).toMatch(/^MongoClient \{ mongodb:\/\/.*127\.0\.0\.1/);
  });

  test("a wrong password, an unknown user, no login, and a user of another database", async () => {
    const url = databaseUrl(server.url, "shop");
    const wrong = await failure(url.replace(server.password, "wr0ngwr0ng"));
    expect(wrong).toMatchObject({ name: "AuthenticationFailed" });
    expect(wrong.message).toMatch(/User or password is wrong.*\?authSource=admin.*%connect URL --ask/);
    expect(wrong.message).not.toContain("wr0ngwr0ng");
    expect((await failure(url.replace(`//${server.user}:`, "//nobody:"))).message).toContain(
      "User or password is wrong",
    );
    expect((await failure(url.replace(/\/\/[^@]+@/, "//"))).message).toMatch(/log ?in|authenticat/i);
    expect((await failure(databaseUrl(server.url, "shop", { authSource: "shop" }))).message).toContain(
      "?authSource=admin",
    );
  });

  test("nothing that listens, no such host, a host that is silent, and one that is rude", async () => {
    const soon = { connect_timeout: "400ms" };
    const nowhere = databaseUrl(`mongodb://127.0.0.1:1/`, "shop", soon);
    expect((await failure(nowhere)).message).toMatch(/nothing listens there\. Start the server \(%up mongo/);
    expect((await failure(databaseUrl("mongodb://no-such-host.invalid/", "shop", soon))).message).toContain(
      "there is no such host",
    );
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const start = performance.now();
    expect((await failure(databaseUrl(`mongodb://127.0.0.1:${port}/`, "shop", soon))).message).toMatch(
      /no answer in time|does not answer/,
    );
    expect(performance.now() - start).toBeLessThan(5_000);
    silent.close();
    const rude = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(rude, "listening");
    const closing = (rude.address() as AddressInfo).port;
    expect((await failure(databaseUrl(`mongodb://127.0.0.1:${closing}/`, "shop", soon))).message).toMatch(
      /closed the connection.*want TLS: write \?tls=verify/,
    );
    rude.close();
  });

  test("a wait for a silent host is interrupted at once", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    await onMongo(`mongodb://127.0.0.1:${port}/shop?connect_timeout=2s`, async (session) => {
      const controller = new AbortController();
      const waiting = (await session.connection()).ping(controller.signal);
      controller.abort(new DOMException("Interrupted", "AbortError"));
      await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    });
    silent.close();
  });

  test("a parameter that is none", async () => {
    expect((await failure(databaseUrl(server.url, "shop", { databse: "1" }))).message).toMatch(
      /URL of "mongo\d+" is wrong.*databse/,
    );
  });
});

describe("a connection that is lost", () => {
  test("by the server's restart: data, database and magic go on", async () => {
    const db = await mongo(name);
    await line("kept { insertOne: { _id: 1 } }");
    await server.restart();
    expect(rowsOf(await line("kept"))).toEqual([{ _id: 1 }]);
    expect(await db.collection("kept").countDocuments()).toBe(1);
  });

  test("while an operation is under way: it is told, and the next one after the server is back works", async () => {
    const many = Array.from({ length: 3_000 }, (_, _id) => ({ _id, a: _id % 10 }));
    await cell("slow", template`{ insertMany: ${many} }`);
    const slow = line(
      'slow [{ $limit: 600 }, { $lookup: { from: "slow", let: { x: "$a" }, as: "z", pipeline: [{ $match: { $expr: { $gt: [{ $add: ["$a", "$$x"] }, 1000] } } }] } }, { $count: "n" }]',
    );
    slow.catch(() => {});
    const db = await mongo(name);
    const running = async (): Promise<boolean> => {
      const { inprog } = (await db.client.db("admin").command({ currentOp: 1 })) as { inprog: { command?: object }[] };
      return inprog.some(({ command }) => command && "aggregate" in command);
    };
    while (!(await running()));
    process.kill(server.pid, "SIGKILL");
    await expect(slow).rejects.toThrow(/was lost|nothing listens there/);
    await server.restart();
    expect(await line("slow { countDocuments: {} }")).toBe(3_000);
  });
});

describe("TLS", () => {
  const secure = withServer("mongo", { tls: true });
  const url = (parameters: Record<string, string>): string =>
    databaseUrl(secure.url.replace(/\?.*/, ""), "shop", { connect_timeout: "1s", ...parameters });

  test("by an authority of one's own, or without the check", async () => {
    for (const parameters of [{ tls_ca: secure.ca! }, { tls: "require" }]) {
      await onMongo(url(parameters), async (session) => {
        expect(await (await session.connection()).ping(never)).toContain("MongoDB");
      });
    }
  });

  test("an authority that nobody knows, another name, TLS where there is none, and none where there is", async () => {
    expect((await failure(url({ tls: "verify" }))).message).toMatch(
      /of no authority that this machine knows.*\?tls_ca=FILE/,
    );
    expect((await failure(url({ tls_ca: secure.ca!, tls_server_name: "other.example" }))).message).toMatch(
      /is for another name.*tls_server_name/,
    );
    expect((await failure(databaseUrl(server.url, "shop", { tls: "require", connect_timeout: "1s" }))).message).toMatch(
      /speak no TLS there: write \?tls=off/,
    );
    expect((await failure(url({ tls: "off" }))).message).toMatch(/\?tls=verify/);
  });
});
