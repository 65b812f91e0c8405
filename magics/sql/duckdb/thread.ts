import { Worker } from "node:worker_threads";
import { loadLibrary, type Pointer } from "./library.ts";
import type { Batch } from "../../columnar/columnar.ts";
import { type Calls, closed, type Connected, type Reply, type Request } from "./protocol.ts";

/** Time between two tries to interrupt: one that comes before DuckDB begins to work on the query is lost. */
const retryMs = 20;
/** Longest time that an exiting process waits for its query to stop. */
const exitMs = 2000;

/** The thread that calls DuckDB. One call is under way at a time; the others wait. */
export class QueryThread {
  private readonly worker: Worker;
  /** 1 while the thread is inside a call. */
  private readonly busy = new Int32Array(new SharedArrayBuffer(4));
  private last: Promise<unknown> = Promise.resolve();
  private waiting: PromiseWithResolvers<Exclude<Reply, { part: unknown }>> | undefined;
  /** Takes the parts of the call under way. */
  private part: ((part: Batch) => void) | undefined;
  private failure: Error | undefined;
  /** The connection whose query is under way, and what stops it. */
  private running: { readonly connection: number; stop(): void } | undefined;
  /** Addresses of the connections, until the thread is told to close them: this thread asks and interrupts by them. */
  private readonly connections = new Map<number, Pointer>();
  /** Connections whose calls are refused from now on. */
  private readonly stopped = new Set<number>();
  private isClosing = false;

  constructor() {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
      name: "duckdb",
      workerData: this.busy,
      // The process's own flags are about its program, and some forbid a file.
      execArgv: [],
    });
    // A notebook that only has a database open is idle: the process may end.
    this.worker.unref();
    this.worker.on("message", (reply: Reply) =>
      "part" in reply ? this.part?.(reply.part) : this.waiting?.resolve(reply),
    );
    this.worker.on("error", (error: Error) => this.fail(error));
    this.worker.on("exit", () => this.fail(new Error(closed)));
  }

  /** False once the thread has ended. */
  get isOpen(): boolean {
    return this.failure === undefined;
  }

  /**
   * Calls the engine. Aborting rejects at once and interrupts the connection, whose query then ends by itself;
   * what it still gives goes to `late`.
   */
  call<N extends keyof Calls>(
    name: N,
    params: Calls[N]["params"],
    { signal, connection, transfer = [], part, late }: CallOptions<N> = {},
  ): Promise<Calls[N]["result"]> {
    const { promise, resolve, reject } = Promise.withResolvers<Calls[N]["result"]>();
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const work = async (): Promise<void> => {
      try {
        signal?.throwIfAborted();
        this.part = part;
        const result = (await this.send(
          { name, params } as Request,
          transfer,
          signal,
          connection,
        )) as Calls[N]["result"];
        if (signal?.aborted) late?.(result);
        resolve(result);
      } catch (error) {
        reject(error);
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    };
    this.last = this.last.then(work);
    return promise;
  }

  /** Opens a connection, and returns its number. */
  async connect(setup: readonly string[]): Promise<number> {
    const { id } = await this.call("connect", { setup });
    return id;
  }

  /** Closes a connection: stops its query, if one is under way, and refuses those that wait. */
  async disconnect(connection: number): Promise<void> {
    this.stopped.add(connection);
    if (this.running?.connection === connection) this.running.stop();
    await this.call("disconnect", { connection });
  }

  /** How far a connection's query is; undefined once it is closed. */
  progress(connection: number): { readonly rows: number; readonly total: number | undefined } | undefined {
    const pointer = this.connections.get(connection);
    if (pointer === undefined) return undefined;
    const { rows_processed: rows, total_rows_to_process: total } = loadLibrary().library.query_progress(pointer);
    return { rows: Number(rows), total: Number(total) || undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosing = true;
    this.running?.stop();
    await this.call("close", {});
    await this.worker.terminate();
  }

  private async send(
    request: Request,
    transfer: readonly ArrayBuffer[],
    signal: AbortSignal | undefined,
    connection: number | undefined,
  ): Promise<unknown> {
    if (this.failure) throw this.failure;
    if (connection !== undefined && (this.isClosing || this.stopped.has(connection))) throw new Error(closed);
    this.waiting = Promise.withResolvers();
    let retry: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      const pointer = connection === undefined ? undefined : this.connections.get(connection);
      if (pointer === undefined) return;
      loadLibrary().library.interrupt(pointer);
      retry = setTimeout(interrupt, retryMs);
    };
    signal?.addEventListener("abort", interrupt, { once: true });
    if (connection !== undefined) this.running = { connection, stop: interrupt };
    // A process that exits tears its threads down; one that is inside a native call would not survive that.
    const leave = (): void => {
      for (let tries = 0; tries < exitMs / retryMs && Atomics.load(this.busy, 0) === 1; tries++) {
        interrupt();
        Atomics.wait(this.busy, 0, 1, retryMs);
      }
    };
    process.once("exit", leave);
    this.worker.ref();
    try {
      if (request.name === "disconnect") this.connections.delete(request.params.connection);
      else if (request.name === "close") this.connections.clear();
      Atomics.store(this.busy, 0, 1);
      this.worker.postMessage(request, transfer);
      const reply = await this.waiting.promise;
      if ("error" in reply) throw new Error(reply.error);
      if (request.name === "connect") this.keep(reply.result as Connected);
      return reply.result;
    } finally {
      this.waiting = undefined;
      this.running = undefined;
      this.worker.unref();
      clearTimeout(retry);
      process.off("exit", leave);
      signal?.removeEventListener("abort", interrupt);
    }
  }

  private keep({ id, pointer }: Connected): void {
    this.connections.set(id, pointer);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.waiting?.reject(this.failure);
  }
}

interface CallOptions<N extends keyof Calls> {
  readonly signal?: AbortSignal;
  /** The connection to interrupt. */
  readonly connection?: number;
  readonly transfer?: readonly ArrayBuffer[];
  /** Takes what comes before the result. */
  part?(part: Batch): void;
  late?(result: Calls[N]["result"]): void;
}
