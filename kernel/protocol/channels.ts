import { isUtf8 } from "node:buffer";
import { rm } from "node:fs/promises";
import type * as ZeroMQ from "zeromq";
import type { ConnectionFile } from "./connection-file.ts";
import { channelNames, endpoint, withAddress } from "./connection-file.ts";
import type { Contents, MessageType } from "./contents.ts";
import { createIopubQueue, iopubOptions } from "./iopub-queue.ts";
import { type Codec, type Frames, type Header, type Incoming, type Message, createCodec } from "./message.ts";

/** The channels on which a client asks and is answered. */
export type RequestChannel = "shell" | "control" | "stdin";

/** The kernel's side of its five sockets. */
export interface Channels extends AsyncDisposable {
  /** Yields each good message; a forged or malformed one is logged and dropped. Ends when the channels are closed. */
  requests(channel: RequestChannel): AsyncIterable<Incoming>;
  send(channel: RequestChannel, message: Message, identities: readonly Uint8Array[]): void;
  publish<T extends MessageType>(
    type: T,
    content: Contents[T],
    parent: Partial<Header> | undefined,
    metadata?: Record<string, unknown>,
    buffers?: readonly Uint8Array[],
  ): void;
  readonly codec: Codec;
  readonly ports: ConnectionFile["ports"];
  /** Resolves when a first client has subscribed to iopub: what is published before that reaches nobody. */
  readonly subscribed: Promise<void>;
  /** Undefined while iopub takes more, or else what whoever makes output waits for before publishing more of it. */
  room(): Promise<void> | undefined;
  /** Resolves when everything given to `send` and `publish` so far was handed to ZeroMQ. */
  flushed(): Promise<void>;
}

const lingerMs = 1_000;
const routerOptions = {
  linger: lingerMs,
  // A client that comes back under its old identity takes its connection over.
  handover: true,
  // No limit on replies, which ZeroMQ would drop: a client that does not read them soon has no more requests to answer.
  sendHighWaterMark: 0,
} as const;

/** Binds the five sockets. `log` gets one line for each message that is dropped. */
export async function bindChannels(file: ConnectionFile, log: (line: string) => void): Promise<Channels> {
  const [zmq, connection] = await Promise.all([import("zeromq"), withAddress(file)]);
  if (connection.curve && !zmq.capability.curve) {
    throw new Error("this build of ZeroMQ has no Curve: start the kernel without transport encryption");
  }
  const codec = createCodec(connection.key, connection.hash);
  const common = { ipv6: connection.ip.includes(":"), ...curveOptions(connection) };
  const router = { ...common, ...routerOptions };
  const sockets = {
    shell: new zmq.Router(router),
    control: new zmq.Router(router),
    stdin: new zmq.Router(router),
    iopub: new zmq.XPublisher({ ...common, linger: lingerMs, verbosity: "allSubs", ...iopubOptions }),
    hb: new zmq.Router({ ...router, linger: 0 }),
  };
  const senders = {
    shell: createSender(sockets.shell, log),
    control: createSender(sockets.control, log),
    stdin: createSender(sockets.stdin, log),
  };
  const iopub = createIopubQueue(sockets.iopub, log);
  const subscribed = Promise.withResolvers<void>();
  await Promise.all(channelNames.map((name) => bind(sockets[name], endpoint(connection, name))));
  const echo = createSender(sockets.hb, log);
  void receive(sockets.hb, (frames) => echo(frames));
  void receive(sockets.iopub, ([subscription]) => welcome(subscription));

  let isSilent = true;
  const publish: Channels["publish"] = (type, content, parent, metadata, buffers) => {
    isSilent = false;
    iopub.add(codec.encode(codec.message(type, content, parent, metadata, buffers), [topic(type)]));
  };

  // JEP 65: a subscriber learns by this message that nothing published from now on will pass it by.
  function welcome(frame: Uint8Array | undefined): void {
    if (frame?.[0] === 1) subscribed.resolve();
    // A subscription that is no UTF-8 is not welcomed.
    if (frame?.[0] !== 1 || !isUtf8(frame)) return;
    const subscription = Buffer.from(frame.subarray(1)).toString();
    iopub.add(codec.encode(codec.message("iopub_welcome", { subscription }, {}), [frame.subarray(1)]));
    // Not before: a client that subscribes just then would get it ahead of its welcome.
    if (isSilent) publish("status", { execution_state: "starting" }, {});
  }

  async function flushed(): Promise<void> {
    await Promise.all([iopub.flushed(), ...Object.values(senders).map((sender) => sender([]))]);
  }

  return {
    codec,
    ports: connection.ports,
    async *requests(channel) {
      for await (const frames of sockets[channel]) {
        try {
          yield codec.decode(frames);
        } catch (error) {
          log(`dropped a message on ${channel}: ${String(error)}`);
        }
      }
    },
    send: (channel, message, identities) => void senders[channel](codec.encode(message, identities)),
    publish,
    subscribed: subscribed.promise,
    room: () => iopub.room(),
    flushed,
    async [Symbol.asyncDispose]() {
      await flushed();
      for (const socket of Object.values(sockets)) socket.close();
      await removeSocketFiles(connection);
    },
  };
}

/** Options that make a socket encrypt, as the server that the connection file's keys belong to. */
function curveOptions({ curve }: ConnectionFile): { curveServer?: boolean; curveSecretKey?: string } {
  return curve ? { curveServer: true, curveSecretKey: curve.secretKey } : {};
}

async function bind(socket: ZeroMQ.Socket, address: string): Promise<void> {
  try {
    await socket.bind(address);
  } catch (cause) {
    throw new Error(`cannot listen on ${address}: ${(cause as Error).message}`, { cause });
  }
}

/** ZeroMQ removes the files of ipc in its own time, which the end of the process cuts short. */
async function removeSocketFiles(connection: ConnectionFile): Promise<void> {
  if (connection.transport !== "ipc") return;
  const files = channelNames.map((name) => endpoint(connection, name).slice("ipc://".length));
  await Promise.all(files.map((file) => rm(file, { force: true })));
}

function topic(type: MessageType): string {
  return `kernel.typhoon.${type}`;
}

/** Receives until the socket is closed. */
async function receive(socket: AsyncIterable<Buffer[]>, take: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) take(frames);
}

/** ZeroMQ for Node allows one send at a time on a socket, so each socket has one queue; no frames means a mere wait. */
function createSender(
  socket: ZeroMQ.Writable<ZeroMQ.MessageLike[]>,
  log: (line: string) => void,
): (frames: Frames) => Promise<void> {
  let tail: Promise<void> = Promise.resolve();
  return (frames) => {
    if (frames.length > 0) {
      tail = tail
        .then(() => socket.send([...frames]))
        .catch((error: unknown) => log(`could not send a message: ${String(error)}`));
    }
    return tail;
  };
}
