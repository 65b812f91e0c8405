import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { describe, test } from "vitest";
import { type FromRuntime, createFrameDecoder, descriptors, encodeFrame } from "../../kernel/runtime/link.ts";
import { attachRuntime } from "../../kernel/session/runtime-process.ts";
import { spawnRuntime } from "../../kernel/session/spawn-runtime.ts";
import { createSettings } from "../../kernel/settings.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";
import { gone } from "./processes.ts";

// Each test has a kernel of its own and mostly waits for an end, so they run at the same time.

test.concurrent("a shutdown ends the kernel and its runtime", async ({ expect }) => {
  const kernel = await startTestKernel();
  const { result } = await kernel.run("process.pid");
  await kernel.shutdown();
  expect(kernel.process.exitCode).toBe(0);
  await gone(Number(result));
});

test.concurrent("a shutdown ends what the runtime started with %sh", async ({ expect }) => {
  const kernel = await startTestKernel();
  const started = seen(kernel, ({ content }) => /^\d+\n$/.test(String(content["text"])));
  kernel.send("execute_request", { code: "%sh echo $$; exec sleep 300" }).answer.catch(() => {});
  const pid = Number((await started).content["text"]);
  await kernel.shutdown();
  await gone(pid);
  expect(pid).toBeGreaterThan(1);
});

