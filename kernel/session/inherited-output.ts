import { randomUUID } from "node:crypto";
import { constants, openSync, readdirSync, rmSync } from "node:fs";
import { Socket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InheritedPlace } from "../runtime/link.ts";

/** Reads what processes and threads write that have a cell's stream for their own stdout or stderr. */
export interface InheritedOutput {
  /** Where the runtime connects; undefined on a system whose children cannot inherit a connection. */
  readonly place: InheritedPlace | undefined;
  /** Reads a connection, now that all that the runtime has printed before is published. */
  begin(connection: number, take: (text: string) => void): void;
  /** Resolves when these connections are being read. */
  begun(connections: readonly number[]): Promise<void>;
  close(): void;
}

// The runtime sends its token, the connection's number and the pipe that is to be read instead, if any, in one line, before
// anything else.
const maxHello = 256;
// A connection is late where this process has no descriptor left to accept it; the next outputs do not wait for it.
const acceptMs = 2_000;
const newline = 10;

/** Listens on a socket of its own for the runtime process `pid`; `read` reads a connection's text. */
export function listenToInherited(
  read: (socket: Socket, take: (text: string) => void) => void,
  pid?: number,
): InheritedOutput {
  if (process.platform === "win32") return { place: undefined, begin() {}, begun: async () => {}, close() {} };
  const token = randomUUID();
  const name = `typhoon-${randomUUID()}`;
  // Linux has names outside the file system, which leave nothing behind; the token keeps strangers out.
  const path = process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name.slice(0, 20)}.sock`);
  const sockets = new Set<Socket>();
  /** Connections that have not begun yet, by what the sockets said. */
  const greeted = new Map<number, Socket>();
  /** Connections that wait for their socket. */
  const awaited = new Map<number, { readonly take: (text: string) => void; readonly begun: () => void }>();
  const begun = new Map<number, Promise<void>>();

  function meet(connection: number): void {
    const socket = greeted.get(connection);
    const waiting = awaited.get(connection);
    if (!socket || !waiting) return;
    greeted.delete(connection);
    awaited.delete(connection);
    waiting.begun();
    read(socket.setEncoding("utf8"), waiting.take);
    socket.resume();
  }

  function add(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  }

  const server = createServer((socket) => {
    add(socket);
    let hello = Buffer.alloc(0);
    socket.on("data", function takeHello(chunk: Buffer) {
      hello = Buffer.concat([hello, chunk]);
      const end = hello.indexOf(newline);
      if (end < 0 && hello.length < maxHello) return;
      const [given, connection, pipe] = hello.toString("latin1", 0, Math.max(end, 0)).split(" ");
      if (given !== token) {
        socket.destroy();
        return;
      }
      socket.off("data", takeHello);
      socket.pause();
      if (hello.length > end + 1) socket.unshift(hello.subarray(end + 1));
      const source = pipe === undefined ? socket : openPipe(pid!, Number(pipe));
      if (source !== socket) socket.destroy(); // which tells that the pipe is open here
      if (!source) return;
      if (source !== socket) add(source);
      greeted.set(Number(connection), source);
      meet(Number(connection));
    });
  });
  server.on("error", () => {}); // the runtime's connection fails, and it does without
  server.listen(path);

  return {
    place: { path, token, readsPipes: canReadPipes(pid) },
    begin(connection, take) {
      const { promise, resolve } = Promise.withResolvers<void>();
      // What was given up is read as soon as it comes, or its writer would block.
      const finish = (): void => {
        clearTimeout(guard);
        begun.delete(connection);
        resolve();
      };
      const guard = setTimeout(finish, acceptMs);
      awaited.set(connection, { take, begun: finish });
      begun.set(connection, promise);
      meet(connection);
    },
    async begun(connections) {
      await Promise.all(connections.map((connection) => begun.get(connection) ?? Promise.resolve()));
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      for (const { begun: finish } of awaited.values()) finish();
      if (process.platform !== "linux") rmSync(path, { force: true });
    },
  };
}

/** Whether the system lets this process open what another one has open. */
function canReadPipes(pid: number | undefined): boolean {
  if (process.platform !== "linux" || pid === undefined) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).length > 0;
  } catch {
    return false;
  }
}

/** Opens the reading end of another process's pipe; undefined where that process has ended. */
function openPipe(pid: number, fd: number): Socket | undefined {
  try {
    const own = openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd: own, readable: true, writable: false });
  } catch {
    return undefined;
  }
}
