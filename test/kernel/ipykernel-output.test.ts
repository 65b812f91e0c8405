import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";
import { type Watch, watch } from "./watch.ts";

// The cases of ipykernel's test_kernel.py on output, in the words of TypeScript.

let kernel: TestKernel;
let outputs: Watch;

beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  outputs = watch(kernel);
  await kernel.run(`
    import { fork, spawn } from "node:child_process"
    import { once } from "node:events"
    import { writeFileSync } from "node:fs"
    import { setTimeout as sleep } from "node:timers/promises"
    import { Worker } from "node:worker_threads"
    writeFileSync("says.cjs", "console.log('hello')"); writeFileSync("silent.cjs", ""); writeFileSync("fails.cjs", "throw new TypeError('no number')")`);
});
afterAll(() => kernel.shutdown());

const iterations = 3;
const lines = Array.from({ length: iterations }, (_, i) => `${i}\n`).join("");

test.for([
  [
    "test_print_to_correct_cell_from_thread",
    `new Worker("for (let i = 0; i < ${iterations}; i++) setTimeout(() => console.log(String(i)), i * 30)", { eval: true }); 0`,
  ],
  [
    "test_print_to_correct_cell_from_child_thread",
    `new Worker("new (require('worker_threads').Worker)('for (let i = 0; i < ${iterations}; i++) setTimeout(() => console.log(String(i)), i * 30)', { eval: true })", { eval: true }); 0`,
  ],
  [
    "test_print_to_correct_cell_from_asyncio",
    `void (async () => { for (let i = 0; i < ${iterations}; i++) { console.log(String(i)); await sleep(30) } })()`,
  ],
] as const)("%s", async ([, code]) => {
  const { published } = await kernel.run(code);
  const first = published[0]?.parent_header.msg_id ?? "none";
  let later = "";
  while (outputs.under(first) !== lines) later += (await kernel.run(`await sleep(5)`)).stdout;
  expect(later).toBe("");
});

test("test_subprocess_print", async () => {
  const { stdout, stderr } = await kernel.run(
    `console.log("before"); await Promise.all(Array.from({ length: 5 }, () => once(fork("says.cjs"), "exit"))); console.log("after")`,
  );
  expect([stdout, stderr]).toEqual([`before\n${"hello\n".repeat(5)}after\n`, ""]);
});

test("test_subprocess_noprint", async () => {
  const { stdout, stderr } = await kernel.run(
    `await Promise.all(Array.from({ length: 5 }, () => once(fork("silent.cjs"), "exit")))`,
  );
  expect([stdout, stderr]).toEqual(["", ""]);
});

test("test_subprocess_error", async () => {
  const { stdout, stderr } = await kernel.run(`await once(fork("fails.cjs"), "exit"); 0`);
  expect(stdout).toBe("");
  expect(stderr).toContain("TypeError: no number");
});

test("test_capture_fd", async () => {
  const { stdout } = await kernel.run(`await once(spawn("echo capsys", { shell: true, stdio: "inherit" }), "exit"); 0`);
  expect(stdout).toBe("capsys\n");
});

test("test_subprocess_peek_at_stream_fileno", async () => {
  const { stdout } = await kernel.run(
    `await once(spawn("echo", ["CAP1"], { stdio: ["ignore", process.stdout.fd, process.stderr.fd] }), "exit"); 0`,
  );
  expect(stdout).toBe("CAP1\n");
});
