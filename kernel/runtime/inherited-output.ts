import { writeSync as write } from "node:fs";
import { type Socket, connect } from "node:net";
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

const writeSync = write; // before anybody replaces it
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
  try {
    if (fd < 0) throw new Error("no descriptor");
    writeSync(fd, `${place.token} ${id}\n`);
  } catch {
    socket.destroy();
    return undefined;
  }
  send({ type: "connection", id, cell: cell.id, name });
  return { fd, id, close: () => void socket.destroy() };
}

/** Node tells a socket's descriptor to those only who know its handle. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd?: number } | null };
  return handle?.fd ?? -1;
}
