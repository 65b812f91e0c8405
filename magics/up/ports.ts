import { once } from "node:events";
import { connect, createServer } from "node:net";
import { ServerFailure } from "./failure.ts";

/** The address of every server: other machines do not reach it. */
export const loopback = "127.0.0.1";

/** Says whether a port of 127.0.0.1 is free. */
export function isFree(port: number): Promise<boolean> {
  return listen(port).then(
    () => true,
    () => false,
  );
}

/** Rejects where nobody listens on a port of 127.0.0.1. */
export async function knock(port: number): Promise<void> {
  const socket = connect({ host: loopback, port });
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}

/** Finds free ports; the earlier ones again, where they are free, so that a server keeps its URL. */
export async function choosePorts(
  count: number,
  wanted: number | undefined,
  earlier: readonly number[],
  highest: number,
): Promise<readonly number[]> {
  if (wanted !== undefined && (wanted > highest || !(await isFree(wanted)))) {
    const why = wanted > highest ? `is above ${highest}, the highest that this server can have` : "is in use";
    throw new ServerFailure(`port ${wanted} ${why}: give another one to --port, or none and a free one is found`);
  }
  const ports: number[] = wanted === undefined ? [] : [wanted];
  for (const port of wanted === undefined ? earlier : []) {
    if (ports.length < count && (await isFree(port))) ports.push(port);
  }
  while (ports.length < count) {
    const port = highest < 65_535 ? 20_000 + Math.floor(Math.random() * 12_000) : await listen(0).catch(() => 0);
    if (port > 0 && !ports.includes(port) && (highest === 65_535 || (await isFree(port)))) ports.push(port);
  }
  return ports;
}

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}
