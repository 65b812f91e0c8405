import { createHmac, randomUUID } from "node:crypto";
import type * as ZeroMQ from "zeromq";
import { type Connection, address } from "./connection.ts";
import { Violation, isDict } from "./rule.ts";

/** The channels that carry messages. */
export type Channel = "shell" | "control" | "stdin" | "iopub";

/** A message's header as it was received or sent. */
export type Header = Readonly<Record<string, unknown>> & { readonly msg_id: string; readonly msg_type: string };

/** A message as it came over a socket, with nothing about it taken for granted. */
export interface Wire {
  readonly channel: Channel;
  /** Frames before the delimiter. */
  readonly prefix: readonly Buffer[];
  readonly signature: string;
  /** The signature that the kernel's key gives. */
  readonly expectedSignature: string;
  readonly header: Header;
  readonly parent: Readonly<Record<string, unknown>>;
  readonly metadata: unknown;
  readonly content: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Buffer[];
}

/** What may differ from an ordinary request. */
export interface SendOptions {
  readonly channel?: "shell" | "control" | "stdin";
  readonly header?: Readonly<Record<string, unknown>>;
  readonly parent?: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Uint8Array[];
  /** Replaces the signature. */
  readonly signature?: string;
  /** How long to wait for the reply. */
  readonly limitMs?: number;
}

/** A request that was sent and what has come of it so far. */
export interface Request {
  readonly header: Header;
  /** What the kernel has published with this request as parent. */
  published(type?: string): Wire[];
  /** The reply. */
  reply(limitMs?: number): Promise<Wire>;
  /** The first published message of a type that fits. */
  sees(type: string, fits?: (content: Wire["content"]) => boolean, limitMs?: number): Promise<Wire>;
  /** The status idle. */
  idle(limitMs?: number): Promise<Wire>;
}

/** One front end of a kernel: its sockets, and everything that came over them. */
export interface Client {
  /** Everything received, in order of arrival. */
  readonly messages: readonly Wire[];
  /** Frames that are no message of the protocol. */
  readonly malformed: readonly string[];
  readonly session: string;
  send(type: string, content: object, options?: SendOptions): Request;
  /** Sends a request and waits for its reply and, where it comes, for idle. */
  ask(type: string, content: object, options?: SendOptions): Promise<Request & { readonly answer: Wire }>;
  sendFrames(channel: "shell" | "control", frames: readonly (Uint8Array | string)[]): Promise<void>;
  /** The first message, also of those received before, that fits. */
  wait(what: string, fits: (message: Wire) => boolean, limitMs?: number): Promise<Wire>;
  subscribe(topic: Uint8Array): void;
  /** Sends bytes on the heartbeat and returns what came back. */
  echo(bytes: string, limitMs?: number): Promise<string>;
  close(): void;
}

/** Time within which whatever a rule waits for has to come; long enough for a busy machine. */
export const limitMs = 10_000;
/** For what a kernel may load a library first: ipykernel's first completion takes seconds. */
export const slowMs = 60_000;
// Some kernels lose an idle now and then; only the rules about idle shall fail for it.
const idleGraceMs = 1_500;
const delimiter = Buffer.from("<IDS|MSG>");

