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

test("a cell that the runtime has not begun when it is killed runs in the next one", async () => {
  const kernel = await startTestKernel();
  const { published, result } = await kernel.run("const before = 1; process.pid");
  process.kill(Number(result), "SIGSTOP");
  const told = seen(kernel, ({ header }) => header.msg_type === "error");
  const sent = seen(kernel, ({ header }) => header.msg_type === "execute_input");
  const cell = kernel.run("typeof before");
  await sent;
  process.kill(Number(result), "SIGKILL");
  const { reply, error, result: found } = await cell;
  expect([reply.status, error, found]).toEqual(["ok", undefined, "'undefined'"]);
  const { parent_header: parent, content } = await told;
  expect(parent.msg_id).toBe(published[0]?.parent_header.msg_id);
  expect(content["ename"]).toBe("RuntimeKilled");
  await kernel.shutdown();
});
