import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;

beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  await kernel.run(
    `import { EventEmitter } from "node:events"; import { setTimeout as sleep } from "node:timers/promises"`,
  );
});
afterAll(() => kernel.shutdown());

describe("listeners look as without a kernel", () => {
  test("off, listeners, listenerCount and rawListeners", async () => {
    const { result } = await kernel.run(`
      const e = new EventEmitter(), f = () => {}, g = () => {}, told = []
      e.on("newListener", (type, listener) => told.push(listener === f))
      e.on("x", f); e.once("x", f); e.prependListener("x", f); e.prependOnceListener("x", f)
      const four = [e.listeners("x").every((l) => l === f), e.listenerCount("x", f), e.listenerCount("x", g), e.rawListeners("x").length]
      e.off("x", f); e.removeListener("x", f); e.off("x", f); e.off("x", g)
      JSON.stringify([four, told, e.listenerCount("x"), EventEmitter.prototype.on === EventEmitter.prototype.addListener, e.on.name, e.once.length])`);
    expect(result).toBe(`'[[true,4,0,4],[true,true,true,true],1,true,"addListener",2]'`);
  });

  test("this, arguments, results and order", async () => {
    const { result } = await kernel.run(`
      const order = [], e = new EventEmitter({ captureRejections: true })
      e.on("x", function (...args) { order.push(this === e, args) })
      e.prependOnceListener("x", () => order.push("first"))
      e.on("error", (error) => order.push(error.message)); e.on("x", async () => { throw new Error("rejected") })
      e.emit("x", 1, 2); e.emit("x"); await sleep(1); JSON.stringify(order)`);
    expect(result).toBe(`'["first",true,[1,2],true,[],"rejected","rejected"]'`);
  });

  test("an event target takes a listener once and lets it go", async () => {
    const { result } = await kernel.run(`
      let count = 0; const t = new EventTarget(), up = () => (count += 1), stop = new AbortController()
      t.addEventListener("x", up); t.addEventListener("x", up); t.dispatchEvent(new Event("x"))
      t.removeEventListener("x", up); t.dispatchEvent(new Event("x"))
      t.addEventListener("x", up, { signal: stop.signal }); stop.abort(); t.dispatchEvent(new Event("x"))
      t.addEventListener("x", null); count`);
    expect(result).toBe("1");
  });

  test("async storage of the user's is the emitter's, as ever", async () => {
    const { result } = await kernel.run(`
      import { AsyncLocalStorage } from "node:async_hooks"
      const als = new AsyncLocalStorage(), e = new EventEmitter(); let seen
      als.run("adder", () => e.on("x", () => { seen = als.getStore() }))`);
    expect(result).toBeDefined();
    expect((await kernel.run(`als.run("emitter", () => e.emit("x")); seen`)).result).toBe("'emitter'");
  });
});
