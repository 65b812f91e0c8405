import { parentPort, workerData } from "node:worker_threads";
import { batchBuffers, type Batch } from "../../columnar/columnar.ts";
import { createEngine } from "./engine.ts";
import type { Reply, Request } from "./protocol.ts";

// DuckDB's calls block until the query is done, so they have a thread of their own; cells and interrupts go on beside it.
const engine = createEngine();

function answer({ name, params }: Request): unknown {
  return engine[name](params as never, (part) => post({ part }, part));
}

function post(reply: Reply, batch?: Batch): void {
  parentPort!.postMessage(reply, batch ? [...new Set(batchBuffers(batch))] : []);
}

// The main thread sets this before a call, and looks at it when the process exits.
const busy = workerData as Int32Array<SharedArrayBuffer>;

parentPort!.on("message", (request: Request) => {
  try {
    const result = answer(request);
    post({ result }, request.name === "fetch" ? (result as Batch | undefined) : undefined);
  } catch (error) {
    post({ error: (error as Error).message });
  } finally {
    Atomics.store(busy, 0, 0);
    Atomics.notify(busy, 0);
  }
});
