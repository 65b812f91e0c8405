/** Memory through which the inspector thread answers a blocked main thread. */
export interface BlockingAnswer {
  /** [0]: one of `answerStates`, on which the main thread waits; [1]: bytes of the answer. */
  readonly state: Int32Array;
  /** The answer as UTF-8. */
  readonly text: Uint8Array;
}

/** States of `BlockingAnswer`. */
export const answerStates = { waiting: 0, answered: 1, refused: 2 } as const;

const maxAnswerBytes = 1 << 20;

/** Creates the shared memory. */
export function createBlockingAnswer(): BlockingAnswer {
  return {
    state: new Int32Array(new SharedArrayBuffer(8)),
    text: new Uint8Array(new SharedArrayBuffer(maxAnswerBytes)),
  };
}

/** Blocks until `deliverAnswer` was called; undefined when nobody can answer. */
export function awaitAnswer({ state, text }: BlockingAnswer): string | undefined {
  Atomics.wait(state, 0, answerStates.waiting);
  if (Atomics.load(state, 0) === answerStates.refused) return undefined;
  return Buffer.from(text.slice(0, Atomics.load(state, 1))).toString();
}

/** Wakes the main thread with an answer; undefined when nobody can answer. */
export function deliverAnswer({ state, text }: BlockingAnswer, value: string | undefined): void {
  const bytes = Buffer.from(value ?? "").subarray(0, text.length);
  text.set(bytes);
  Atomics.store(state, 1, bytes.length);
  Atomics.store(state, 0, value === undefined ? answerStates.refused : answerStates.answered);
  Atomics.notify(state, 0);
}
