import fs from "node:fs";
import { type Socket, connect } from "node:net";
import { type Pipe, openPipe } from "../../magics/pipe.ts";
import type { StreamName } from "../protocol/contents.ts";
import type { RunningCell } from "./interrupts.ts";
import type { InheritedPlace } from "./link.ts";
import { send } from "./wire.ts";

/** A cell's stream as a file descriptor, which a child process can have for its stdout or stderr. */
export interface InheritedStream {
  readonly fd: number;
  /** Names the connection in a fence. */
  readonly id: number;
  /** Closes this process's own end. */
  close(): void;
}

const { closeSync, readSync, writeSync } = fs; // before anybody replaces them
let place: InheritedPlace | undefined;
let lastId = 0;

/** Says where the kernel process listens. */
export function setInheritedPlace(given: InheritedPlace): void {
  place = given;
}

let own: { readonly stdout: number; readonly stderr: number } | undefined;

/** In a worker: children have the worker's own connections, since only the main thread speaks to the kernel process. */
export function inheritAs(descriptors: { readonly stdout: number; readonly stderr: number }): void {
  own = descriptors;
}

/** Makes what was written to connections before now come before what this process prints from now on. */
export function fence(streams: readonly InheritedStream[]): void {
  if (!own) send({ type: "fence", connections: streams.map(({ id }) => id) });
}

/** Opens a cell's stream; undefined where the system or the moment has none. Returns at once: nothing is awaited. */
export function openInherited(cell: RunningCell, name: StreamName): InheritedStream | undefined {
  if (own) return { fd: own[name], id: 0, close() {} };
  if (!place) return undefined;
  // A connection to a local socket is made, or has failed, when `connect` returns.
  const socket = connect({ path: place.path });
  socket.on("error", () => {});
  socket.unref();
  const fd = descriptorOf(socket);
  const id = (lastId += 1);
  const pipe = place.readsPipes ? openPipe() : undefined;
  try {
    if (fd < 0) throw new Error("no descriptor");
    writeSync(fd, `${place.token} ${id}${pipe ? ` ${pipe.read}` : ""}\n`);
  } catch {
    socket.destroy();
    for (const end of Object.values(pipe ?? {})) closeSync(end);
    return undefined;
  }
  send({ type: "connection", id, cell: cell.id, name });
  return pipe ? handOver(pipe, socket, id) : { fd, id, close: () => void socket.destroy() };
}

/** Pipes that are held open until the kernel process has opened them; it closes the socket then. */
const handedOver = new Map<Socket, () => void>();
let watching = false;
const exitMs = 500;

function handOver(pipe: Pipe, socket: Socket, id: number): InheritedStream {
  if (!watching) process.once("exit", untilTaken);
  watching = true;
  closeTaken();
  handedOver.set(socket, () => {
    if (handedOver.delete(socket)) closeSync(pipe.read);
  });
  socket.once("close", () => handedOver.get(socket)?.());
  socket.resume();
  let open = true;
  return {
    fd: pipe.write,
    id,
    close() {
      if (open) closeSync(pipe.write);
      open = false;
    },
  };
}

/** Closes what the kernel process has opened meanwhile, also while the loop does not turn. */
function closeTaken(): void {
  for (const [socket, close] of handedOver) {
    if (!isClosed(socket)) continue;
    close();
    socket.destroy();
  }
}

/** The kernel process opens them by way of this one, so this one must not be gone before. */
function untilTaken(): void {
  const end = performance.now() + exitMs;
  for (closeTaken(); handedOver.size > 0 && performance.now() < end; closeTaken()) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

function isClosed(socket: Socket): boolean {
  try {
    return readSync(descriptorOf(socket), Buffer.alloc(1)) === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EAGAIN";
  }
}

/** Node tells a socket's descriptor to those only who know its handle. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd?: number } | null };
  return handle?.fd ?? -1;
}
