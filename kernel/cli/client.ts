import { type ChildProcess, spawn } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConnectionFile,
  channelNames,
  endpoint,
  parseConnectionFile,
  withAddress,
} from "../protocol/connection-file.ts";
import type { Contents, ReplyType, RequestType } from "../protocol/contents.ts";
import { type Incoming, createCodec } from "../protocol/message.ts";

/** A message of the kernel to its client. */
export type Received = Omit<Incoming, "identities">;

/** What came of a request: its reply, and what was published under it until the kernel was idle again. */
export interface Answer<T extends RequestType> {
  readonly reply: Contents[ReplyType<T>] & { readonly status?: string };
  /** The reply as it came, with its headers. */
  readonly message: Received;
  readonly published: readonly Received[];
}

/** A request under way. */
export interface Sent<T extends RequestType> {
  readonly id: string;
  readonly answer: Promise<Answer<T>>;
}

/** How a request is sent. */
export interface RequestOptions {
  readonly channel?: "shell" | "control";
  /** Called for each message published under the request, as it comes. */
  readonly onPublished?: (message: Received) => void;
  /** False settles the request with its reply, whatever is published later. */
  readonly untilIdle?: boolean;
  /** The subshell that is to answer; the main shell unless given. */
  readonly subshell?: string | undefined;
  readonly metadata?: Record<string, unknown>;
  readonly buffers?: readonly Uint8Array[];
}

/** A message type of comms, which has no reply. */
export type CommType = "comm_open" | "comm_msg" | "comm_close";

/** A client of a running kernel. */
export interface Client {
  send<T extends RequestType>(type: T, content: Contents[T], options?: RequestOptions): Sent<T>;
  /** Sends a message of a comm; resolves with what was published under it until the kernel was idle again. */
  tell<T extends CommType>(type: T, content: Contents[T], options?: RequestOptions): Promise<readonly Received[]>;
  /** Sends frames as they are on shell: for what no honest client sends. */
  sendRaw(frames: readonly (string | Uint8Array)[]): Promise<void>;
  request<T extends RequestType>(type: T, content: Contents[T], options?: RequestOptions): Promise<Answer<T>>;
  /** Answers the kernel's questions on stdin. */
  onInput(answer: (prompt: string, password: boolean) => string | Promise<string>): void;
  /** Called for every published message. */
  onPublished(listener: (message: Received) => void): void;
  /** Resolves with true when the heartbeat echoes. */
  heartbeat(): Promise<boolean>;
  /** Closes the client's sockets; the kernel runs on. */
  close(): void;
}

/** A kernel and the client that started it. */
export interface KernelClient extends Client, AsyncDisposable {
  readonly process: ChildProcess;
  /** Where the kernel listens, for further clients. */
  readonly connection: ConnectionFile;
  /** Asks for a shutdown and waits until the kernel process has ended. */
  shutdown(): Promise<void>;
}

/** Finds free ports on the loopback address, all different. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    // Below the ports that systems hand out: one of those may be given to another program before the kernel has it.
    const port = randomInt(10_000, 32_768);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

/** How a kernel is started. */
export interface KernelOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Fields of the connection file that are to differ from the usual ones: tcp on the loopback, a random key. */
  readonly connection?: Readonly<Record<string, unknown>>;
  /** Drops what the kernel process itself prints. */
  readonly quiet?: boolean;
  /** False for a kernel of an older protocol, which greets no subscriber. */
  readonly greets?: boolean;
}

// How often a socket tries again while the kernel has not bound its own yet.
const reconnectMs = 5;

