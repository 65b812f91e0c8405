import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Seen, type TestKernel, see, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(kernel.folder, name), text);
}

/** Runs a cell of a subshell, while another runs. */
async function beside(code: string): Promise<Seen> {
  const { reply } = await kernel.request("create_subshell_request", {}, { channel: "control" });
  return see(await kernel.request("execute_request", { code }, { subshell: reply.subshell_id }));
}

test("a file that threw after another cell had begun runs again at the next import", async () => {
  const fails = "if (!globalThis.lateReady) { await globalThis.lateGate.promise; throw new Error('late') }";
  write({ "late.ts": `${fails} export const late = 1` });
  await kernel.run("globalThis.lateGate = Promise.withResolvers()");
  const begun = seen(kernel, ({ content }) => content["text"] === "loading\n");
  const importing = kernel.run("console.log('loading'); await import('./late.ts')");
  await begun;
  await beside("lateGate.resolve()");
  expect((await importing).error).toBe("Error: late");
  await kernel.run("globalThis.lateReady = true");
  expect(await kernel.run("(await import('./late.ts')).late")).toMatchObject({ result: "1" });
});

test("a file that threw after its cell had ended runs again too", async () => {
  const fails = "if (!globalThis.afterReady) { await globalThis.afterGate.promise; throw new Error('after') }";
  write({ "after.ts": `${fails} export const after = 1` });
  await kernel.run(
    "globalThis.afterGate = Promise.withResolvers(); const after = import('./after.ts').catch(String); 0",
  );
  const opened = await kernel.run("afterGate.resolve(); globalThis.afterReady = true; await after");
  expect(opened.result).toBe("'Error: after'");
  expect(await kernel.run("(await import('./after.ts')).after")).toMatchObject({ result: "1" });
});

test("a file that another cell is still loading does not run twice where a cell fails", async () => {
  const text = "globalThis.slowRuns += 1; globalThis.failGate.resolve(); await globalThis.slowGate.promise";
  write({ "slow.ts": `${text}; export const slow = 1` });
  await kernel.run(
    "Object.assign(globalThis, { slowRuns: 0, slowGate: Promise.withResolvers(), failGate: Promise.withResolvers() })",
  );
  const begun = seen(kernel, ({ content }) => content["text"] === "waiting\n");
  const failing = beside("console.log('waiting'); await failGate.promise; throw new Error('other')");
  await begun;
  const importing = kernel.run("await import('./slow.ts'); 0");
  expect((await failing).error).toBe("Error: other");
  await beside("slowGate.resolve()");
  expect((await importing).error).toBeUndefined();
  expect(await kernel.run("await import('./slow.ts'); slowRuns")).toMatchObject({ result: "1" });
});

test.for(["await new Promise(() => {})", "await null; for (;;);", "for (;;);"])(
  "a file that was interrupted in `%s` runs again at the next import",
  async (waits) => {
    const name = `hangs${waits.length}`;
    write({ [`${name}.ts`]: `if (!globalThis.${name}) { console.log('hanging'); ${waits} } export const x = 1` });
    const begun = seen(kernel, ({ content }) => content["text"] === "hanging\n");
    const importing = kernel.run(`await import('./${name}.ts')`);
    await begun;
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect((await importing).error).toContain("Interrupted");
    expect(await kernel.run(`globalThis.${name} = true; (await import('./${name}.ts')).x`)).toMatchObject({
      result: "1",
    });
  },
);
