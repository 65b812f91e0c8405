import { setImmediate, setTimeout } from "node:timers/promises";
import type * as ZeroMQ from "zeromq";
import { type Frames, sizeOf } from "./message.ts";

/** What waits to be published on iopub. Its bytes are bounded as far as whoever makes output waits for room. */
export interface IopubQueue {
  add(frames: Frames): void;
  /** Undefined while less than `limitBytes` waits; otherwise resolves when half of that has been taken. */
  room(): Promise<void> | undefined;
  /** Resolves when all that was added so far has been handed to ZeroMQ, or lost with a subscriber that does not read. */
  flushed(): Promise<void>;
}

const limitBytes = 8 * 1024 * 1024;

/**
 * Messages that ZeroMQ keeps for each subscriber. It counts messages and not bytes, so it gets few and the rest waits
 * here, where bytes are counted; with 16 a subscriber can take 16,000 messages a second at the least.
 */
const highWaterMark = 16;

/** Options of the iopub socket: it refuses a message that a subscriber has no place for, where PUB would drop it. */
export const iopubOptions: { sendHighWaterMark: number; noDrop: boolean } = {
  sendHighWaterMark: highWaterMark,
  noDrop: true,
};

// A subscriber that takes nothing for this long loses messages from then on until it reads again …
const stallMs = 3_000;
// … with more time for much: ZeroMQ tells of what was taken after half its messages, and a slow link takes 4 MB a second.
const slowBytesPerMs = 4_000;
const maxStallMs = 8_000;

/** Creates the queue of an iopub socket made with `iopubOptions`; `log` is told when a subscriber loses messages. */
export function createIopubQueue(socket: ZeroMQ.XPublisher, log: (line: string) => void): IopubQueue {
  const entries: { readonly frames: Frames; readonly bytes: number }[] = [];
  let pendingBytes = 0;
  let sending: Promise<void> | undefined;
  const waiting: (() => void)[] = [];
  /** Sizes of the messages that a subscriber may have to take before ZeroMQ tells of it. */
  const recent: number[] = [];

  function patienceMs(): number {
    const bytes = recent.reduce((sum, size) => sum + size, 0);
    return Math.min(stallMs + bytes / slowBytesPerMs, maxStallMs);
  }

  async function sendAll(): Promise<void> {
    for (let batch = takeAll(); batch.length > 0; batch = takeAll()) {
      for (let entry = batch.pop(); entry; entry = batch.pop()) {
        try {
          await sendWhenTaken([...entry.frames]);
        } catch (error) {
          log(`could not publish a message: ${String(error)}`);
        }
        if (recent.push(entry.bytes) > highWaterMark / 2) recent.shift();
        pendingBytes -= entry.bytes;
        if (pendingBytes <= limitBytes / 2) for (const resolve of waiting.splice(0)) resolve();
      }
    }
    sending = undefined;
  }

  /** Empties the queue, the oldest message last: `shift` would move all the others at each message. */
  function takeAll(): typeof entries {
    return entries.splice(0).toReversed();
  }

  async function sendWhenTaken(frames: ZeroMQ.MessageLike[]): Promise<void> {
    const start = performance.now();
    for (let tries = 0; ; tries += 1) {
      try {
        return await socket.send(frames);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || socket.closed) throw error;
      }
      const waitedMs = performance.now() - start;
      if (waitedMs > patienceMs()) {
        const seconds = Math.round(waitedMs / 1_000);
        log(`a subscriber of iopub has taken nothing for ${seconds} s: it loses messages until it reads again`);
        await sendToThoseWhoRead(frames);
        return;
      }
      await pause(tries);
    }
  }

  /** ZeroMQ drops the message for a subscriber without a place, and passes over that one until it reads again. */
  async function sendToThoseWhoRead(frames: ZeroMQ.MessageLike[]): Promise<void> {
    setNoDrop(false);
    try {
      await socket.send(frames);
    } finally {
      if (!socket.closed) setNoDrop(true);
    }
  }

  /** ZeroMQ heeds it at once; its binding for Node warns of the opposite. */
  function setNoDrop(noDrop: boolean): void {
    const { emitWarning } = process;
    process.emitWarning = () => {};
    try {
      socket.noDrop = noDrop;
    } finally {
      process.emitWarning = emitWarning;
    }
  }

  return {
    add(frames) {
      const bytes = sizeOf(frames);
      entries.push({ frames, bytes });
      pendingBytes += bytes;
      sending ??= sendAll();
    },
    room: () => (pendingBytes < limitBytes ? undefined : new Promise((resolve) => waiting.push(resolve))),
    flushed: () => sending ?? Promise.resolve(),
  };
}

// A subscriber in good health makes place within a few loop turns.
const eagerTries = 4;

/** Waits before the next try: ZeroMQ has no event for a publisher's place. */
async function pause(tries: number): Promise<void> {
  await (tries < eagerTries ? setImmediate() : setTimeout(1));
}
