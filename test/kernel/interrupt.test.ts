import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Seen, type TestKernel, see, seen, startTestKernel } from "./harness.ts";
import { gone } from "./processes.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
  await kernel.run("const kept = 41");
});
afterAll(() => kernel.shutdown());

/** Runs a cell that prints `now` when it is in its state, interrupts it then, and returns what came and how long it took. */
async function interrupted(code: string): Promise<Seen & { ms: number }> {
  const printed = seen(kernel, ({ content }) => content["text"] === "now\n");
  const cell = kernel.send("execute_request", { code });
  await printed;
  const start = performance.now();
  await kernel.request("interrupt_request", {}, { channel: "control" });
  const answer = see(await cell.answer);
  return { ...answer, ms: performance.now() - start };
}

const print = `console.log("now");`;
const states: Record<string, string> = {
  "a loop": `${print} while (true) {}`,
  "an optimized loop": `let x; for (let i = 0; ; i++) { x = new Array(17); if (i === 1e7) ${print} }`,
  "an optimized loop that calls": `const make = () => new Array(50).fill(0); for (let i = 0; ; i++) { make(); if (i === 1e7) ${print} }`,
  "a loop after an await": `await 1; ${print} while (true) {}`,
  "a loop in a timer": `setTimeout(() => { ${print} while (true) {} }, 1); await new Promise(() => {})`,
  "a loop in an interval": `setInterval(() => { ${print} while (true) {} }, 1); await new Promise(() => {})`,
  "a loop in an immediate": `setImmediate(() => { ${print} while (true) {} }); await new Promise(() => {})`,
  "a loop in a microtask": `queueMicrotask(() => { ${print} while (true) {} }); await new Promise(() => {})`,
  "a loop in nextTick": `process.nextTick(() => { ${print} while (true) {} }); await new Promise(() => {})`,
  "microtasks without end": `${print} for (;;) await null`,
  "awaits without end": `${print} for (;;) await new Promise((done) => setTimeout(done, 1))`,
  "a promise that never settles": `${print} await new Promise(() => {})`,
  "for await over a silent source": `${print} for await (const _ of (async function* () { await new Promise(() => {}) })()) {}`,
  execSync: `import { execSync } from "node:child_process"; ${print} execSync("sleep 60")`,
  spawnSync: `import { spawnSync } from "node:child_process"; ${print} spawnSync("sleep", ["60"])`,
  "Atomics.wait": `${print} Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
  "a catastrophic regular expression": `${print} /^(a+)+$/.test("a".repeat(40) + "b")`,
  "a sort": `${print} Array.from({ length: 5 }, () => 1).sort(() => { while (true) {} })`,
  eval: `${print} eval("while (true) {}")`,
  "a long DuckDB query": `${print} await sql\`select count(*) from range(1000000) a, range(10000000) b where a.range * b.range = 7\``,
  "a shell command": `const command = sh\`sleep 60\`; ${print} await command`,
  "a fs callback": `import fs from "node:fs"; fs.stat(".", () => { ${print} while (true) {} }); await new Promise(() => {})`,
};

describe("a cell is interrupted within a second, its variables kept, in", () => {
  test.for(Object.entries(states))("%s", async ([, code]) => {
    const { error, ms, reply } = await interrupted(code);
    expect(reply.status).toBe("error");
    expect(error).toMatch(/^Interrupted: /);
    expect(ms).toBeLessThan(1_000);
    const next = await kernel.run(`await new Promise((done) => setTimeout(done, 5)); kept + 1`);
    expect(next.result).toBe("42");
  });
});

describe("the children of an interrupted cell end with it,", () => {
  const start = `import cp from "node:child_process"; import { once } from "node:events"; import { promisify } from "node:util"; `;
  test.for([
    ["awaited", `const c = cp.spawn("sleep", ["999"]); console.log("pid", c.pid); ${print} await once(c, "exit")`],
    [
      "below a shell",
      `const c = promisify(cp.exec)("sleep 999; true"); const { pid } = c.child;
       let below = ""; while (below === "") below = cp.spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout.trim();
       console.log("pid", below); ${print} await c`,
    ],
    ["of a loop", `const c = cp.spawn("sleep", ["999"]); console.log("pid", c.pid); ${print} for (;;);`],
    [
      "that ignore SIGINT",
      `const c = cp.spawn("sh", ["-c", "trap '' INT; echo; sleep 999; true"]); await once(c.stdout, "data");
       console.log("pid", c.pid); ${print} await once(c, "exit")`,
    ],
  ] as const)("%s", async ([, code]) => {
    const printed = seen(kernel, ({ content }) => String(content["text"]).endsWith("now\n"));
    const cell = kernel.send("execute_request", { code: start + code });
    await printed;
    await kernel.request("interrupt_request", {}, { channel: "control" });
    const { stdout, error } = see(await cell.answer);
    expect(error).toMatch(/^Interrupted: /);
    await gone(Number(/pid\D*(\d+)/.exec(stripVTControlCharacters(stdout))![1]));
  });

  test("those of others and detached ones live on", async () => {
    const { stdout } = await kernel.run(`${start}
      const kin = [cp.spawn("sleep", ["999"])]; 
      const later = () => kin.push(cp.spawn("sleep", ["999"])); const begun = setInterval(() => globalThis.begin && kin.length < 2 && later(), 1)`);
    expect(stdout).toBe("");
    const { error } = await interrupted(`globalThis.begin = true;
      while (kin.length < 2) await new Promise((done) => setTimeout(done, 1));
      kin.push(cp.spawn("sleep", ["999"], { detached: true })); ${print} cp.execSync("sleep 99")`);
    expect(error).toMatch(/^Interrupted: /);
    const { result } = await kernel.run(`clearInterval(begun); await new Promise((done) => setTimeout(done, 500));
      const states = kin.map(({ signalCode }) => signalCode); for (const child of kin) child.kill(); String(states)`);
    expect(result).toBe("',,'");
  });
});