test.concurrent("a kernel whose parent dies ends with its runtime, even while a cell spins", async ({ expect }) => {
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

/** A cell that starts a shell, which starts a sleep, and prints the runtime's pid, the shell's and the sleep's. */
const family = `import { spawn } from "node:child_process"
const shell = spawn("sh", ["-c", "sleep 300 & echo $!; wait"], { stdio: ["ignore", "pipe", "inherit"] })
const [line] = await new Promise((done) => shell.stdout.once("data", (data) => done(String(data).split("\\n"))))
console.log("pids", process.pid, shell.pid, Number(line))`;

async function startFamily(kernel: TestKernel): Promise<number[]> {
  return pidsIn((await kernel.run(family)).stdout);
}

function pidsIn(text: string): number[] {
  return [...text.replaceAll(/\u001B\[\d+m/g, "").matchAll(/\d+/g)].map(Number);
}

describe.concurrent("the runtime, its children and theirs end", () => {
  test("at a shutdown", async ({ expect }) => {
    const kernel = await startTestKernel();
    const pids = await startFamily(kernel);
    await kernel.shutdown();
    await Promise.all(pids.map(gone));
    expect(pids).toHaveLength(3);
  });

  test("at a shutdown while a cell spins", async ({ expect }) => {
    const kernel = await startTestKernel();
    const pids = await startFamily(kernel);
    const spins = seen(kernel, ({ content }) => content["text"] === "spins\n");
    kernel.send("execute_request", { code: `console.log("spins"); for (;;);` }).answer.catch(() => {});
    await spins;
    await kernel.shutdown();
    await Promise.all(pids.map(gone));
    expect(pids).toHaveLength(3);
  });

  test.for(["process.exit(1)", "process.abort()", "process.kill(process.pid, 'SIGKILL')"])(
    "at %s",
    async (code, { expect }) => {
      const kernel = await startTestKernel();
      const pids = await startFamily(kernel);
      await kernel.run(code);
      await Promise.all(pids.map(gone));
      expect((await kernel.run("1")).result).toBe("1");
      await kernel.shutdown();
    },
  );

  test.for([
    ["idle", undefined],
    ["while a cell spins", "for (;;);"],
    ["while a cell prints", `for (;;) console.log("x")`],
    ["while a cell awaits", "await new Promise(() => {})"],
  ] as const)("when the kernel process is killed %s", async ([, code], { expect }) => {
    const kernel = await startTestKernel();
    const pids = await startFamily(kernel);
    const begun = seen(kernel, ({ header }) => header.msg_type === "execute_input");
    if (code) {
      kernel.send("execute_request", { code }).answer.catch(() => {});
      await begun;
    }
    kernel.process.kill("SIGKILL");
    await Promise.all(pids.map(gone));
    expect(pids).toHaveLength(3);
    await kernel.shutdown();
  });
});

test.concurrent("what a cell has started ends with the kernel process, whichever of its pipes closes first", async ({
  expect,
}) => {
  const { env } = process;
  const entry = resolve("kernel/runtime/main.ts");
  const runtime = spawnRuntime({ entry, nodeFlags: [], env, settings: createSettings(env) });
  const printed = new Promise<string>((done) => {
    const take = createFrameDecoder((frame) => {
      const message = frame as FromRuntime;
      if (message.type === "publish") done(String(message.publication.content["text"]));
    });
    runtime.stdio[descriptors.out]!.on("data", take);
  });
  const requests = runtime.stdio[descriptors.requests] as Writable;
  const options = { silent: false, userExpressions: {}, allowStdin: false };
  requests.write(encodeFrame({ type: "run", cell: "1", code: family, name: "In[1]", ...options }));
  const pids = pidsIn(await printed);
  requests.destroy();
  await Promise.all(pids.map(gone));
  expect(pids).toHaveLength(3);
});

test.concurrent("a child that ignores SIGTERM ends too, one with a group of its own lives on", async ({ expect }) => {
  const kernel = await startTestKernel();
  const { stdout } = await kernel.run(`import { spawn } from "node:child_process"
    const stubborn = spawn("sh", ["-c", "trap '' TERM; echo set; while :; do sleep 1; done"], { stdio: ["ignore", "pipe", "ignore"] })
    await new Promise((done) => stubborn.stdout.once("data", done))
    const free = spawn("sleep", ["300"], { detached: true, stdio: "ignore" }); free.unref()
    console.log(stubborn.pid + " " + free.pid)`);
  const [stubborn, free] = stdout.trim().split(" ").map(Number) as [number, number];
  await kernel.shutdown();
  await gone(stubborn);
  expect(process.kill(free, 0)).toBe(true);
  process.kill(free);
});

describe.concurrent("what waits for the end", () => {
  const cell = (file: string): string => `import { onShutdown } from "typhoon-kernel"; import fs from "node:fs"
    onShutdown("first", async () => { await new Promise((done) => setTimeout(done, 50)); fs.appendFileSync("${file}", "closed\\n") })
    onShutdown("broken", () => { throw new Error("no") })
    onShutdown("taken back", () => fs.appendFileSync("${file}", "not this\\n"))()
    process.on("exit", () => fs.appendFileSync("${file}", "exit\\n"))`;

  test("is called at a shutdown, before the exit handlers, also while a cell awaits", async ({ expect }) => {
    const kernel = await startTestKernel();
    const file = join(kernel.folder, "end.txt");
    await kernel.run(cell(file));
    const begun = seen(kernel, ({ header }) => header.msg_type === "execute_input");
    kernel.send("execute_request", { code: "await new Promise(() => {})" }).answer.catch(() => {});
    await begun;
    await kernel.shutdown();
    expect(readFileSync(file, "utf8")).toBe("closed\nexit\n");
  });

  test("is called when the kernel process was killed", async ({ expect }) => {
    const kernel = await startTestKernel();
    const file = join(kernel.folder, "end.txt");
    await kernel.run(cell(file));
    const pid = Number((await kernel.run("process.pid")).result);
    kernel.process.kill("SIGKILL");
    await gone(pid);
    expect(readFileSync(file, "utf8")).toBe("closed\nexit\n");
    await kernel.shutdown();
  });

  test("is named in the log where it spins", async ({ expect }) => {
    const logs: string[] = [];
    const done = Promise.withResolvers<void>();
    const runtime = attachRuntime(
      spawnRuntime({
        entry: resolve("kernel/runtime/main.ts"),
        nodeFlags: [],
        env: process.env,
        settings: createSettings({}),
      }),
      {
        message: (message) => {
          if (message.type === "log") logs.push(message.text);
          if (message.type === "done") done.resolve();
        },
        output() {},
        end() {},
        secret() {},
        room: () => undefined,
      },
    );
    const code = `import { onShutdown } from "typhoon-kernel"; onShutdown("quick", () => {}); onShutdown("looper", () => { for (;;); });
      onShutdown("newer", () => {})`;
    runtime.send({
      type: "run",
      cell: "1",
      code,
      name: "In[1]",
      silent: false,
      userExpressions: {},
      allowStdin: false,
    });
    await done.promise;
    await runtime.stop();
    expect(logs).toEqual(["closing looper was given up: it has not ended, or spins"]);
  });

  test("is given up after a time", async ({ expect }) => {
    const kernel = await startTestKernel();
    await kernel.run(`import { onShutdown } from "typhoon-kernel"; onShutdown("never", () => new Promise(() => {}))`);
    const start = performance.now();
    await kernel.shutdown();
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(kernel.process.exitCode).toBe(0);
  });
});

test.concurrent("a kernel leaves no temporary files behind", async ({ expect }) => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-test-"));
  const kernel = await startTestKernel({ env: { TMPDIR: folder } });
  await kernel.run(`require("node:child_process").execSync("echo 1", { stdio: "inherit" }); await sql\`select 42\``);
  await kernel.run("process.abort()");
  await kernel.run("1");
  await kernel.shutdown();
  expect(readdirSync(folder)).toEqual([]);
});
