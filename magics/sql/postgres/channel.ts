import type { SqlFailure } from "../engine.ts";
import { readNotice, readText, says } from "./backend.ts";
import type { Connected } from "./connect.ts";
import { lostFailure } from "./errors.ts";
import { Messages } from "./frontend.ts";
import { type Description, type Exchange, noticeText, Reply } from "./reply.ts";
import { Wire } from "./wire.ts";

/** After an abort the server has so long to be ready again; then the connection is ended. */
const abandonMs = 900;

/** A connection on which one exchange follows the other, and the state that the server tells between them. */
export class Channel {
  readonly wire: Wire;
  inTransaction = false;
  /** What the server said when it gave up the transaction that is open. */
  failedBecause: string | undefined;
  private readonly connected: Connected;
  private exchange: Exchange | undefined;
  private notices: string[] = [];
  private loss: SqlFailure | undefined;
  private lastError: string | undefined;
  private isClosing = false;
  /** Settled once what is being stopped has ended, and no cancel is on its way. */
  private stopping: Promise<void> | undefined;

  constructor(connected: Connected) {
    this.connected = connected;
    this.wire = new Wire(connected.socket, {
      message: (type, bytes, start, end) => this.take(type, bytes, start, end),
      pause: () => this.exchange?.pause?.(),
      lost: (cause) => this.lose(cause),
    });
    this.wire.hold(false);
  }

  get isOpen(): boolean {
    return this.wire.isOpen && !this.isClosing;
  }

  /** Gives the list to which what the server has to say is added from now on. */
  collectNotices(): readonly string[] {
    this.notices = [];
    return this.notices;
  }

  /** Waits until what is being stopped has ended. */
  async settled(): Promise<void> {
    await this.stopping;
  }

  /** Ends what runs, then the connection. */
  async close(): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    if (this.exchange) await this.stop(this.exchange);
    await this.wire.close(new Messages().terminate().finish());
  }

  /** Sends messages that give no rows, and waits for the answer. */
  async ask(sql: string, messages: Messages, signal: AbortSignal): Promise<Description> {
    signal.throwIfAborted();
    const reply = new Reply(sql);
    this.begin(reply, messages);
    await this.guard(reply, signal, () => reply.over);
    return reply.result();
  }

  /** Begins an exchange with its first messages. */
  begin(exchange: Exchange, messages: Messages): void {
    if (this.loss) throw this.loss;
    if (this.exchange) throw new Error("a result is read to its end, or left, before the next statement");
    this.exchange = exchange;
    this.wire.hold(true);
    this.wire.send(messages.finish());
  }

  /** Waits for a part of an exchange; when the signal is aborted, the server stops and is ready again, or the connection ends. */
  async guard<T>(exchange: Exchange, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const abort = (): void => void this.stop(exchange);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    try {
      return await work();
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", abort);
      await this.stopping;
      signal.throwIfAborted();
    }
    throw signal.reason;
  }

  /** Leaves an exchange, and waits until the server is ready. */
  stop(exchange: Exchange): Promise<void> {
    this.stopping ??= this.leave(exchange).finally(() => (this.stopping = undefined));
    return this.stopping;
  }

  private async leave(exchange: Exchange): Promise<void> {
    const hasToBeTold = exchange.abandon();
    // Where no event comes, as of a server that hangs, time has to tell.
    const late = new AbortController();
    const timer = setTimeout(() => {
      this.wire.destroy();
      late.abort();
    }, abandonMs);
    try {
      // Both: a cancel that comes late would hit the next statement.
      await Promise.all([hasToBeTold ? this.connected.cancel(late.signal) : undefined, exchange.over]);
    } finally {
      clearTimeout(timer);
    }
  }

  private take(type: number, bytes: Buffer, start: number, end: number): boolean {
    if (type === says.dataRow) return this.exchange?.message(type, bytes, start, end) ?? false;
    if (type === says.notice) this.notices.push(noticeText(readNotice(bytes, start)));
    if (type === says.notice || type === says.notification) return false;
    if (type === says.parameterStatus) {
      const name = readText(bytes, start);
      (this.connected.settings as Map<string, string>).set(name, readText(bytes, start + Buffer.byteLength(name) + 1));
      return false;
    }
    const { exchange } = this;
    if (type === says.error) this.lastError = readNotice(bytes, start)["M"];
    if (type === says.ready) {
      this.inTransaction = bytes[start] !== idle;
      this.failedBecause = bytes[start] === failed ? (this.failedBecause ?? this.lastError) : undefined;
      this.exchange = undefined;
      this.wire.hold(false);
    }
    return exchange?.message(type, bytes, start, end) ?? false;
  }

  private lose(cause: Error | undefined): void {
    this.loss = lostFailure(cause);
    this.inTransaction = false;
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.lost(this.loss);
  }
}

const idle = "I".charCodeAt(0);
const failed = "E".charCodeAt(0);
