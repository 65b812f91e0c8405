import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { SqlFailure } from "../engine.ts";
import type { Calls, Reply, Request } from "./protocol.ts";

/** How long a call may go on that was told to stop: SQLite hears it between rows only. Then its process is ended. */
const graceMs = 200;

/** The process that has a file open. One call is under way at a time; the others wait. */
export class SqliteProcess {
  /** As the last answer said. */
  inTransaction = false;
  changes: number | undefined;
  /** Why the process was ended, where that was meant. */
  lostBecause: string | undefined;
  private readonly child: ChildProcess;
  private readonly pipe: Writable;
  private readonly ended: Promise<unknown>;
  private last: Promise<unknown> = Promise.resolve();
  private waiting: PromiseWithResolvers<Reply> | undefined;
  private failure: SqlFailure | undefined;
  private isClosing = false;
  /** Stops the call that is under way. */
  private stop: (() => void) | undefined;
  private lastId = 0;

  constructor() {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.child = fork(new URL(`./worker.${extension}`, import.meta.url), {
      serialization: "advanced",
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "ignore", "ignore", "pipe", "ipc"],
      // It belongs to the connection, and not to the cell that happens to be the first to use it.
      detached: true,
    });
    this.pipe = this.child.stdio[3] as Writable;
    this.pipe.on("error", () => {}); // the process has ended, which `exit` tells
    this.rest();
    this.child.on("message", (reply: Reply) => this.waiting?.resolve(reply));
    this.child.on("error", (error) => this.fail(`the process of SQLite could not be started: ${error.message}`));
    this.ended = once(this.child, "exit").catch(() => {});
    this.child.on("exit", (code, signal) => this.fail(`the process of SQLite has ended (${signal ?? `code ${code}`})`));
  }

  /** False once the process has ended. */
  get isOpen(): boolean {
    return this.failure === undefined;
  }

  /** Calls the process. Aborting stops the call; where it does not end by itself, the process is ended. */
  call<N extends keyof Calls>(name: N, params: Calls[N]["params"], signal?: AbortSignal): Promise<Calls[N]["result"]> {
    const result = this.last.then(() => this.send({ id: ++this.lastId, name, params } as Request, signal));
    this.last = result.catch(() => {});
    return result as Promise<Calls[N]["result"]>;
  }

  /** Ends the process; a call that is under way is stopped before, and those that wait are not begun. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.stop?.();
    await this.last;
    if (this.isOpen) await this.send({ id: ++this.lastId, name: "close", params: {} }, undefined).catch(() => {});
    this.failure ??= closed();
    this.child.ref();
    this.child.kill("SIGKILL");
    this.pipe.destroy();
    await this.ended;
  }

  private async send(request: Request, signal: AbortSignal | undefined): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.isClosing && request.name !== "close") throw closed();
    if (this.failure) throw this.failure;
    this.waiting = Promise.withResolvers();
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      if (grace !== undefined) return;
      const id = Buffer.alloc(4);
      id.writeInt32LE(request.id);
      this.pipe.write(id);
      grace = setTimeout(() => {
        if (!this.isClosing) this.lostBecause = "the query was stopped with its process";
        this.child.kill("SIGKILL");
      }, graceMs);
    };
    this.stop = stop;
    signal?.addEventListener("abort", stop, { once: true });
    this.child.ref();
    this.child.channel?.ref();
    try {
      this.child.send(request);
      const reply = await this.waiting.promise;
      this.inTransaction = reply.inTransaction;
      this.changes = reply.changes;
      if ("result" in reply) return reply.result;
      signal?.throwIfAborted();
      if ("failure" in reply) throw new SqlFailure(reply.failure.name, reply.failure.message, reply.failure);
      if (this.isClosing) throw closed();
      throw new Error("a call was interrupted that nobody stopped");
    } catch (error) {
      // The process was ended for it.
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(grace);
      signal?.removeEventListener("abort", stop);
      this.waiting = undefined;
      this.stop = undefined;
      this.rest();
    }
  }

  /** Lets a program end that only has the file open. */
  private rest(): void {
    this.child.unref();
    this.child.channel?.unref();
    (this.pipe as Writable & { unref(): void }).unref();
  }

  private fail(message: string): void {
    this.inTransaction = false;
    this.failure ??= this.isClosing
      ? closed()
      : new SqlFailure("ConnectionLost", message, {
          isDisconnect: true,
          hint: "The next statement opens the file again; what was not committed is rolled back",
        });
    this.waiting?.reject(this.failure);
  }
}

function closed(): SqlFailure {
  return new SqlFailure("ConnectionClosed", "the connection was closed, and what it ran was stopped", {
    isDisconnect: true,
    hint: "Connect again. What was not committed is rolled back",
  });
}
