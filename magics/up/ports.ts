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

/** What a server's ports must be. */
export interface PortNeeds {
  readonly count: number;
  /** It also listens on each port plus this. */
  readonly offset?: number | undefined;
}

/** Finds free ports; the earlier ones again, where they are free, so that a server keeps its URL. */
export async function choosePorts(
  { count, offset = 0 }: PortNeeds,
  wanted: number | undefined,
  earlier: readonly number[],
): Promise<readonly number[]> {
  const highest = 65_535 - offset;
  const fits = async (port: number): Promise<boolean> =>
    (await isFree(port)) && (offset === 0 || (await isFree(port + offset)));
  if (wanted !== undefined && (wanted > highest || !(await fits(wanted)))) {
    const why = wanted > highest ? `is above ${highest}, the highest that this server can have` : "is in use";
    throw new ServerFailure(`port ${wanted} ${why}: give another one to --port, or none and a free one is found`);
  }
  const ports: number[] = wanted === undefined ? [] : [wanted];
  // Those of before belong together.
  for (const port of wanted === undefined || wanted === earlier[0] ? earlier : []) {
    if (ports.length < count && !ports.includes(port) && (await fits(port))) ports.push(port);
  }
  while (ports.length < count) {
    const port = offset > 0 ? drawPort() : await listen(0).catch(() => 0);
    if (port > 0 && !ports.includes(port) && (await fits(port))) ports.push(port);
  }
  return ports;
}

/** A port which, with an offset of 10,000 as well, is none that systems give to outgoing connections (from 32,768 on). */
function drawPort(): number {
  return 20_000 + Math.floor(Math.random() * 2_700);
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
