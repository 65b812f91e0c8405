import { expect, test } from "vitest";
import { startTestKernel } from "./harness.ts";

test("a setting changed in a cell outlives the runtime process", async () => {
  const kernel = await startTestKernel({ env: { TYPHOON_MEMORY: "1GB" } });
  expect((await kernel.run("%config memory")).stdout).toBe("memory = 1 GB\n");
  await kernel.run("%config memory = 2GB");
  await kernel.run("process.exit()");
  expect((await kernel.run("const bytes = %config memory\nbytes")).result).toContain(String(2 ** 31));
  await kernel.run("%config memory = default");
  await kernel.run("process.exit()");
  expect((await kernel.run("%config memory")).stdout).toBe("memory = 1 GB\n");
  await kernel.shutdown();
});

test("a bad value in the environment is told under the first cell", async () => {
  const kernel = await startTestKernel({ env: { TYPHOON_MEMORY: "lots" } });
  const { stderr, reply } = await kernel.run("1");
  expect(stderr).toMatch(/^typhoon: TYPHOON_MEMORY is a size .* not "lots"\. It is left at .*\.\n$/);
  expect(reply.status).toBe("ok");
  expect((await kernel.run("1")).stderr).toBe("");
  await kernel.shutdown();
});
