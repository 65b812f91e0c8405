import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isLoopback, listListening } from "../../magics/up/listening.ts";
import { withServer } from "./servers.ts";

describe("postgres", () => {
  const server = withServer("postgres");

  async function query(text: string): Promise<unknown[]> {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query(text)).rows as unknown[];
    } finally {
      await client.end();
    }
  }

  test("answers its URL, and listens on the loopback address only", async () => {
    expect(await query("select current_user::text as user")).toEqual([{ user: "typhoon" }]);
    const sockets = listListening([server.pid])!;
    expect(sockets.map(({ port }) => port)).toEqual([server.port]);
    expect(sockets.every(isLoopback)).toBe(true);
  });

  test("keeps its data, URL and password over a restart", async () => {
    const value = randomUUID();
    await query(`create table kept as select '${value}' as value`);
    const before = { url: server.url, pid: server.pid };
    await server.restart();
    expect(server.url).toBe(before.url);
    expect(server.pid).not.toBe(before.pid);
    expect(await query("select value from kept")).toEqual([{ value }]);
  });
});
