import { randomUUID } from "node:crypto";
import { inspect, types } from "node:util";
import {
  type Comm,
  type CommData,
  type CommHandler,
  type CommMessage,
  type CommOptions,
  type CommTargetHandler,
  type Comms,
  noteClosed,
} from "../../display/comm.ts";
import { markHandle } from "../../display/handle.ts";
import { read, toText } from "../../display/property.ts";
import type { FromRuntime, Publication, ToRuntime } from "./link.ts";

type Incoming = ToRuntime & { type: "comm" };

/** The comms of the runtime process, and the front end's messages to them. */
export interface RuntimeComms extends Comms {
  /** Gives a message of the front end to its handlers; rejects with what they throw. */
  take(message: Incoming): Promise<void>;
}

/** What the comms need of their process. */
export interface CommHost {
  send(message: FromRuntime): void;
  /** The id of the cell or comm message to which the code that is running now belongs. */
  parent(): string | undefined;
  /** Reports an error beside the one that `take` rejects with. */
  report(error: unknown): void;
}

interface LiveComm extends Comm {
  readonly handlers: Set<CommHandler>;
  readonly closers: Set<CommHandler>;
  markClosed(): void;
}

/** Creates a process's comms. */
export function createComms(host: CommHost): RuntimeComms {
  const open = new Map<string, LiveComm>();
  const targets = new Map<string, CommTargetHandler>();

  function publish(type: Publication["type"], content: CommData, metadata: CommData, buffers: Uint8Array[]): void {
    host.send({ type: "publish", cell: host.parent(), publication: { type, content, metadata, buffers } });
  }

  function create(id: string, target: string): LiveComm {
    let closed = false;
    const handlers = new Set<CommHandler>();
    const closers = new Set<CommHandler>();
    function say(type: "comm_msg" | "comm_close", data: CommData, { metadata = {}, buffers = [] }: CommOptions): void {
      // Everything that may be wrong is found before anything is sent.
      const content = { comm_id: id, data: toWire(data, "data") };
      publish(type, content, toWire(metadata, "metadata"), toBuffers(buffers));
    }
    const live: LiveComm = {
      id,
      target,
      handlers,
      closers,
      get closed() {
        return closed;
      },
      markClosed() {
        closed = true;
        open.delete(id);
        noteClosed(live);
      },
      send(data, options = {}) {
        if (!closed) say("comm_msg", data, options);
      },
      close(data = {}, options = {}) {
        if (closed) return;
        say("comm_close", data, options);
        live.markClosed();
      },
      onMessage: (handler) => addTo(handlers, handler),
      onClose: (handler) => addTo(closers, handler),
    };
    // In short: what it is built of says nothing to a person.
    Object.defineProperty(live, inspect.custom, { value: () => `Comm ${target} ${id}${closed ? " (closed)" : ""}` });
    open.set(id, live);
    return live;
  }

  /** Calls each handler, in order and at once; waits for all of them. */
  async function call(handlers: Iterable<CommHandler>, message: CommMessage): Promise<void> {
    const calls = Array.from(handlers, async (handler) => await handler(message));
    const failures = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
    const [first, ...more] = failures.map((failure) => (failure as PromiseRejectedResult).reason as unknown);
    for (const error of more) host.report(error);
    if (failures.length > 0) throw first;
  }

  async function takeOpen(id: string, target: string, message: CommMessage): Promise<void> {
    if (open.has(id)) throw alreadyOpen(id);
    const live = create(id, target);
    const handler = targets.get(target);
    if (!handler) {
      live.close();
      return;
    }
    try {
      await handler(live, message);
    } catch (error) {
      live.close();
      throw error;
    }
  }

  return {
    open(target, data = {}, { id = randomUUID().replaceAll("-", ""), metadata = {}, buffers = [] } = {}) {
      if (typeof target !== "string" || target === "") throw new TypeError("a comm needs the name of its target");
      if (typeof id !== "string" || id === "") throw new TypeError(`a comm's id must be a text, not ${inspect(id)}`);
      if (open.has(id)) throw alreadyOpen(id);
      const content = { comm_id: id, target_name: target, data: toWire(data, "data") };
      const rest = [toWire(metadata, "metadata"), toBuffers(buffers)] as const;
      const live = create(id, target);
      publish("comm_open", content, ...rest);
      return live;
    },
    registerTarget(target, handler) {
      if (typeof target !== "string" || target === "") throw new TypeError("a comm needs the name of its target");
      requireHandler(handler, `comm.registerTarget(${JSON.stringify(target)}, (it, { data }) => …)`);
      targets.set(target, handler);
      host.send({ type: "target", name: target, known: true });
      return markHandle(() => {
        if (targets.get(target) !== handler) return; // another cell has taken it over
        targets.delete(target);
        host.send({ type: "target", name: target, known: false });
      });
    },
    get: (id) => open.get(id),
    closeAll() {
      for (const live of open.values()) live.close();
    },
    async take({ kind, id, target, data, metadata, buffers }) {
      const message: CommMessage = { data, metadata, buffers };
      const live = open.get(id);
      if (kind === "comm_open") await takeOpen(id, target, message);
      else if (kind === "comm_msg") await call(live?.handlers ?? [], message);
      else if (live) {
        live.markClosed();
        await call(live.closers, message);
      }
    },
  };
}

function alreadyOpen(id: string): Error {
  return new Error(`a comm with the id ${id} is open already`);
}

function addTo(set: Set<CommHandler>, handler: CommHandler): () => void {
  requireHandler(handler, "it.onMessage(({ data }) => console.log(data))");
  set.add(handler);
  return markHandle(() => void set.delete(handler));
}

function requireHandler(handler: unknown, example: string): void {
  if (typeof handler === "function") return;
  throw new TypeError(`a handler is a function, as in ${example}; this is ${inspect(handler, { depth: 0 })}`);
}

/** Makes what JSON says of a value; throws a TypeError that names what cannot be said. */
function toWire(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new TypeError(`the ${name} of a comm message must be an object, such as { value: 1 }`);
  }
  try {
    return JSON.parse(JSON.stringify(value, refuseBytes)) as Record<string, unknown>;
  } catch (cause) {
    const message = read(cause, "message");
    const why = typeof message === "string" ? message : toText(cause);
    throw new TypeError(`the ${name} of a comm message cannot be sent as JSON: ${why}`, { cause });
  }
}

/** Bytes would become an object with a key for each. */
function refuseBytes(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const own = this[key]; // before toJSON, which a Buffer has
  if (!ArrayBuffer.isView(own) && !types.isAnyArrayBuffer(own)) return value;
  throw new TypeError(`"${key}" holds bytes, which go into the option \`buffers\``);
}

function toBuffers(buffers: unknown): Uint8Array[] {
  if (!Array.isArray(buffers)) {
    throw new TypeError(`buffers are a list, as in { buffers: [bytes] }, not ${inspect(buffers, { depth: 0 })}`);
  }
  return (buffers as ArrayBufferLike[]).map(toBytes);
}

function toBytes(buffer: ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (types.isAnyArrayBuffer(buffer)) return new Uint8Array(buffer);
  throw new TypeError("a buffer of a comm message must be an ArrayBuffer or a view of one, such as a Uint8Array");
}
