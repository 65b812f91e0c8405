import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, type Request, type SendOptions, type Wire, connectClient, limitMs } from "./client.ts";
import { type Connection, type ConnectionOptions, writeConnectionFile } from "./connection.ts";
import type { Dialect } from "./dialects.ts";
import { Violation } from "./rule.ts";

/** A kernel that can be started: what its kernelspec says, and how cells are written for it. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  readonly spec: Readonly<Record<string, unknown>> & { readonly argv: readonly string[] };
  /** Environment beside the kernelspec's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly dialect: Dialect;
}

/** A running kernel with its first front end. */
export interface Kernel extends AsyncDisposable {
  readonly subject: Subject;
  readonly dialect: Dialect;
  readonly process: ChildProcess;
  readonly client: Client;
  readonly connection: Connection;
  /** Sends a cell. */
  cell(code: string, content?: object, options?: SendOptions): Request;
  /** Runs a cell and waits for its reply. */
  run(code: string, content?: object, options?: SendOptions): Promise<Request & { readonly answer: Wire }>;
  /** Runs a cell and waits until stdout has the text. */
  prints(code: string, text: string): Promise<Request>;
  /** What a cell has printed so far. */
  printed(cell: Request, name?: "stdout" | "stderr"): string;
  /** Interrupts in the way that the kernelspec says. */
  interrupt(): Promise<void>;
  /** Connects another front end; it is ready when it has seen something published. */
  connect(topic?: Uint8Array): Promise<Client>;
  /** Starts another kernel of this kind; it is ended with this one. */
  start(options?: ConnectionOptions): Promise<Kernel>;
  /** Resolves when the kernel's process has ended. */
  ended(limit?: number): Promise<void>;
}

const startMs = 40_000;
const askAgainMs = 5_000;

/** Starts a kernel and waits until it answers and its publications arrive. */
export async function startKernel(subject: Subject, options: ConnectionOptions = {}): Promise<Kernel> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const { connection, path } = await writeConnectionFile(folder, options);
  const [command, ...args] = subject.spec.argv.map((word) => word.replace("{connection_file}", path));
  const child = spawn(command!, args, {
    cwd: folder,
    env: {
      ...process.env,
      ...(subject.spec["env"] as NodeJS.ProcessEnv | undefined),
      ...subject.env,
      TYPHOON_HISTORY: join(folder, "history.sqlite"),
      IPYTHONDIR: join(folder, "ipython"),
      JPY_PARENT_PID: String(process.pid),
    },
    stdio: "ignore",
    detached: true, // a process group of its own, which ends as a whole: some kernels leave processes behind
  });
  running.add(child);
  const end = new Promise<void>((done) => {
    child.once("exit", () => done());
    child.once("error", () => done());
  });
  const others: (Kernel | Client)[] = [];
  const client = await connectClient(connection);

  const send: Kernel["cell"] = (code, content = {}, given = {}) =>
    client.send("execute_request", { ...cellDefaults, code, ...content }, given);
  const printed: Kernel["printed"] = (cell, name = "stdout") =>
    cell
      .published("stream")
      .filter(({ content }) => content["name"] === name)
      .map(({ content }) => String(content["text"]))
      .join("");

  const kernel: Kernel = {
    subject,
    dialect: subject.dialect,
    process: child,
    client,
    connection,
    cell: send,
    printed,
    run: (code, content = {}, given = {}) =>
      client.ask("execute_request", { ...cellDefaults, code, ...content }, given),
    async prints(code, text) {
      const cell = send(code);
      await cell.sees("stream", () => printed(cell).includes(text));
      return cell;
    },
    async interrupt() {
      if (subject.spec["interrupt_mode"] === "message") client.send("interrupt_request", {}, { channel: "control" });
      else child.kill("SIGINT");
    },
    async connect(topic) {
      const other = await connectClient(connection, topic);
      others.push(other);
      await ready(other, topic);
      return other;
    },
    async start(more) {
      const other = await startKernel(subject, more);
      others.push(other);
      return other;
    },
    async ended(limit = limitMs) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => reject(new Violation(`the process lives ${limit / 1_000} s on`)), limit);
      void end.then(resolve);
      await promise.finally(() => clearTimeout(timer));
    },
    async [Symbol.asyncDispose]() {
      for (const other of others) {
        if ("close" in other) other.close();
        else await other[Symbol.asyncDispose]();
      }
      client.close();
      endGroup(child);
      running.delete(child);
      await end;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await ready(client);
  } catch (error) {
    await kernel[Symbol.asyncDispose]();
    throw error;
  }
  return kernel;
}

// Kernels are in process groups of their own, so nothing else ends them with this process.
const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach(endGroup));

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Everything in the group has ended.
  }
}

const cellDefaults = {
  silent: false,
  store_history: true,
  user_expressions: {},
  allow_stdin: false,
  stop_on_error: true,
};

/** The way of clients that know no welcome: kernel_info until something published arrives. */
async function ready(client: Client, topic?: Uint8Array): Promise<void> {
  const until = performance.now() + startMs;
  const answered = client.wait("reply", ({ header }) => header.msg_type === "kernel_info_reply", startMs);
  // Asked again every few seconds: a kernel may lose what comes while it starts.
  const asking = setInterval(() => client.send("kernel_info_request", {}), askAgainMs);
  client.send("kernel_info_request", {});
  try {
    await answered;
  } catch {
    throw new Violation(`the kernel does not answer kernel_info within ${startMs / 1_000} s`);
  } finally {
    clearInterval(asking);
  }
  if (topic !== undefined && topic.length > 0) return;
  while (!client.messages.some((message) => message.channel === "iopub" && message.header.msg_type === "status")) {
    if (performance.now() > until) throw new Violation("nothing published arrives");
    const again = client.send("kernel_info_request", {});
    await again.idle(300).catch(() => {});
  }
}
