import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What the inspector thread of these tests is asked. */
export type Question =
  | { readonly type: "complete"; readonly code: string; readonly offset: number }
  | { readonly type: "inspect"; readonly code: string; readonly offset: number; readonly detail: 0 | 1 };

const scopesKey = "typhoon.test.scopes";
export const scopesExpression: string = `globalThis[Symbol.for("${scopesKey}")]`;
export const magics: readonly string[] = ["sql", "sh", "time", "timeit"];

export interface LiveQuestions {
  /** Asks the inspector thread while this thread does nothing but spin, as it does in `while (true) {}`. */
  ask(question: Question): unknown;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts an inspector thread on this thread, whose scope objects are `scopes`. */
export async function createLiveQuestions(scopes: readonly object[], folder = "/"): Promise<LiveQuestions> {
  (globalThis as Record<symbol, unknown>)[Symbol.for(scopesKey)] = scopes;
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const answer = new Uint8Array(new SharedArrayBuffer(1 << 20));
  const worker = new Worker(new URL("./inspector-thread.ts", import.meta.url), {
    workerData: { answered, answer, folder },
  });
  await once(worker, "message");
  return {
    ask(question) {
      answered[0] = 0;
      worker.postMessage(question);
      const deadline = Date.now() + 4_000;
      while (answered[0] === 0) if (Date.now() > deadline) throw new Error("no answer while this thread was busy");
      return JSON.parse(new TextDecoder().decode(answer.slice(0, answered[0]))) as unknown;
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
