import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { seen, startTestKernel } from "./harness.ts";

/** Resolves when a process is gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

test("a shutdown ends the kernel and its runtime", async () => {
  const kernel = await startTestKernel();
  const { result } = await kernel.run("process.pid");
  await kernel.shutdown();
  expect(kernel.process.exitCode).toBe(0);
  await gone(Number(result));
});

test("a shutdown ends what the runtime started with %sh", async () => {
  const kernel = await startTestKernel();
  const started = seen(kernel, ({ content }) => /^\d+\n$/.test(String(content["text"])));
  kernel.send("execute_request", { code: "%sh echo $$; exec sleep 300" }).answer.catch(() => {});
  const pid = Number((await started).content["text"]);
  await kernel.shutdown();
  await gone(pid);
  expect(pid).toBeGreaterThan(1);
});

test("a kernel whose parent dies ends with its runtime, even while a cell spins", async () => {
  const script = `
    const { startTestKernel } = await import("./test/kernel/harness.ts");
    const kernel = await startTestKernel();
    const { result } = await kernel.run("process.pid");
    kernel.send("execute_request", { code: "while (true) {}" });
    console.log(kernel.process.pid, result);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pids = String(line).trim().split(" ").map(Number);
  parent.kill("SIGKILL");
  await Promise.all(pids.map(gone));
  expect(pids).toHaveLength(2);
});
