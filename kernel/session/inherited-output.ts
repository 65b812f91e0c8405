import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { type Socket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InheritedPlace } from "../runtime/link.ts";

/** Reads what processes and threads write that have a cell's stream for their own stdout or stderr. */
export interface InheritedOutput {
  /** Where the runtime connects; undefined on a system whose children cannot inherit a connection. */
  readonly place: InheritedPlace | undefined;
  /** Resolves when these connections are being read. */
  arrived(connections: readonly number[]): Promise<void>;
  close(): void;
}

// The runtime sends it before anything else: token, cell, stream and number of the connection, in one line.
const maxHello = 512;
// A connection is lost where this process has no descriptor left to accept it; the next outputs do not wait for it.
const acceptMs = 2_000;

/** Listens on a socket of its own for one runtime process; `read` reads each connection's text. */
export function listenToInherited(
  read: (socket: Socket, take: (text: string) => void) => void,
  output: (cell: string, name: "stdout" | "stderr", text: string) => void,
): InheritedOutput {
  if (process.platform === "win32") return { place: undefined, arrived: async () => {}, close() {} };
  const token = randomUUID();
  const name = `typhoon-${randomUUID()}`;
  // Linux has names outside the file system, which leave nothing behind; the token keeps strangers out.
  const path = process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name.slice(0, 20)}.sock`);
  const sockets = new Set<Socket>();
  const greeted = new Set<number>();
  const waiting = new Map<number, () => void>();
  function arrive(connection: number): Promise<void> {
    if (greeted.has(connection)) return Promise.resolve();
    return new Promise((resolve) => {
      const guard = setTimeout(resolve, acceptMs);
      waiting.set(connection, () => {
        clearTimeout(guard);
        resolve();
      });
    });
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    let take: ((text: string) => void) | undefined;
    let hello = "";
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    read(socket.setEncoding("utf8"), (chunk) => {
      if (take) {
        take(chunk);
        return;
      }
      hello += chunk;
      const end = hello.indexOf("\n");
      const [given, cell, stream, number] = hello.slice(0, Math.max(end, 0)).split(" ");
      if ((end < 0 && hello.length > maxHello) || (end >= 0 && given !== token)) socket.destroy();
      if (end < 0 || given !== token || cell === undefined) return;
      take = (text) => output(cell, stream === "stderr" ? "stderr" : "stdout", text);
      if (end + 1 < hello.length) take(hello.slice(end + 1));
      greeted.add(Number(number));
      waiting.get(Number(number))?.();
    });
  });
  server.on("error", () => {}); // the runtime's connection fails, and it does without
  server.listen(path);

  return {
    place: { path, token },
    async arrived(connections) {
      await Promise.all(connections.map(arrive));
      for (const connection of connections) {
        greeted.delete(connection);
        waiting.delete(connection);
      }
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (process.platform !== "linux") rmSync(path, { force: true });
    },
  };
}
