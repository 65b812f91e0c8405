import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isLoopback, listListening } from "../../magics/up/listening.ts";
import { type TestServer, withServer } from "./servers.ts";

/** Keeps a value in a server, and reads it. */
interface Store {
  write(server: TestServer, value: string): Promise<unknown>;
  read(server: TestServer): Promise<unknown>;
}

async function postgres(server: TestServer, text: string): Promise<unknown> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<{ value: unknown }>(text)).rows[0]?.value;
  } finally {
    await client.end();
  }
}

async function mysql(server: TestServer, text: string): Promise<unknown> {
  const { createConnection } = await import("mysql2/promise");
  const connection = await createConnection(server.url);
  try {
    const [rows] = await connection.query(text);
    return Array.isArray(rows) ? (rows[0] as { value: unknown }).value : undefined;
  } finally {
    await connection.end();
  }
}

async function redis(server: TestServer, ...command: [string, ...string[]]): Promise<unknown> {
  const { Redis, Cluster } = await import("ioredis");
  const { host, port, password } = server;
  const client = server.url.startsWith("redis+cluster:")
    ? new Cluster([{ host, port }], { redisOptions: { password } })
    : new Redis(server.url);
  try {
    return await client.call(...command);
  } finally {
    client.disconnect();
  }
}

async function mongo<T>(server: TestServer, work: (values: import("mongodb").Collection) => Promise<T>): Promise<T> {
  const { MongoClient } = await import("mongodb");
  const client = new MongoClient(server.url);
  try {
    return await work(client.db("test").collection("kept"));
  } finally {
    await client.close();
  }
}

const inRedis: Store = {
  write: (server, value) => redis(server, "SET", "kept", value),
  read: (server) => redis(server, "GET", "kept"),
};

const stores: Readonly<Record<string, Store>> = {
  postgres: {
    write: (server, value) => postgres(server, `create table kept as select '${value}' as value`),
    read: (server) => postgres(server, "select value from kept"),
  },
  mysql: {
    write: (server, value) => mysql(server, `create table kept as select '${value}' as value`),
    read: (server) => mysql(server, "select value from kept"),
  },
  redis: inRedis,
  "redis-cluster": inRedis,
  mongo: {
    write: (server, value) => mongo(server, (kept) => kept.insertOne({ value })),
    read: (server) => mongo(server, async (kept) => (await kept.findOne())?.["value"]),
  },
};

describe.each(Object.entries(stores))("%s", (recipe, { write, read }) => {
  const server = withServer(recipe);

  test("answers its URL, and listens on the loopback address only", async () => {
    const value = randomUUID();
    await write(server, value);
    expect(await read(server)).toBe(value);
    const sockets = listListening(server.pids)!;
    expect(sockets.map(({ port }) => port)).toContain(server.port);
    expect(sockets.filter((socket) => !isLoopback(socket))).toEqual([]);
  });

  test("keeps its data, URL and password over a restart", async () => {
    const { url, pid } = server;
    const value = await read(server);
    await server.restart();
    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(pid);
    expect(value).toBeDefined();
    expect(await read(server)).toBe(value);
  });
});
