import { Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import process from "node:process";
import type { Catalog } from "../../magics/sql/catalog.ts";
import { type BlockingAnswer, deliverAnswer } from "./blocking-answer.ts";
import { type MainState, createInterrupter } from "./interrupter.ts";
import { postTo } from "./inspector-post.ts";
import {
  type FromInspector,
  type Interrupt,
  type ToInspector,
  createFrameDecoder,
  descriptors,
  encodeFrame,
} from "./link.ts";
import { endGroups } from "./groups.ts";
import { type MemoryShare, watchMemory } from "./memory-watch.ts";

/** What the main thread shares with the inspector thread. */
export interface InspectorData extends MainState {
  readonly answer: BlockingAnswer;
  /** Groups that end with this process, in addition to its own. */
  readonly groups: Int32Array;
  readonly memory: MemoryShare;
  /** An expression of the main realm for the list of scope objects. */
  readonly scopes: string;
  readonly magics: readonly string[];
  /** Folder of the notebook. */
  readonly folder: string;
}

/** Inspector thread to main thread. */
export type FromThread =
  /** It has opened its descriptor, which is closed when it ends. */
  | { readonly type: "listens" }
  /** It ended the JavaScript that was running for the sake of these cells' interrupt, or of all that run. */
  | { readonly type: "terminated"; readonly of?: Interrupt }
  /** The process uses more than it may: what runs is to end. */
  | { readonly type: "overflow"; readonly bytes: number }
  /** Asks what the database of a connection has; without one, the notebook's. */
  | { readonly type: "catalog"; readonly connection: string | undefined };

/** Main thread to inspector thread: what the database has, where a query has opened one. */
export interface ToThread {
  readonly type: "catalog";
  readonly connection: string | undefined;
  readonly catalog: Catalog | undefined;
}

// What the main thread has to end in good order after the kernel process has gone.
const goneMs = 4_000;
const catalogMs = 300;
const data = workerData as InspectorData;
const session = new Session();
session.connectToMainThread();

const post = postTo(session);
const interrupt = createInterrupter(session, data);

async function interruptCells(of: Interrupt): Promise<void> {
  if (await interrupt()) tell({ type: "terminated", of });
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

const socket = new Socket({ fd: descriptors.inspector, readable: true, writable: true });
tell({ type: "listens" });
function reply(message: FromInspector): void {
  socket.write(encodeFrame(message));
}

async function answerLive(message: ToInspector & { type: "complete" | "inspect" }): Promise<void> {
  const { id, code, offset, detail } = message;
  try {
    if (message.type === "complete") {
      const { complete } = await import("./complete.ts");
      reply({ type: "answer", id, result: await complete(code, offset, { post, ...data, catalog }) });
    } else {
      const { inspectMagic } = await import("./inspect-magic.ts");
      const { inspect } = await import("./inspect.ts");
      const found = await inspectMagic(code, offset, { post, ...data, catalog });
      reply({ type: "answer", id, result: found ?? (await inspect(post, data.scopes, code, offset, detail)) });
    }
  } catch (error) {
    reply({ type: "answer", id, result: undefined });
    process.stderr.write(`typhoon: could not answer ${message.type}: ${String(error)}\n`);
  }
}

interface Asked {
  known: Catalog | undefined;
  asked: PromiseWithResolvers<void> | undefined;
  /** The question before was not answered in time: there is no use in waiting again. */
  isLate: boolean;
}

const catalogs = new Map<string | undefined, Asked>();

function askedOf(connection: string | undefined): Asked {
  const found = catalogs.get(connection) ?? { known: undefined, asked: undefined, isLate: false };
  catalogs.set(connection, found);
  return found;
}

/** What a database has, as it is now or, while the main thread or the database is busy, as it was last known. */
async function catalog(connection?: string): Promise<Catalog | undefined> {
  const state = askedOf(connection);
  if (!state.asked) {
    state.asked = Promise.withResolvers();
    tell({ type: "catalog", connection });
  }
  // A server may be far away: what is known of it will do until it has answered.
  if (state.isLate || (connection !== undefined && state.known)) return state.known;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    state.isLate = true;
    resolve();
  }, catalogMs);
  await Promise.race([state.asked.promise, promise]);
  clearTimeout(timer);
  return state.known;
}

parentPort?.on("message", ({ connection, catalog: told }: ToThread) => {
  const state = askedOf(connection);
  state.known = told;
  state.isLate = false;
  state.asked?.resolve();
  state.asked = undefined;
});

async function answerVariables({ id, query }: ToInspector & { type: "variables" }): Promise<void> {
  const { variablesExpression } = await import("./variables.ts");
  const params = { expression: variablesExpression(query), returnByValue: true, silent: true };
  const answer = post("Runtime.evaluate", params) as Promise<{ readonly result: { readonly value?: unknown } }>;
  const result = await answer.catch(() => undefined); // the main thread is about to end
  reply({ type: "answer", id, result: result?.result.value });
}

const decode = createFrameDecoder((frame) => {
  const message = frame as ToInspector;
  switch (message.type) {
    case "interrupt":
      void interruptCells(message);
      break;
    case "input":
      deliverAnswer(data.answer, message.value);
      break;
    case "complete":
    case "inspect":
      void answerLive(message);
      break;
    case "variables":
      void answerVariables(message);
      break;
  }
});
void watchMemory({
  ...data.memory,
  post,
  warn: (text) => reply({ type: "notice", text }),
  async stop(bytes) {
    tell({ type: "overflow", bytes });
    if (await interrupt()) tell({ type: "terminated" });
  },
});
socket.on("data", decode);
socket.on("error", () => {}); // its end tells
// The kernel process is gone. The main thread ends this process, but not while it spins.
socket.on("close", () => setTimeout(() => endGroups(data.groups), goneMs));
