import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withServer } from "./servers.ts";

const postgres = withServer("postgres", { tls: true });
const mysql = withServer("mysql", { tls: true });
const redis = withServer("redis", { tls: true });
const mongo = withServer("mongo", { tls: true });

test("a server with TLS has a certificate for 127.0.0.1 that its authority vouches for", async () => {
  const { default: pg } = await import("pg");
  const { host, port, user, password } = postgres;
  const connect = async (ca: string | undefined): Promise<unknown> => {
    const client = new pg.Client({ host, port, user, password, database: "postgres", ssl: ca ? { ca } : {} });
    client.on("error", () => {});
    await client.connect();
    const { rows } = await client.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    await client.end();
    return rows;
  };
  expect(await connect(readFileSync(postgres.ca!, "utf8"))).toEqual([{ ssl: true }]);
  await expect(connect(undefined)).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
});

test("MariaDB", async () => {
  const { createConnection } = await import("mysql2/promise");
  const { host, port, user, password } = mysql;
  const connection = await createConnection({
    host,
    port,
    user,
    password,
    ssl: { ca: readFileSync(mysql.ca!, "utf8") },
  });
  const [rows] = await connection.query("show status like 'Ssl_cipher'");
  await connection.end();
  expect((rows as { Value: string }[])[0]!.Value).toMatch(/^TLS_/);
});

test("Redis, which then takes nothing without TLS", async () => {
  const { Redis } = await import("ioredis");
  const { host, port, password } = redis;
  const ca = readFileSync(redis.ca!, "utf8");
  const client = new Redis({ host, port, password, tls: { ca } });
  expect(await client.ping()).toBe("PONG");
  client.disconnect();
  const plain = new Redis({ host, port, password, retryStrategy: () => null, lazyConnect: true });
  plain.on("error", () => {});
  await expect(plain.connect()).rejects.toThrow("Connection is closed");
  plain.disconnect();
});

test("MongoDB's protocol", async () => {
  const { MongoClient } = await import("mongodb");
  const { host, port, user, password } = mongo;
  const client = new MongoClient(`mongodb://${user}:${password}@${host}:${port}/`, { tls: true, tlsCAFile: mongo.ca! });
  expect(await client.db("admin").command({ ping: 1 })).toMatchObject({ ok: 1 });
  await client.close();
});

test("the URL names the authority", () => {
  for (const { url, ca } of [postgres, mysql, redis, mongo]) {
    expect(new URL(url).searchParams.get("tls")).toBe("verify");
    expect(new URL(url).searchParams.get("tls_ca")).toBe(ca);
  }
});
