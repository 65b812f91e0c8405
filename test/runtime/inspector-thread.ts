import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { complete } from "../../kernel/runtime/complete.ts";
import { inspect } from "../../kernel/runtime/inspect.ts";
import { type Question, magics, scopesExpression } from "./busy-main.ts";

// A small inspector thread: one session, questions in, answers out through shared memory.
const { answered, answer, folder } = workerData as { answered: Int32Array; answer: Uint8Array; folder: string };
const catalog = (): Promise<undefined> => Promise.resolve(undefined);
const session = new Session();
session.connectToMainThread();

function post(method: string, params?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, params as never, (error: Error | null, result?: object) =>
      error ? reject(new Error(method, { cause: error })) : resolve(result),
    );
  });
}

function ask(question: Question): Promise<unknown> {
  const { code, offset } = question;
  return question.type === "complete"
    ? complete(code, offset, { post, scopes: scopesExpression, folder, magics, catalog })
    : inspect(post, scopesExpression, code, offset, question.detail);
}

parentPort?.on("message", async (question: Question) => {
  const result = await ask(question).catch((error: unknown) => ({ error: String(error) }));
  const { written } = new TextEncoder().encodeInto(JSON.stringify(result), answer);
  Atomics.store(answered, 0, written);
});
parentPort?.postMessage("ready");
