import { type Socket, connect } from "node:net";
import { createInterface } from "node:readline";
import type { ServerProcess } from "./recipe.ts";
import type { RunningInfo } from "./state.ts";

/** What a supervisor is started with, over its IPC channel. */
export interface Assignment {
  readonly socket: string;
  readonly folder: string;
  readonly info: RunningInfo;
  readonly processes: readonly ServerProcess[];
}

/** What a supervisor is asked over its socket, a line of JSON each; every question has one answer. */
export type Question =
  /** The server is to run for as long as this connection is open. */
  | { readonly type: "lease"; readonly who: string }
  /** The server answers its clients. */
  | { readonly type: "ready"; readonly info: RunningInfo }
  /** The server is to run until it is stopped, whoever ends. */
  | { readonly type: "keep"; readonly who: string }
  /** Its programs are stopped and started again: others, where they are given. */
  | { readonly type: "restart"; readonly processes?: readonly ServerProcess[] }
  | { readonly type: "status" }
  /** Everything ends; the connection closes when it has. */
  | { readonly type: "stop" };

/** An answer, or (without `to`) news. */
export type Told =
  | { readonly to: number; readonly ok: true; readonly who: readonly string[] }
  | { readonly to: number; readonly ok: false; readonly reason: string }
  | { readonly ended: string };

/** An open connection to a supervisor. */
export interface SupervisorLink {
  /** Asks and returns who wants the server to run; rejects where the supervisor is ending. */
  ask(question: Question): Promise<readonly string[]>;
  /** Rejects with `failure`. */
  readonly lost: Promise<never>;
  /** Present once a program of the server has ended by itself, or the connection is closed. */
  readonly failure: Error | undefined;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly isOpen: boolean;
  close(): void;
}

/** Connects to a supervisor; the connection does not keep this process alive. */
export async function connectSupervisor(path: string): Promise<SupervisorLink> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.unref();
  return follow(socket);
}

function follow(socket: Socket): SupervisorLink {
  const waiting = new Map<number, { resolve(who: readonly string[]): void; reject(error: Error): void }>();
  const closed = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  let last = 0;
  let isOpen = true;
  let failure: Error | undefined;
  const fail = (message: string): void => {
    failure ??= new Error(message);
    lost.reject(failure);
  };
  const lines = createInterface(socket);
  lines.on("error", () => {}); // the socket's, told again
  lines.on("line", (line) => {
    const told = JSON.parse(line) as Told;
    if ("ended" in told) return fail(told.ended);
    const question = waiting.get(told.to);
    waiting.delete(told.to);
    if (told.ok) question?.resolve(told.who);
    else question?.reject(new Error(told.reason));
  });
  socket.on("error", () => {}); // its close follows
  socket.once("close", () => {
    isOpen = false;
    fail("the server has stopped");
    for (const { reject } of waiting.values()) reject(failure!);
    closed.resolve();
  });
  return {
    lost: lost.promise,
    closed: closed.promise,
    get isOpen() {
      return isOpen;
    },
    get failure() {
      return failure;
    },
    close: () => void socket.end(),
    async ask(question) {
      if (!isOpen) throw new Error("the server has stopped");
      const id = (last += 1);
      // Whoever waits for an answer is not to end meanwhile.
      socket.ref();
      try {
        return await new Promise<readonly string[]>((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          socket.write(`${JSON.stringify({ id, ...question })}\n`);
        });
      } finally {
        if (waiting.size === 0) socket.unref();
      }
    },
  };
}
