import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

describe("the end of the runtime is told under its cell and the next cell runs:", () => {
  test.for([
    ["process.exit(3)", /^RuntimeExited: .*process\.exit\(3\).*variables of this notebook are gone/],
    ["process.abort()", /^RuntimeCrashed: .*SIGABRT/],
    ["setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5); await new Promise(() => {})", /^RuntimeKilled: /],
    ["require('node:child_process').execSync('kill -KILL $PPID; sleep 20')", /^RuntimeKilled: /],
    ["const started = %sh kill -KILL $PPID; sleep 20", /^RuntimeKilled: /],
    [
      "new (require('node:worker_threads').Worker)('process.kill(process.pid, \"SIGKILL\")', { eval: true }); for (;;);",
      /^RuntimeKilled: /,
    ],
    ["process.kill(process.pid, 'SIGKILL')", /^RuntimeKilled: .*SIGKILL.*no memory left.*%config memory/],
    [
      "const all = Array(2 ** 25).fill(0); all.length = 2 ** 26; for (;;) all.push(1)",
      /^OutOfMemory: one value was too large for V8/,
    ],
    [`"x".repeat(2 ** 29 - 24).split("")`, /^OutOfMemory: one value was too large for V8/],
  ] as const)("%s", async ([code, expected]) => {
    await kernel.run("const before = 1");
    const { error, reply, stderr } = await kernel.run(code);
    expect(reply.status).toBe("error");
    expect(error).toMatch(expected);
    expect(stderr).toBe("");
    expect((await kernel.run("typeof before")).result).toBe("'undefined'");
  });
});

/** Process ids of the kernel's runtimes. */
function runtimes(): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return parent === kernel.process.pid ? [pid!] : [];
  });
}

test("a runtime that is killed while it starts costs at most its cell", async () => {
  for (let round = 0; round < 5; round += 1) {
    await kernel.run("process.exit()");
    const [starting] = runtimes();
    process.kill(starting!, "SIGKILL");
    const { error } = await kernel.run("1");
    expect(error ?? "RuntimeKilled: ").toMatch(/^RuntimeKilled: /);
    expect((await kernel.run("40 + 2")).result).toBe("42");
  }
});

test("an exit handler that loops does not keep the next cell waiting", async () => {
  const { error } = await kernel.run(`process.on("exit", () => { for (;;); }); process.exit(1)`);
  expect(error).toMatch(/^RuntimeExited: /);
  expect((await kernel.run("1")).result).toBe("1");
});

test("an exit handler that throws does not keep the process from ending", async () => {
  const { published } = await kernel.run(
    `const lost = 1; process.on("exit", () => { throw new Error("in exit") }); process.exit(3)`,
  );
  const errors = published.filter(({ header }) => header.msg_type === "error").map(({ content }) => content["evalue"]);
  expect(errors).toEqual(["in exit", expect.stringContaining("process.exit(3)")]);
  expect((await kernel.run("typeof lost")).result).toBe("'undefined'");
});

test("process.exit in a timer of an ended cell is told under that cell, and under the one that awaits as another's", async () => {
  const told = seen(kernel, ({ content }) => String(content["evalue"]).startsWith("the cell ended"));
  const { reply, published } = await kernel.run(
    `const later = () => process.exit(5); setInterval(() => globalThis.ready && later(), 5); 1`,
  );
  expect(reply.status).toBe("ok");
  const { error } = await kernel.run("globalThis.ready = true; await new Promise(() => {})");
  expect(error).toMatch(/^RuntimeExited: code of another cell, such as a timer, ended .*process\.exit\(5\)/);
  expect((await told).parent_header.msg_id).toBe(published[0]!.parent_header.msg_id);
  expect((await kernel.run("1")).result).toBe("1");
});

test("a process left behind, which holds the runtime's stdout, keeps nobody waiting", async () => {
  const { stdout, error } = await kernel.run(
    `import { spawn } from "node:child_process"
     const left = spawn("sleep", ["20"], { detached: true, stdio: "inherit" }); console.log(left.pid); process.exit(3)`,
  );
  process.kill(Number(stripVTControlCharacters(stdout)));
  expect(error).toMatch(/^RuntimeExited: /);
  expect((await kernel.run("1")).result).toBe("1");
});

test("a fatal report of a child is shown, and later stderr too", async () => {
  const fatal = await kernel.run(
    `fs.writeSync(2, "FATAL ERROR: of a child\\n"); 1`.replace("fs", `require("node:fs")`),
  );
  expect(fatal.stderr).toBe("FATAL ERROR: of a child\n");
  expect((await kernel.run(`require("node:fs").writeSync(2, "later\\n"); 1`)).stderr).toBe("later\n");
});

test("a cell that takes Node's globals away does not take the kernel's", async () => {
  await kernel.run("globalThis.process = undefined");
  expect((await kernel.run("console.log(1); 2")).result).toBe("2");
  const { stdout, reply } = await kernel.run(
    `import p from "node:process"; p.stdout.end("last"); console.log(" and more")`,
  );
  expect([reply.status, stdout]).toEqual(["ok", "last and more\n"]);
});

test("a stack overflow is an error like any other", async () => {
  await kernel.run("const kept = 1");
  const { error } = await kernel.run("function deep() { deep() } deep()");
  expect(error).toBe("RangeError: Maximum call stack size exceeded");
  expect((await kernel.run("kept")).result).toBe("1");
});

test("an error in a timer is shown, the runtime lives on", async () => {
  await kernel.run("const alive = 1");
  const { error, reply } = await kernel.run(
    `setTimeout(() => { throw new Error("in a timer") }, 1); await new Promise((done) => setTimeout(done, 30))`,
  );
  expect(error).toBe("Error: in a timer");
  expect(reply.status).toBe("ok");
  const rejected = await kernel.run(
    `Promise.reject(new Error("nobody")); await new Promise((done) => setTimeout(done, 5))`,
  );
  expect(rejected.error).toBe("Error: nobody");
  expect((await kernel.run("alive")).result).toBe("1");
});
