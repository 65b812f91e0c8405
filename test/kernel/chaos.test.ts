import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { seen, startTestKernel } from "./harness.ts";

test("a cell that spins is interrupted where the folder has been removed before the runtime was up", async () => {
  const kernel = await startTestKernel();
  await kernel.run("process.exit()");
  const spins = seen(kernel, ({ content }) => content["text"] === "spins\n");
  const cell = kernel.run(
    `import { mkdtempSync, rmdirSync } from "node:fs"
     const gone = mkdtempSync("${tmpdir()}/typhoon-test-"); process.chdir(gone); rmdirSync(gone); console.log("spins"); for (;;);`,
  );
  await spins;
  await kernel.request("interrupt_request", {}, { channel: "control" });
  expect((await cell).error).toMatch(/^Interrupted: /);
  expect((await kernel.run("typeof gone")).result).toBe("'string'");
  await kernel.shutdown();
});
