import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_MEMORY: "512MB" } });
});
afterAll(() => kernel.shutdown());

const limit = /^OutOfMemory: the notebook used [\d.]+ [MG]B of memory, and may use 512 MB\. Its variables are kept: /;
const fill = "for (;;) all.push(new Array(1e5).fill(1.5))";

test.for([
  ["the heap in a loop", `const all = []; ${fill}`],
  ["buffers in a loop", "const all = []; for (;;) all.push(Buffer.alloc(1e6, 1))"],
  [
    "buffers between awaits",
    "const all = []; for (;;) { all.push(Buffer.alloc(1e6, 1)); await new Promise(setImmediate) }",
  ],
  [
    "a timer while the cell awaits",
    `const all = []; setTimeout(() => { ${fill} }, 1); await new Promise((done) => setTimeout(done, 60_000))`,
  ],
] as const)("%s over the limit ends the cell and keeps the variables", async ([, code]) => {
  await kernel.run("const before = 41");
  const { error, traceback, reply, stderr } = await kernel.run(code);
  expect(error).toMatch(limit);
  expect(error).toContain("`%config memory = 1 GB` raises the limit");
  expect(traceback.split("\n")).toHaveLength(1);
  expect(reply.status).toBe("error");
  expect(stderr).not.toMatch(/FATAL|Stack trace/);
  expect((await kernel.run("all.length > 100 && before + 1")).result).toBe("42");
  await kernel.run("all.length = 0");
});

test("native code that blocks and fills memory is ended too", async () => {
  await kernel.run("const before = 41");
  const { error } = await kernel.run(
    // Slow enough that a busy machine does not fill 3 GB before anything looks.
    `require("node:child_process").execSync("for i in $(seq 150); do head -c 20000000 /dev/zero; sleep 0.03; done", {
      maxBuffer: Infinity,
    }).length`,
  );
  expect(error).toMatch(limit);
  expect((await kernel.run("before + 1")).result).toBe("42");
});

test("garbage is not taken for use", async () => {
  const { error } = await kernel.run(`
    const kept = Buffer.alloc(2.2e8, 1);
    for (let i = 0; i < 100; i++) Buffer.alloc(1e7, 1);
    for (let i = 0; i < 1000; i++) new Array(1e5).fill(1.5);`);
  expect(error).toBeUndefined();
  await kernel.run("const kept = undefined");
});

describe("in a kernel of its own, without what earlier cells left to collect", () => {
  let fresh: TestKernel;
  beforeEach(async () => {
    fresh = await startTestKernel({ env: { TYPHOON_MEMORY: "512MB" } });
  });
  afterEach(() => fresh.shutdown());

  test("a warning comes each time that the limit is near, once", async () => {
    const notice =
      /^typhoon: this notebook uses \d+ MB of memory and may use 512 MB; .*`%config memory = 1 GB` raises the limit\.\n$/;
    let [rounds, warnings] = [0, 0];
    const second = seen(fresh, ({ content }) => {
      const text = String(content["text"]);
      if (text === "round\n") rounds += 1;
      if (notice.test(text)) warnings += 1;
      return warnings === 2;
    });
    const { answer } = fresh.send("execute_request", {
      code: `import v8 from "node:v8"; import vm from "node:vm"; import { setTimeout as pause } from "node:timers/promises"
        v8.setFlagsFromString("--expose-gc"); const collect = vm.runInNewContext("gc")
        for (;;) {
          console.log("round")
          let held = Buffer.alloc(3.6e8, 1)
          await pause(1_500)
          held = undefined; collect(); collect()
          await pause(1_500)
        }`,
    });
    await second;
    await fresh.request("interrupt_request", {}, { channel: "control" });
    expect((await answer).reply.status).toBe("error");
    expect(rounds).toBeGreaterThanOrEqual(2);
  });

  test("%config raises the limit at once, for the runtime that runs", async () => {
    await fresh.run("%config memory = 1GB");
    const { error, result } = await fresh.run(
      "var more = Buffer.alloc(6e8, 1); await new Promise((done) => setTimeout(done, 300)); more.length",
    );
    expect(error).toBeUndefined();
    expect(result).toBe("600000000");
  });
});

test("small arrays in an optimized loop go over the limit as others do", async () => {
  await kernel.run("const kept = 41");
  const { error } = await kernel.run("const small = []; for (;;) small.push(new Array(1000).fill(1.5))");
  expect(error).toMatch(limit);
  expect((await kernel.run("small.length = 0; kept + 1")).result).toBe("42");
});
