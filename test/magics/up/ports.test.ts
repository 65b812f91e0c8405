import { createServer } from "node:net";
import { expect, test } from "vitest";
import { isLoopback, listListening } from "../../../magics/up/listening.ts";
import { choosePorts, isFree } from "../../../magics/up/ports.ts";

async function listen(host: string): Promise<{ readonly port: number; close(): void }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, host, done));
  return { port: (server.address() as { port: number }).port, close: () => void server.close() };
}

test("a port that is in use is refused, and an earlier one is taken again only where it is free", async () => {
  const used = await listen("127.0.0.1");
  try {
    await expect(choosePorts(1, used.port, [], 65_535)).rejects.toThrow(
      `port ${used.port} is in use: give another one`,
    );
    const [free] = await choosePorts(1, undefined, [used.port], 65_535);
    expect(free).not.toBe(used.port);
    expect(await choosePorts(1, undefined, [used.port, free!], 65_535)).toEqual([free]);
  } finally {
    used.close();
  }
});

test("several ports are different, and below the highest that a server can have", async () => {
  const ports = await choosePorts(3, undefined, [], 55_535);
  expect(new Set(ports).size).toBe(3);
  expect(ports.filter((port) => port > 55_535)).toEqual([]);
  await expect(choosePorts(3, 60_000, [], 55_535)).rejects.toThrow("above 55535");
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
