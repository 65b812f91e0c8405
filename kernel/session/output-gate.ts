import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";

/** Stops reading a runtime's output while there is no room for it, which blocks whoever writes it. */
export interface OutputGate {
  /** Holds back this pipe too, from now until it is closed. */
  add(pipe: Readable): void;
  /** To be told after so many bytes of output were taken. */
  took(bytes: number): void;
  /** Reads on for a while without regard to room, since a thread that is blocked by its output cannot be interrupted. */
  letThrough(): void;
  /** Reads what is left without a stop, after the process has ended. */
  finish(): void;
  /** Resolves when the output that was in the pipes before now has been taken. */
  pendingTaken(): Promise<void>;
}

// What is read after an interrupt: more than a flood writes until the interrupt has taken effect.
const interruptBytes = 64 * 1024 * 1024;

/** Creates a gate; `room` returns undefined, or else what to wait for before more output is taken. */
export function createOutputGate(room: () => Promise<void> | undefined): OutputGate {
  const pipes = new Set<Readable>();
  let freeBytes = 0;
  let closings = 0;
  /** Resolves when the gate is open again; undefined while it is open. */
  let opened: Promise<void> | undefined;

  function open(): void {
    if (!opened) return;
    opened = undefined;
    for (const pipe of pipes) pipe.resume();
  }

  return {
    add(pipe) {
      pipes.add(pipe);
      pipe.once("close", () => pipes.delete(pipe));
      if (opened) pipe.pause();
    },
    took(bytes) {
      freeBytes = Math.max(0, freeBytes - bytes);
      const more = opened || freeBytes > 0 ? undefined : room();
      if (!more) return;
      closings += 1;
      for (const pipe of pipes) pipe.pause();
      opened = more.then(open);
    },
    letThrough() {
      freeBytes = interruptBytes;
      open();
    },
    finish() {
      freeBytes = Number.POSITIVE_INFINITY;
      open();
    },
    async pendingTaken() {
      let before: number;
      do {
        await opened;
        before = closings;
        // A loop turn later every readable pipe has had its turn.
        await setImmediate();
        await setImmediate();
      } while (closings !== before);
    },
  };
}
