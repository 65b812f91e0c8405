import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

// 3 and 5 are pipes by which the runtime speaks with the kernel.
test.for([
  `require("fs").writeSync(3, "hello")`,
  `require("fs").writeSync(3, new Uint8Array([0xfe, 4, 0, 0, 0, 255, 15, 1, 2])); 1`,
  `require("fs").writeSync(5, "hello"); await new Promise(() => {})`,
  `require("child_process").execSync("echo hello >&7", { stdio: [0, 1, 2, 0, 0, 0, 0, 3] })`,
])("bytes of somebody else on the runtime's own pipes end it, and the next cell runs: %s", async (code) => {
  const { error } = await kernel.run(code);
  expect(error).toMatch(/^RuntimeKilled: something wrote to file descriptor 3 or 5/);
  expect((await kernel.run("40 + 2")).result).toBe("42");
});

test.each([3, 4, 5])("the runtime's own file descriptor %i cannot be closed by a cell", async (fd) => {
  expect((await kernel.run(`require("fs").closeSync(${fd})`)).error).toBe("Error: EBADF: bad file descriptor, close");
  const later = await kernel.run(`await new Promise((done) => require("fs").close(${fd}, (e) => done(e.code)))`);
  expect(later.result).toContain("EBADF");
  await kernel.run("1");
  expect((await kernel.run("40 + 2")).result).toBe("42");
});
