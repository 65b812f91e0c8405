import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { killKernels, killRuntimes } from "../soak/chaos.ts";
import { comesTrue, processesWith, runtimesOf } from "../soak/processes.ts";
import { halted } from "./processes.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

// The short form of `npm run soak`; a failure says its seed, and `node test/soak/main.ts --kill SEED` replays it.

test("a runtime that is killed at any moment costs what it was at: all is answered, and the next cell runs", async () => {
  const { wrong, descriptors } = await killRuntimes({ kills: 16, seed: 1 });
  expect(wrong).toEqual([]);
  expect(descriptors[1]).toBeLessThanOrEqual(descriptors[0] + 2);
}, 120_000);

test("whatever a kernel process was at when it is killed, nothing of it lives on", async () => {
  expect((await killKernels({ kills: 6, seed: 1 })).wrong).toEqual([]);
}, 120_000);

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
  await halted(Number(result));
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

describe("a program of %sh, which has a process group of its own, ends", () => {
  /** A kernel in which such a program runs while a cell spins. */
  async function startBusyKernel(marker: string): Promise<{ kernel: TestKernel; cell: Promise<unknown> }> {
    const kernel = await startTestKernel({ env: { TYPHOON_SOAK: marker } });
    const begun = seen(kernel, ({ content }) => content["text"] === "begun\n");
    const code = `import { sh } from "typhoon-kernel"; void sh\`sleep 300\`; setTimeout(() => { console.log("begun"); for (;;); }, 50)
await new Promise(() => {})`;
    const cell = kernel.run(code).catch(() => {}); // its kernel may be killed
    await begun;
    expect(processesWith(marker).length).toBeGreaterThan(2); // the shell, and perhaps what it runs
    return { kernel, cell };
  }

  test("when the runtime is killed", async () => {
    const marker = randomUUID();
    const { kernel, cell } = await startBusyKernel(marker);
    for (const runtime of runtimesOf(kernel.process.pid!)) process.kill(runtime, "SIGKILL");
    await cell;
    expect((await kernel.run("1")).result).toBe("1");
    expect(await comesTrue(() => processesWith(marker).length === 2, 5_000)).toBe(true);
    await kernel.shutdown();
  });

  test("when the kernel process is killed while a cell spins", async () => {
    const marker = randomUUID();
    const { kernel } = await startBusyKernel(marker);
    kernel.process.kill("SIGKILL");
    expect(await comesTrue(() => processesWith(marker).length === 0, 10_000)).toBe(true);
    await kernel.shutdown();
  });
});

test("a cell of a deleted subshell is not told to another runtime", async () => {
  const kernel = await startTestKernel();
  const control = { channel: "control" } as const;
  const { result } = await kernel.run("process.pid");
  const { reply } = await kernel.request("create_subshell_request", {}, control);
  const subshell = reply.subshell_id;
  await halted(Number(result));
  const sent = seen(kernel, ({ header }) => header.msg_type === "execute_input");
  const cell = kernel.request("execute_request", { code: "await new Promise(() => {})" }, { subshell });
  await sent;
  const gone = kernel.request("delete_subshell_request", { subshell_id: subshell }, control);
  await kernel.request("kernel_info_request", {}, control);
  process.kill(Number(result), "SIGKILL");
  expect((await cell).reply.status).toBe("error");
  expect((await gone).reply.status).toBe("ok");
  await kernel.shutdown();
});