/** Starts a kernel by its argv, where `{connection_file}` stands for the file, and connects to it. */
export async function startKernel(argv: readonly string[], options: KernelOptions = {}): Promise<KernelClient> {
  const folder = await mkdtemp(join(tmpdir(), "typhoon-"));
  const file = join(folder, "connection.json");
  const ports = await freePorts(channelNames.length);
  const text = JSON.stringify({
    ...Object.fromEntries(channelNames.map((name, i) => [`${name}_port`, ports[i]])),
    transport: "tcp",
    ip: "127.0.0.1",
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
    ...options.connection,
  });
  const connection = parseConnectionFile(file, text);
  await writeFile(file, text, { mode: 0o600 });
  const [command, ...args] = argv.map((word) => word.replace("{connection_file}", file));
  const child = spawn(command!, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, JPY_PARENT_PID: String(process.pid) },
    stdio: options.quiet ? "ignore" : ["ignore", "inherit", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  const client = await connectKernel(connection, { ended, ...(options.greets === false ? { greets: false } : {}) });
  async function close(): Promise<void> {
    await ended;
    client.close();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    ...client,
    process: child,
    connection,
    async shutdown() {
      if (child.exitCode === null && child.signalCode === null) {
        client
          .send("shutdown_request", { restart: false }, { channel: "control", untilIdle: false })
          .answer.catch(() => {});
      }
      await close();
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await close();
    },
  };
}

/** How to connect to a kernel. */
export interface ConnectOptions {
  /** Resolves when the kernel has ended: what is under way fails then. */
  readonly ended?: Promise<void>;
  /** False for a kernel of an older protocol, which greets no subscriber. */
  readonly greets?: boolean;
  /** What the kernel's sockets know this client by; a new random one unless given. */
  readonly identity?: string;
}

/** Connects to a kernel; resolves when nothing that it publishes from then on will be missed. */
export async function connectKernel(
  connection: ConnectionFile,
  { ended = new Promise(() => {}), greets = true, identity = randomUUID() }: ConnectOptions = {},
): Promise<Client> {
  const zmq = await import("zeromq");
  const codec = createCodec(connection.key, connection.hash);
  const keys = connection.curve && zmq.curveKeyPair();
  const common = {
    linger: 0,
    reconnectInterval: reconnectMs,
    ipv6: connection.ip.includes(":"),
    ...(keys && {
      curveServerKey: connection.curve.publicKey,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.secretKey,
    }),
  };
  const sockets = {
    shell: new zmq.Dealer({ ...common, routingId: identity }),
    control: new zmq.Dealer({ ...common, routingId: identity }),
    stdin: new zmq.Dealer({ ...common, routingId: identity }),
    hb: new zmq.Request(common),
    iopub: new zmq.Subscriber({ ...common, receiveHighWaterMark: 0 }),
  };
  const closeSockets = (): void => {
    for (const socket of Object.values(sockets)) socket.close();
  };
  const place = await withAddress(connection);
  for (const name of channelNames) sockets[name].connect(endpoint(place, name));
  sockets.iopub.subscribe();

  interface Pending {
    readonly published: Received[];
    readonly onPublished: ((message: Received) => void) | undefined;
    readonly resolve: (answer: Answer<RequestType>) => void;
    readonly reject: (error: Error) => void;
    /** Messages of comms have no reply. */
    message: Received | "none" | undefined;
    idle: boolean;
  }
  const pending = new Map<string, Pending>();
  const listeners: ((message: Received) => void)[] = [];
  const welcomed = Promise.withResolvers<void>();
  let answerInput: (prompt: string, password: boolean) => string | Promise<string> = () => "";

  function settle(id: string, request: Pending): void {
    const { message, published } = request;
    if (message === undefined || !request.idle) return;
    pending.delete(id);
    const reply = message === "none" ? {} : message.content;
    request.resolve({ reply, message, published } as never);
  }

  function takePublished(message: Received): void {
    if (message.header.msg_type === "iopub_welcome") welcomed.resolve();
    for (const listen of listeners) listen(message);
    const id = message.parent_header.msg_id ?? "";
    const request = pending.get(id);
    if (!request) return;
    request.published.push(message);
    request.onPublished?.(message);
    if (message.header.msg_type === "status" && message.content["execution_state"] === "idle") {
      request.idle = true;
      settle(id, request);
    }
  }

  function takeReply(message: Received): void {
    const id = message.parent_header.msg_id ?? "";
    const request = pending.get(id);
    if (!request) return;
    request.message = message;
    settle(id, request);
  }

  async function takeQuestion(message: Received): Promise<void> {
    const { prompt, password } = message.content as Contents["input_request"];
    const value = await answerInput(prompt, password);
    const reply = codec.message("input_reply", { value }, message.header);
    await sockets.stdin.send(codec.encode(reply));
  }

  async function receive(
    name: "shell" | "control" | "stdin" | "iopub",
    take: (message: Received) => unknown,
  ): Promise<void> {
    for await (const frames of sockets[name]) take(codec.decode(frames));
  }
  void receive("shell", takeReply);
  void receive("control", takeReply);
  void receive("stdin", takeQuestion);
  void receive("iopub", takePublished);
  void failAtEnd();
  async function failAtEnd(): Promise<void> {
    await ended;
    for (const { reject } of pending.values()) reject(new Error("the kernel process has ended"));
    welcomed.reject(new Error("the kernel process ended before it was ready"));
  }
  welcomed.promise.catch(closeSockets);
  if (greets) await welcomed.promise;

  const sends = { shell: Promise.resolve(), control: Promise.resolve() };
  function send<T extends RequestType>(type: T, content: Contents[T], how?: RequestOptions): Sent<T> {
    return post(type, content, how);
  }
  function post(
    type: RequestType | CommType,
    content: Contents[RequestType | CommType],
    how: RequestOptions = {},
  ): Sent<RequestType> {
    const { channel = "shell", onPublished, untilIdle = true, subshell, metadata, buffers } = how;
    const { header, ...rest } = codec.message(type, content, {}, metadata, buffers);
    const message = { ...rest, header: subshell === undefined ? header : { ...header, subshell_id: subshell } };
    const id = header.msg_id;
    const awaited = type.endsWith("_request") ? undefined : "none";
    const answer = new Promise<Answer<RequestType>>((resolve, reject) =>
      pending.set(id, { published: [], onPublished, resolve, reject, idle: !untilIdle, message: awaited }),
    );
    sends[channel] = sends[channel].then(() => sockets[channel].send(codec.encode(message)));
    return { id, answer };
  }

  return {
    close: closeSockets,
    send,
    request: (type, content, requestOptions) => send(type, content, requestOptions).answer,
    tell: async (type, content, requestOptions) => (await post(type, content, requestOptions).answer).published,
    sendRaw: (frames) => sockets.shell.send([...frames]),
    onInput(answer) {
      answerInput = answer;
    },
    onPublished: (listener) => void listeners.push(listener),
    async heartbeat() {
      await sockets.hb.send("ping");
      return String((await sockets.hb.receive())[0]) === "ping";
    },
  };
}
