import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";
import { gone, halted, serversOf } from "./processes.ts";

describe.concurrent("where types cannot be checked", () => {
  test("cells run, and one note says so", async ({ expect }) => {
    const kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "warn" } });
    const notes: string[] = [];
    for (let cell = 0; cell < 8; cell += 1) {
      const { stderr, result } = await kernel.run(`const n: number = ''; ${cell}`);
      expect(result).toBe(String(cell));
      notes.push(stderr);
      for (const pid of serversOf(kernel.process.pid)) {
        process.kill(pid, "SIGKILL");
        await gone(pid);
      }
    }
    expect(notes.filter((note) => note !== "")).toEqual([
      "typhoon: cells are not checked: the language server ends again and again: SIGKILL.\n",
    ]);
    await kernel.shutdown();
  });

  test("a cell of megabytes is data: it runs, and its names are any", async ({ expect }) => {
    const kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "block" } });
    const { stderr, error } = await kernel.run(`const big = [${"1, ".repeat(400_000)}]; const n: number = ''`);
    expect(error).toBeUndefined();
    expect(stderr).toBe("typhoon: a cell of more than 1 MB is not checked, and the names that it declares are any.\n");
    expect((await kernel.run("big.length + n.nothing")).error).toBeUndefined();
    await kernel.shutdown();
  });

  test("code nested too deep is told as such, by a kernel that lives on", async ({ expect }) => {
    const kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "block" } });
    const codes = [
      `const nested = ${"[".repeat(20_000)}${"]".repeat(20_000)}`,
      "[".repeat(20_000),
      `const chain = [1]${".map((x) => x)".repeat(5_000)}`,
    ];
    for (const code of codes) {
      await kernel.request("complete_request", { code, cursor_pos: code.length });
      expect((await kernel.run(code)).error).toContain("nested too deep");
    }
    await kernel.shutdown();
  });

  test("a tsconfig.json that cannot be read is named once", async ({ expect }) => {
    const folder = mkdtempSync(join(tmpdir(), "typhoon-broken-"));
    writeFileSync(join(folder, "tsconfig.json"), '{ "extends": "./nowhere.json" }');
    const kernel = await startTestKernel({ folder, env: { TYPHOON_TYPECHECK: "block" } });
    expect((await kernel.run("1")).stderr).toContain("tsconfig.json cannot be read (File './nowhere.json' not found.)");
    expect((await kernel.run("2")).stderr).toBe("");
    expect((await kernel.run("const n: number = ''")).error).toContain("TypeCheckError");
    await kernel.shutdown();
  });

  test("a folder that was deleted is named once", async ({ expect }) => {
    const folder = mkdtempSync(join(tmpdir(), "typhoon-gone-"));
    const kernel = await startTestKernel({ folder, env: { TYPHOON_TYPECHECK: "warn", TYPHOON_HISTORY: ":memory:" } });
    expect((await kernel.run("const n = 1")).stderr).toBe("");
    rmSync(folder, { recursive: true });
    expect((await kernel.run("n")).stderr).toContain(`the folder ${folder} is gone`);
    expect(await kernel.run("n + 1")).toMatchObject({ stderr: "", result: "2" });
    await kernel.shutdown();
  });

  test("an interrupt ends a check", async ({ expect }) => {
    const kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "block" } });
    await kernel.run("1");
    const [pid] = serversOf(kernel.process.pid);
    await halted(pid);
    const busy = seen(kernel, ({ header }) => header.msg_type === "execute_input");
    const run = kernel.run("const n: number = ''");
    await busy;
    kernel.send("interrupt_request", {}, { channel: "control" });
    expect((await run).error).toBe(
      "Interrupted: the cell was interrupted while its types were checked; it did not run",
    );
    process.kill(pid!, "SIGCONT");
    expect((await kernel.run("2")).result).toBe("2");
    await kernel.shutdown();
  });
});

test.concurrent.for([
  ["shut down", (kernel: TestKernel): Promise<void> => kernel.shutdown()],
  ["killed", async (kernel: TestKernel): Promise<void> => void kernel.process.kill("SIGKILL")],
] as const)("the language server ends with a kernel that is %s", async ([, end], { expect }) => {
  const kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "block" } });
  await kernel.run("1");
  const [pid] = serversOf(kernel.process.pid);
  expect(pid).toBeGreaterThan(1);
  await end(kernel);
  await gone(pid!);
});

test.concurrent("no server starts where nothing asks for types", async ({ expect }) => {
  const kernel = await startTestKernel();
  await kernel.run("1");
  expect(serversOf(kernel.process.pid)).toEqual([]);
  await kernel.shutdown();
});
