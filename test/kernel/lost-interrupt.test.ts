import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Outcome, ToRuntime } from "../../kernel/runtime/link.ts";
import { type RuntimeProcess, attachRuntime } from "../../kernel/session/runtime-process.ts";
import { spawnRuntime } from "../../kernel/session/spawn-runtime.ts";
import { createSettings } from "../../kernel/settings.ts";

// A runtime process whose messages come one by one: on a busy machine, what one of its threads reads the other may read
// much later, or an interrupt may end the very code that reads of it.

const ended = new Map<string, (outcome: Outcome) => void>();
const began = Promise.withResolvers<void>();
const failed = Promise.withResolvers<void>();
const printed: string[] = [];
let runtime: RuntimeProcess;

beforeAll(() => {
  const child = spawnRuntime({
    entry: resolve("kernel/runtime/main.ts"),
    nodeFlags: [],
    env: process.env,
    settings: createSettings(process.env),
  });
  runtime = attachRuntime(child, {
    message(message) {
      if (message.type === "done") ended.get(message.cell)?.(message.outcome);
      if (message.type === "log" && message.text.includes("inspector thread failed")) failed.resolve();
      if (message.type !== "publish" || message.publication.type !== "stream") return;
      printed.push(String(message.publication.content["text"]));
      if (printed.includes("began\n")) began.resolve();
    },
    output() {},
    secret() {},
    end() {},
    room: () => undefined,
  });
});
afterAll(() => runtime.kill());

/** Runs a cell; resolves with the name of its error. */
function run(cell: string, code: string): Promise<string | undefined> {
  const options = { silent: false, userExpressions: {}, allowStdin: false };
  const request: ToRuntime = { type: "run", cell, code, name: cell, ...options };
  const outcome = new Promise<Outcome>((done) => ended.set(cell, done));
  runtime.send(request);
  return outcome.then(({ error }) => error?.ename);
}

const interrupt = (serial: number, ...cells: string[]) => ({ type: "interrupt", serial, cells }) as const;

test("an interrupt of which only the inspector's thread hears ends a cell that awaits", async () => {
  const cell = run(
    "first",
    `console.log("began"); try { await new Promise(() => {}) } finally { await 1; globalThis.tidy = true }`,
  );
  await began.promise;
  runtime.sendInspector(interrupt(1, "first"));
  expect(await cell).toBe("Interrupted");
  expect(await run("second", "if (!globalThis.tidy) throw new RangeError()")).toBeUndefined();
});

test("its late word to the main thread ends nothing else, and the next interrupt works", async () => {
  const cell = run("third", `await new Promise((done) => setTimeout(done, 100))`);
  runtime.send(interrupt(1, "third"));
  expect(await cell).toBeUndefined();
  const next = run("fourth", "await new Promise(() => {})");
  runtime.send(interrupt(2, "fourth"));
  runtime.sendInspector(interrupt(2, "fourth"));
  expect(await next).toBe("Interrupted");
});

test("where the inspector's thread has failed, a cell says so once, and awaits are interrupted", async () => {
  printed.length = 0;
  runtime.sendInspector({ type: "input", value: 5 as never });
  await failed.promise;
  expect(await run("fifth", "1")).toBeUndefined();
  expect(await run("sixth", "2")).toBeUndefined();
  expect(printed.filter((text) => text.includes("restart the kernel"))).toHaveLength(1);
  const cell = run("seventh", "await new Promise(() => {})");
  runtime.send(interrupt(3, "seventh"));
  runtime.sendInspector(interrupt(3, "seventh"));
  expect(await cell).toBe("Interrupted");
});
