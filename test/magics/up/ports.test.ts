import { createServer } from "node:net";
import { expect, test } from "vitest";
import { isLoopback, listListening } from "../../../magics/up/listening.ts";
import { choosePorts, isFree } from "../../../magics/up/ports.ts";

async function listen(host: string, port = 0): Promise<{ readonly port: number; close(): void }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, host, done));
  return { port: (server.address() as { port: number }).port, close: () => void server.close() };
}

test("a port that is in use is refused, and an earlier one is taken again only where it is free", async () => {
  const used = await listen("127.0.0.1");
  try {
    await expect(choosePorts({ count: 1 }, used.port, [])).rejects.toThrow(
      `port ${used.port} is in use: give another one`,
    );
    const [free] = await choosePorts({ count: 1 }, undefined, [used.port]);
    expect(free).not.toBe(used.port);
    expect(await choosePorts({ count: 1 }, undefined, [used.port, free!])).toEqual([free]);
  } finally {
    used.close();
  }
});

test("several ports are different, and below the highest that a server can have", async () => {
  const ports = await choosePorts({ count: 3, offset: 10_000 }, undefined, []);
  expect(new Set(ports).size).toBe(3);
  expect(ports.filter((port) => port > 55_535)).toEqual([]);
  await expect(choosePorts({ count: 3, offset: 10_000 }, 60_000, [])).rejects.toThrow("above 55535");
  expect(await Promise.all(ports.map(isFree))).toEqual([true, true, true]);
});

test.runIf(process.platform === "linux")(
  "the sockets of a process are seen with the address that they listen on",
  async () => {
    const local = await listen("127.0.0.1");
    const open = await listen("0.0.0.0");
    const six = await listen("::1");
    try {
      const found = listListening([process.pid])!;
      const of = ({ port }: { port: number }): unknown => found.find((socket) => socket.port === port);
      expect(of(local)).toEqual({ address: "127.0.0.1", port: local.port });
      expect(of(six)).toEqual({ address: "::1", port: six.port });
      expect(found.filter((socket) => !isLoopback(socket))).toContainEqual({ address: "0.0.0.0", port: open.port });
    } finally {
      local.close();
      open.close();
      six.close();
    }
  },
);

test("ports that belong together are found again, and none is another's second one", async () => {
  const needs = { count: 3, offset: 10_000 };
  const ports = await choosePorts(needs, undefined, []);
  expect(await choosePorts(needs, ports[0], ports)).toEqual(ports);
  const used = await listen("127.0.0.1", ports[1]! + 10_000);
  try {
    const others = await choosePorts(needs, ports[0], ports);
    expect([others.length, others.includes(used.port - 10_000)]).toEqual([3, false]);
  } finally {
    used.close();
  }
});
