import type { Duplex } from "node:stream";

/** Takes what the server says. */
export interface Listener {
  /**
   * Takes one message: its type, and its content in `bytes` from `start` to `end`, good until this returns. Returns true to
   * take no more until `resume` is called.
   */
  message(type: number, bytes: Buffer, start: number, end: number): boolean;
  /** All that has come so far was taken. */
  pause?(): void;
  /** The connection has ended. */
  lost(cause: Error | undefined): void;
}

const headerBytes = 5;
/** The length counts itself, and no server sends as much as a gigabyte at once. */
const [leastLength, mostLength] = [4, 0x3fff_ffff];

/** Messages of the server, cut out of what the socket gives; a message that came whole is not copied. */
export class Wire {
  private readonly socket: Duplex;
  private readonly listener: Listener;
  /** The beginning of a message that has not all come; its length is known once its header is in. */
  private part: Buffer | undefined;
  private partLength = 0;
  /** What came and was not taken yet. */
  private rest: Buffer | undefined;
  private isHeld = false;
  private hasEnded = false;

  /** Takes a socket over, on which the server is ready for a query. */
  constructor(socket: Duplex, listener: Listener) {
    this.socket = socket;
    this.listener = listener;
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("error", (error: Error) => this.end(error));
    socket.on("close", () => this.end(undefined));
  }

  get isOpen(): boolean {
    return !this.hasEnded;
  }

  /** Sends bytes; false where the socket has enough for now and `drained` should be awaited. */
  send(bytes: Uint8Array): boolean {
    return !this.hasEnded && this.socket.writable && this.socket.write(bytes);
  }

  /** Waits until the socket takes more, or has ended. */
  async drained(): Promise<void> {
    if (this.hasEnded || !this.socket.writableNeedDrain) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.socket.once("drain", resolve);
    this.socket.once("close", resolve);
    await promise;
    this.socket.off("drain", resolve);
    this.socket.off("close", resolve);
  }

  /** Goes on after a message that asked for a stop. */
  resume(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    const { rest } = this;
    this.rest = undefined;
    if (rest) this.take(rest);
    if (!this.isHeld) this.socket.resume();
  }

  /** Keeps the process alive, or no longer. */
  hold(alive: boolean): void {
    const socket = this.socket as Duplex & { ref?(): void; unref?(): void };
    if (alive) socket.ref?.();
    else socket.unref?.();
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.socket.destroy();
    this.end(undefined);
  }

  /** Ends the connection with what is to be said last, and waits for its end. */
  async close(last: Uint8Array): Promise<void> {
    if (this.hasEnded || this.socket.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.socket.once("close", resolve);
    this.hold(true);
    this.socket.end(last);
    this.socket.resume();
    await promise;
  }

  private end(cause: Error | undefined): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.listener.lost(cause);
  }

  private take(chunk: Buffer): void {
    let at = this.part ? this.complete(chunk) : 0;
    while (!this.isHeld && !this.hasEnded && chunk.length - at >= headerBytes) {
      const whole = this.wholeLength(chunk, at);
      if (whole === undefined) return;
      const end = at + whole;
      if (end > chunk.length) break;
      if (this.listener.message(chunk[at]!, chunk, at + headerBytes, end)) this.isHeld = true;
      at = end;
    }
    if (this.hasEnded) return;
    if (this.isHeld) {
      this.socket.pause();
      if (at < chunk.length) this.rest = chunk.subarray(at);
      return;
    }
    if (at < chunk.length) this.begin(chunk, at);
    this.listener.pause?.();
  }

  /** Reads how long a message is with its type. What is no message ends the connection: nothing after it can be understood. */
  private wholeLength(bytes: Buffer, at: number): number | undefined {
    const length = bytes.readInt32BE(at + 1);
    if (length >= leastLength && length <= mostLength) return 1 + length;
    this.socket.destroy();
    this.end(new Error(`it sent a message of ${length} bytes, which PostgreSQL does not do: look what listens there`));
    return undefined;
  }

  private begin(chunk: Buffer, at: number): void {
    const length = chunk.length - at;
    const whole = length >= headerBytes ? this.wholeLength(chunk, at) : headerBytes;
    if (whole === undefined) return;
    this.part = Buffer.allocUnsafe(whole);
    this.partLength = chunk.copy(this.part, 0, at);
  }

  /** Adds to the message that has begun what belongs to it; returns where the next one begins. */
  private complete(chunk: Buffer): number {
    let at = 0;
    for (;;) {
      const part = this.part!;
      const taken = chunk.copy(part, this.partLength, at);
      at += taken;
      this.partLength += taken;
      if (this.partLength < part.length) return at;
      const whole = this.wholeLength(part, 0);
      if (whole === undefined) return chunk.length;
      if (whole > part.length) {
        // The header is in; now there is room for the content.
        this.part = Buffer.allocUnsafe(whole);
        part.copy(this.part);
        continue;
      }
      this.part = undefined;
      if (this.listener.message(part[0]!, part, headerBytes, whole)) this.isHeld = true;
      return at;
    }
  }
}