/** Connects a front end; `topic` is what it subscribes to on iopub. */
export async function connectClient(connection: Connection, topic: Uint8Array = Buffer.alloc(0)): Promise<Client> {
  const zmq = await import("zeromq");
  const session = randomUUID();
  const options = { linger: 0, reconnectInterval: 5, ...curve(zmq, connection) };
  const dealer = { ...options, routingId: session };
  const sockets = {
    shell: new zmq.Dealer(dealer),
    control: new zmq.Dealer(dealer),
    stdin: new zmq.Dealer(dealer),
    iopub: new zmq.Subscriber({ ...options, receiveHighWaterMark: 0 }),
    hb: new zmq.Request(options),
  };
  sockets.iopub.subscribe(Buffer.from(topic));
  for (const [name, socket] of Object.entries(sockets)) socket.connect(address(connection, name as Channel | "hb"));

  const messages: Wire[] = [];
  const malformed: string[] = [];
  const waiters = new Set<(message: Wire) => void>();
  let closed = false;

  async function receive(channel: Channel): Promise<void> {
    for await (const frames of sockets[channel]) {
      const message = parse(channel, frames, connection.key);
      if (typeof message === "string") {
        malformed.push(message);
        continue;
      }
      messages.push(message);
      for (const take of waiters) take(message);
    }
  }
  for (const channel of ["shell", "control", "stdin", "iopub"] as const) {
    receive(channel).catch((error: unknown) => {
      if (!closed) malformed.push(String(error));
    });
  }

  function wait(what: string, fits: (message: Wire) => boolean, limit: number = limitMs): Promise<Wire> {
    const past = messages.find(fits);
    if (past) return Promise.resolve(past);
    return new Promise((done, fail) => {
      const settle = (): void => {
        clearTimeout(timer);
        waiters.delete(take);
      };
      const timer = setTimeout(() => {
        settle();
        fail(new Violation(`no ${what} within ${limit / 1_000} s`));
      }, limit);
      const take = (message: Wire): void => {
        if (!fits(message)) return;
        settle();
        done(message);
      };
      waiters.add(take);
    });
  }

  const tails = { shell: Promise.resolve(), control: Promise.resolve(), stdin: Promise.resolve() };
  function sendFrames(channel: "shell" | "control" | "stdin", frames: readonly (Uint8Array | string)[]): Promise<void> {
    tails[channel] = tails[channel].then(() => sockets[channel].send([...frames]));
    return tails[channel];
  }

  function send(type: string, content: object, given: SendOptions = {}): Request {
    const { channel = "shell", parent = {}, buffers = [] } = given;
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session,
      username: "conformance",
      date: new Date().toISOString(),
      version: "5.5",
      ...given.header,
    };
    const parts = [header, parent, {}, content].map((part) => JSON.stringify(part));
    const signature = given.signature ?? sign(connection.key, parts);
    void sendFrames(channel, [delimiter, signature, ...parts, ...buffers]);
    const mine = (message: Wire): boolean => message.parent["msg_id"] === header.msg_id;
    const sees: Request["sees"] = (kind, fits = () => true, limit = limitMs) =>
      wait(
        kind,
        (message) =>
          message.channel === "iopub" && message.header.msg_type === kind && mine(message) && fits(message.content),
        limit,
      );
    return {
      header,
      sees,
      published: (kind) =>
        messages.filter(
          (message) =>
            message.channel === "iopub" && mine(message) && (kind === undefined || message.header.msg_type === kind),
        ),
      reply: (limit = limitMs) =>
        wait(`reply to ${type}`, (message) => message.channel === channel && mine(message), limit),
      idle: (limit = limitMs) => sees("status", (state) => state["execution_state"] === "idle", limit),
    };
  }

  return {
    messages,
    malformed,
    session,
    send,
    async ask(type, content, given) {
      const request = send(type, content, given);
      const answer = await request.reply(given?.limitMs);
      await request.idle(idleGraceMs).catch(() => {});
      return { ...request, answer };
    },
    sendFrames,
    wait,
    subscribe: (more) => sockets.iopub.subscribe(Buffer.from(more)),
    async echo(bytes, limit = limitMs) {
      sockets.hb.receiveTimeout = limit;
      await sockets.hb.send(bytes);
      const [reply] = await sockets.hb.receive().catch(() => {
        throw new Violation(`no echo of the heartbeat within ${limit / 1_000} s`);
      });
      return String(reply);
    },
    close() {
      closed = true;
      for (const socket of Object.values(sockets)) socket.close();
    },
  };
}

function sign(key: string, parts: readonly (string | Buffer)[]): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** Reads the frames of a message; a string says what is wrong with them. */
function parse(channel: Channel, frames: readonly Buffer[], key: string): Wire | string {
  const at = frames.findIndex((frame) => delimiter.equals(frame));
  if (at < 0) return `${channel}: no <IDS|MSG> delimiter`;
  const parts = frames.slice(at + 2, at + 6);
  if (parts.length < 4) return `${channel}: fewer than four frames after the signature`;
  try {
    const [header, parent, metadata, content] = parts.map((part) => JSON.parse(String(part)) as unknown);
    if (!isDict(header) || !isDict(content)) return `${channel}: header or content is no dict`;
    return {
      channel,
      prefix: frames.slice(0, at),
      signature: String(frames[at + 1]),
      expectedSignature: sign(key, parts),
      header: header as Header,
      parent: isDict(parent) ? parent : { "": parent },
      metadata,
      content,
      buffers: frames.slice(at + 6),
    };
  } catch {
    return `${channel}: a frame is no JSON`;
  }
}

function curve(zmq: typeof ZeroMQ, { curveServerKey }: Connection): object {
  if (curveServerKey === undefined) return {};
  const pair = zmq.curveKeyPair();
  return { curveServerKey, curvePublicKey: pair.publicKey, curveSecretKey: pair.secretKey };
}
