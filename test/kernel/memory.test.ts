import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

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
  expect(error).toContain("`%config memory = 1GB` raises the limit");
  expect(traceback.split("\n")).toHaveLength(1);
  expect(reply.status).toBe("error");
  expect(stderr).not.toMatch(/FATAL|Stack trace/);
  expect((await kernel.run("all.length > 100 && before + 1")).result).toBe("42");
  await kernel.run("all.length = 0");
});

test("garbage is not taken for use", async () => {
  const { error } = await kernel.run(`
    const kept = Buffer.alloc(2.2e8, 1);
    for (let i = 0; i < 100; i++) Buffer.alloc(1e7, 1);
    for (let i = 0; i < 1000; i++) new Array(1e5).fill(1.5);`);
  expect(error).toBeUndefined();
  await kernel.run("const kept = undefined");
});

test("a warning comes as the limit is near, once, and again after memory was freed", async () => {
  const use = "var held = Buffer.alloc(3.8e8, 1); await new Promise((done) => setTimeout(done, 700))";
  const free = "held = undefined; await 0; gcNow(); gcNow()";
  await kernel.run(`import v8 from "node:v8"; import vm from "node:vm"
    v8.setFlagsFromString("--expose-gc"); const gcNow = vm.runInNewContext("gc")`);
  const { stderr, error } = await kernel.run(use);
  expect(error).toBeUndefined();
  expect(stderr).toMatch(
    /^typhoon: this notebook uses \d+ MB of memory and may use 512 MB; .*`%config memory = 1GB` raises the limit\.\n$/,
  );
  expect((await kernel.run("await new Promise((done) => setTimeout(done, 700))")).stderr).toBe("");
  await kernel.run(`${free}; while (process.memoryUsage.rss() > 3e8) await new Promise((done) => setTimeout(done, 100))
    await new Promise((done) => setTimeout(done, 700))`);
  expect((await kernel.run(use)).stderr).toContain("typhoon: this notebook uses");
  await kernel.run(free);
});

test("%config raises the limit at once, for the runtime that runs", async () => {
  await kernel.run("%config memory = 1GB");
  const { error, result } = await kernel.run(
    "var more = Buffer.alloc(6.5e8, 1); await new Promise((done) => setTimeout(done, 300)); more.length",
  );
  expect(error).toBeUndefined();
  expect(result).toBe("650000000");
  await kernel.run("more = undefined");
  await kernel.run("%config memory = default");
});
