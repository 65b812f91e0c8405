import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, see, seen, startTestKernel } from "./harness.ts";

// The cases of ipykernel's test_async.py, under their names. Its event loops to choose from (asyncio, trio) have no
// counterpart: there is one event loop, and what a cell can await are promises, async iterators and callbacks.

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

test("async_await: a cell awaits at its top level", async () => {
  const { reply } = await kernel.run(
    `import { setTimeout as sleep } from "node:timers/promises"; await sleep(100, undefined)`,
  );
  expect(reply.status).toBe("ok");
});

const awaited = {
  "a promise of a timer": `await new Promise((done) => setTimeout(done, 60_000))`,
  "node:timers/promises": `import { setTimeout as sleep } from "node:timers/promises"; await sleep(60_000)`,
  "an async iterator": `import { on, EventEmitter } from "node:events"; for await (const _ of on(new EventEmitter(), "never")) {}`,
};

describe("async_interrupt: an interrupt ends a cell that awaits", () => {
  test.for(Object.entries(awaited))("%s", async ([, code]) => {
    const begun = seen(kernel, ({ content }) => content["text"] === "begin\n");
    const cell = kernel.send("execute_request", { code: `console.log("begin"); ${code}` });
    await begun;
    await kernel.request("interrupt_request", {}, { channel: "control" });
    const { reply, published, error } = see(await cell.answer);
    expect(reply.status).toBe("error");
    expect(error).toMatch(/^Interrupted: /);
    expect(published.slice(0, 3).map(({ header }) => header.msg_type)).toEqual(["status", "execute_input", "stream"]);
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });
});
