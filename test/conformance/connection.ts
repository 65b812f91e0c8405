import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const names = ["shell", "iopub", "stdin", "control", "hb"] as const;

/** Where a kernel listens, and how its messages are signed and encrypted. */
export interface Connection {
  readonly transport: "tcp" | "ipc";
  readonly ip: string;
  readonly ports: Readonly<Record<(typeof names)[number], number>>;
  readonly key: string;
  readonly curveServerKey?: string;
}

/** What may differ from an ordinary connection file. */
export interface ConnectionOptions {
  readonly transport?: "tcp" | "ipc";
  readonly key?: string;
  readonly curve?: { readonly publicKey: string; readonly secretKey: string };
}

/** Writes a connection file into `folder`, with free ports, and returns what it says and its path. */
export async function writeConnectionFile(
  folder: string,
  { transport = "tcp", key = randomUUID(), curve }: ConnectionOptions,
): Promise<{ connection: Connection; path: string }> {
  const ip = transport === "tcp" ? "127.0.0.1" : join(folder, "socket");
  const numbers = transport === "tcp" ? await freePorts(names.length) : names.map((_, i) => i + 1);
  const ports = Object.fromEntries(names.map((name, i) => [name, numbers[i]])) as Connection["ports"];
  const path = join(folder, "connection.json");
  const fields = {
    ...Object.fromEntries(names.map((name) => [`${name}_port`, ports[name]])),
    transport,
    ip,
    key,
    signature_scheme: "hmac-sha256",
    kernel_name: "",
    ...(curve && { curve_publickey: curve.publicKey, curve_secretkey: curve.secretKey }),
  };
  writeFileSync(path, JSON.stringify(fields), { mode: 0o600 });
  return { connection: { transport, ip, ports, key, ...(curve && { curveServerKey: curve.publicKey }) }, path };
}

/** Formats the ZeroMQ address of a channel. */
export function address({ transport, ip, ports }: Connection, channel: (typeof names)[number]): string {
  return transport === "tcp" ? `tcp://${ip}:${ports[channel]}` : `ipc://${ip}-${ports[channel]}`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