test("a timer that spins after its cell has ended is stopped too, and its cell says so", async () => {
  const spins = seen(kernel, ({ content }) => content["text"] === "spins\n");
  const told = seen(kernel, ({ content }) => content["ename"] === "Interrupted");
  const { published } = await kernel.run(`setTimeout(() => { console.log("spins"); while (true) {} }, 20)`);
  await kernel.run("1");
  await spins;
  await kernel.request("interrupt_request", {}, { channel: "control" });
  const { parent_header: parent, content } = await told;
  expect(parent.msg_id).toBe(published[0]!.parent_header.msg_id);
  expect(content["evalue"]).toBe("a timer or another callback of this cell was interrupted");
  expect((await kernel.run("kept")).result).toBe("41");
});

test("catch and finally of the interrupted await run, and may await", async () => {
  const { stdout } = await interrupted(
    `try { ${print} await new Promise(() => {}) } catch (e) { console.log(e.name); throw e }
     finally { await 1; console.log("cleaned up") }`,
  );
  expect(stdout).toBe("now\nInterrupted\ncleaned up\n");
});

test("nothing of an interrupted cell goes on in the background", async () => {
  await interrupted(
    `let ticks = 0; ${print} for (;;) { await new Promise((done) => setTimeout(done, 1)); ticks += 1 }`,
  );
  const { result } = await kernel.run(
    `const before = ticks; await new Promise((done) => setTimeout(done, 50)); ticks - before`,
  );
  expect(result).toBe("0");
});

test("a cell that catches every interrupt does not hold up the next one", async () => {
  const { error } = await interrupted(
    `${print} for (;;) { try { await new Promise((done) => setTimeout(done, 50)) } catch {} }`,
  );
  expect(error).toMatch(/^Interrupted: /);
  expect((await kernel.run("kept")).result).toBe("41");
});

test("an interrupt shows its error although the cell captures its output", async () => {
  const spinning = kernel.send("execute_request", { code: "%%capture kept_back\nwhile (true) {}" });
  await seen(kernel, ({ header }) => header.msg_type === "execute_input");
  await kernel.request("interrupt_request", {}, { channel: "control" });
  expect(see(await spinning.answer).error).toMatch(/^Interrupted: /);
});

test("an interrupt on the heels of its cell is not lost", async () => {
  const cell = kernel.send("execute_request", { code: "while (true) {}" });
  await seen(kernel, ({ header }) => header.msg_type === "execute_input");
  await kernel.request("interrupt_request", {}, { channel: "control" });
  expect((await cell.answer).reply.status).toBe("error");
});

test("a package whose loading is interrupted can be used afterwards", async () => {
  const folder = join(kernel.folder, "node_modules", "slow");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "name": "slow", "type": "module", "exports": "./index.js" }`);
  const load = "const until = performance.now() + 300; while (performance.now() < until);";
  writeFileSync(join(folder, "index.js"), `console.log("now"); ${load} export const loaded = true;`);
  const { ms } = await interrupted(`import { loaded } from "slow"; while (true) {}`);
  expect(ms).toBeLessThan(1_000);
  expect((await kernel.run(`import { loaded } from "slow"; loaded`)).result).toBe("true");
});

test("the interrupt of an idle kernel changes nothing", async () => {
  await kernel.request("interrupt_request", {}, { channel: "control" });
  expect((await kernel.run("kept")).result).toBe("41");
});

test("an interrupt aborts the queued cells", async () => {
  const printed = seen(kernel, ({ content }) => content["text"] === "now\n");
  const first = kernel.send("execute_request", { code: `${print} await new Promise(() => {})` });
  const second = kernel.send("execute_request", { code: "1" });
  await printed;
  await kernel.request("kernel_info_request", {}); // answered in order: the second cell has arrived
  await kernel.request("interrupt_request", {}, { channel: "control" });
  expect((await first.answer).reply.status).toBe("error");
  expect((await second.answer).reply.status).toBe("aborted");
});
