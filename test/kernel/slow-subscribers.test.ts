import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endpoint } from "../../kernel/protocol/connection-file.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

// Beyond the limits that a cell's output has by itself.
const env = { TYPHOON_OUTPUT_TEXT: "1000 MB", TYPHOON_OUTPUT_DATA: "1000 MB", TYPHOON_OUTPUT_DISPLAYS: "1000000" };
// Of much text that was taken last, a stopped subscriber gets the more time; displays of this size are not joined.
const shows = `display.text("x".repeat(99_999))`;
const flood = (megabytes: number): string =>
  `for (let i = 0; i < ${megabytes}; i++) console.log("x".repeat(999_999)); console.log("end of output")`;

let kernel: TestKernel;
let subscriber: ChildProcess;
let lines: AsyncIterator<string>;
beforeEach(async () => {
  kernel = await startTestKernel({ env });
  const address = endpoint(kernel.connection, "iopub");
  subscriber = spawn(process.execPath, [resolve("test/kernel/subscriber.ts"), address], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  lines = createInterface({ input: subscriber.stdout! })[Symbol.asyncIterator]();
  await lines.next();
});
afterEach(async () => {
  subscriber.kill("SIGKILL");
  await kernel.shutdown();
});

/** Watches the memory of the kernel process while it publishes; returns a function that tells the most so far, in MB. */
function watchMemory(): () => number {
  let most = 0;
  let messages = 0;
  kernel.onPublished(() => {
    if ((messages += 1) % 4 !== 0) return;
    most = Math.max(most, Number(execFileSync("ps", ["-o", "rss=", "-p", String(kernel.process.pid)])) / 1_024);
  });
  return () => most;
}

test("a subscriber that is slow loses nothing", async () => {
  const characters = 1_000 * "line\n".length + "end of output\n".length;
  subscriber.stdin!.write("read 1\n");
  const seenHere = await kernel.run(
    `for (let i = 0; i < 500; i++) { console.log("line"); console.error("line") } console.log("end of output")`,
  );
  const streams = seenHere.published.filter(({ header }) => header.msg_type === "stream");
  expect(streams).toHaveLength(1_001);
  expect((await lines.next()).value).toBe(String(characters));
});

test("a subscriber that is slow holds up a flood, and gets all of it", async () => {
  subscriber.stdin!.write("read 1\n");
  const { stdout } = await kernel.run(flood(60));
  expect(stdout).toHaveLength(60_000_014);
  expect((await lines.next()).value).toBe("60000014");
});

describe.skipIf(process.platform === "win32")("a subscriber that has stopped", () => {
  test("holds up the others for a few seconds only; memory stays bounded, and once it reads again it gets what is new", async () => {
    subscriber.kill("SIGSTOP");
    const memory = watchMemory();
    let last = performance.now();
    let longest = 0;
    kernel.onPublished(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    });
    const { stdout } = await kernel.run(flood(300));
    expect(stdout).toHaveLength(300_000_014);
    expect(longest).toBeLessThan(15_000);
    // 270 MB on a quiet machine; without bounds it grows with the flood, to 430 MB here.
    expect(memory()).toBeLessThan(370);

    subscriber.kill("SIGCONT");
    subscriber.stdin!.write("read 0\n");
    // What was under way when it stopped is still there; the end of the flood is lost.
    const next = lines.next();
    let answer: IteratorResult<string> | undefined;
    while (!answer) {
      answer = await Promise.race([next, kernel.run(`console.log("end of output")`).then(() => undefined)]);
    }
    expect(Number(answer.value)).toBeLessThan(300_000_014);
  });

  test("does not keep an interrupt from a cell that is blocked by its output", async () => {
    subscriber.kill("SIGSTOP");
    const sent = kernel.send("execute_request", { code: `while (true) ${shows}` }, { untilIdle: false });
    await seen(kernel, ({ header }) => header.msg_type === "display_data");
    await stalls(500);
    const start = performance.now();
    await kernel.request("interrupt_request", {}, { channel: "control", untilIdle: false });
    expect((await sent.answer).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect(performance.now() - start).toBeLessThan(2_500);
    subscriber.kill("SIGKILL");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });

  test("does not keep the kernel from its end", async () => {
    subscriber.kill("SIGSTOP");
    kernel.send("execute_request", { code: `while (true) ${shows}` }).answer.catch(() => {});
    await seen(kernel, ({ header }) => header.msg_type === "display_data");
    await stalls(500);
    const ended = once(kernel.process, "exit");
    await kernel.shutdown();
    expect((await ended)[0]).toBe(0);
  });
});

/** Resolves after a time in which nothing was published: that a cell is blocked is told by no event. */
function stalls(ms: number): Promise<void> {
  return new Promise((done) => {
    let timer = setTimeout(done, ms);
    kernel.onPublished(() => {
      clearTimeout(timer);
      timer = setTimeout(done, ms);
    });
  });
}
