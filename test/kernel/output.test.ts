import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Seen, type TestKernel, startTestKernel } from "./harness.ts";
import { type Watch, watch } from "./watch.ts";

let kernel: TestKernel;
let outputs: Watch;

beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  outputs = watch(kernel);
  await kernel.run(`
    import { exec, execFile, fork, spawn } from "node:child_process"
    import { EventEmitter, once } from "node:events"
    import fs, { readFile } from "node:fs"
    import http from "node:http"
    import net from "node:net"
    import { setTimeout as sleep } from "node:timers/promises"
    import { Worker } from "node:worker_threads"
    const emitter = new EventEmitter(), target = new EventTarget()
    const closed = (child) => new Promise((done) => child.once("close", done))`);
});
afterAll(() => kernel.shutdown());

const idOf = ({ published: [first] }: Seen): string => first?.parent_header.msg_id ?? "none";

/** Runs one cell, then another that sets off what the first has left behind; returns what came under each. */
async function twoCells(first: string, second: string): Promise<readonly [first: string, second: string]> {
  outputs.clear();
  const one = idOf(await kernel.run(first));
  const two = idOf(await kernel.run(`${second}\nconsole.log("end of the second")`));
  await outputs.when(() => /mine/.test(outputs.under(one)) && outputs.under(two).includes("end of the second"));
  return [outputs.under(one), outputs.under(two)];
}

const second = "end of the second\n";

describe("output after the end of its cell, while another runs, comes from", () => {
  test.for([
    ["a timer", `setTimeout(() => console.log("mine"), 20)`, `await sleep(40)`],
    ["an interval", `const at = setInterval(() => { console.log("mine"); clearInterval(at) }, 20)`, `await sleep(40)`],
    [
      "a promise",
      `const go = Promise.withResolvers(); void go.promise.then(() => console.log("mine"))`,
      `go.resolve(); await sleep(1)`,
    ],
    ["an async function", `(async () => { await sleep(20); console.log("mine") })(); 0`, `await sleep(40)`],
    ["a microtask of a timer", `setTimeout(() => queueMicrotask(() => console.log("mine")), 20)`, `await sleep(40)`],
    ["a callback of fs", `setTimeout(() => readFile("/", () => console.log("mine")), 10)`, `await sleep(40)`],
    [
      "an emitter's listener",
      `emitter.on("go", () => console.log("mine"))`,
      `emitter.emit("go"); emitter.removeAllListeners()`,
    ],
    [
      "an emitter's listener for one event",
      `emitter.once("go", () => console.log("mine"))`,
      `emitter.emit("go"); emitter.emit("go")`,
    ],
    [
      "an emitter's first listener",
      `emitter.prependListener("go", () => console.log("mine"))`,
      `emitter.emit("go"); emitter.removeAllListeners()`,
    ],
    [
      "an event target's listener",
      `target.addEventListener("go", () => console.log("mine"), { once: true })`,
      `target.dispatchEvent(new Event("go"))`,
    ],
    [
      "an event target's object",
      `target.addEventListener("go", { word: "mine", handleEvent() { console.log(this.word) } }, { once: true })`,
      `target.dispatchEvent(new Event("go"))`,
    ],
    [
      "an abort signal",
      `const stop = new AbortController(); stop.signal.addEventListener("abort", () => console.log("mine"))`,
      `stop.abort()`,
    ],
    [
      "a listener of the process",
      `process.once("unheard-of", () => console.log("mine"))`,
      `process.emit("unheard-of")`,
    ],
    [
      "a finalizer",
      `const registry = new FinalizationRegistry(() => console.log("mine")); registry.register({}, 1); 0`,
      `require("node:v8").setFlagsFromString("--expose-gc"); require("node:vm").runInNewContext("gc")(); await sleep(20)`,
    ],
    [
      "a socket's server",
      `const server = net.createServer((socket) => { console.log("mine"); socket.end() }).listen(0); await once(server, "listening")`,
      `await once(net.connect(server.address().port).resume(), "close"); server.close()`,
    ],
    [
      "a server of HTTP",
      `const web = http.createServer((request, response) => { console.log("mine", request.url); response.end("x") }).listen(0); await once(web, "listening")`,
      `console.log(await (await fetch("http://localhost:" + web.address().port + "/a")).text()); web.close()`,
    ],
    [
      "a child's pipe",
      `const cat = spawn("cat"); cat.stdout.on("data", (data) => console.log("mine", String(data)))`,
      `cat.stdin.end("in"); await closed(cat)`,
    ],
    [
      "a child's end",
      `const ends = spawn("cat"); ends.on("exit", (code) => console.log("mine", code))`,
      `ends.stdin.end("in"); await closed(ends)`,
    ],
    [
      "the callback of exec",
      `const done = exec("cat", (error, stdout) => console.log("mine", stdout))`,
      `done.stdin.end("in"); await closed(done)`,
    ],
    [
      "the callback of execFile",
      `const filed = execFile("cat", (error, stdout) => console.log("mine", stdout))`,
      `filed.stdin.end("in"); await closed(filed)`,
    ],
    [
      "a child that inherits stdout",
      `const says = spawn("cat", { stdio: ["pipe", "inherit", "inherit"] })`,
      `says.stdin.end("mine\\n"); await closed(says)`,
    ],
    [
      "a child that inherits stderr",
      `const errs = spawn("sh", ["-c", "cat >&2"], { stdio: ["pipe", 1, process.stderr] })`,
      `errs.stdin.end("mine\\n"); await closed(errs)`,
    ],
    [
      "a forked program",
      `fs.writeFileSync("forked.cjs", "process.once('message', (text) => { console.log(text); process.disconnect() })"); const forked = fork("./forked.cjs")`,
      `forked.send("mine"); await closed(forked)`,
    ],
    [
      "a worker",
      `const worker = new Worker("require('worker_threads').parentPort.once('message', (text) => console.log(text))", { eval: true })`,
      `worker.postMessage("mine"); await once(worker, "exit")`,
    ],
    [
      "a worker's message",
      `const posts = new Worker("const { parentPort } = require('worker_threads'); parentPort.once('message', (text) => parentPort.postMessage(text))", { eval: true }); posts.on("message", (text) => console.log(text))`,
      `posts.postMessage("mine"); await once(posts, "exit")`,
    ],
  ] as const)("%s", async ([, first, later]) => {
    const [one, two] = await twoCells(first, later);
    expect(one).toMatch(/^mine.*\s*$/);
    expect(two.replace(/^x\n/, "")).toBe(second);
  });
});

describe("an exception that nobody catches is shown under the cell that set it off, thrown in", () => {
  test.for([
    ["a timer", `setTimeout(() => { throw new Error("mine") }, 20)`, `await sleep(40)`],
    ["a rejected promise", `setTimeout(() => Promise.reject(new Error("mine")), 20)`, `await sleep(40)`],
    ["an async function", `(async () => { await sleep(20); throw new Error("mine") })(); 0`, `await sleep(40)`],
    ["a microtask", `setTimeout(() => queueMicrotask(() => { throw new Error("mine") }), 20)`, `await sleep(40)`],
    ["nextTick", `setTimeout(() => process.nextTick(() => { throw new Error("mine") }), 20)`, `await sleep(40)`],
    ["a callback of fs", `setTimeout(() => readFile("/", () => { throw new Error("mine") }), 10)`, `await sleep(40)`],
    [
      "an emitter's listener",
      `emitter.once("go", () => { throw new Error("mine") })`,
      `setTimeout(() => emitter.emit("go"), 1); await sleep(20)`,
    ],
    [
      "an event target's listener",
      `target.addEventListener("go", () => { throw new Error("mine") }, { once: true })`,
      `target.dispatchEvent(new Event("go")); await sleep(1)`,
    ],
    [
      "a server's handler",
      `const web = http.createServer((request, response) => { response.end(); throw new Error("mine") }).listen(0); await once(web, "listening")`,
      `await (await fetch("http://localhost:" + web.address().port)).text(); web.close()`,
    ],
    [
      "a worker",
      `const worker = new Worker("require('worker_threads').parentPort.once('message', (text) => { throw new Error(text) })", { eval: true })`,
      `worker.postMessage("mine"); await new Promise((done) => worker.once("exit", done))`,
    ],
    ["a child that cannot be started", `setTimeout(() => spawn("/mine"), 10)`, `await sleep(40)`],
    [
      "a finalizer",
      `const registry = new FinalizationRegistry(() => { throw new Error("mine") }); registry.register({}, 1); 0`,
      `require("node:v8").setFlagsFromString("--expose-gc"); require("node:vm").runInNewContext("gc")(); await sleep(20)`,
    ],
  ] as const)("%s", async ([, first, later]) => {
    await kernel.run("globalThis.kept = 1");
    const [one, two] = await twoCells(first, later);
    expect(one).toMatch(/^Error: .*mine.*\n$/);
    expect(two).toBe(second);
    expect((await kernel.run("kept")).result).toBe("1");
  });
});

test("a group that a cell leaves open indents that cell's prints only", async () => {
  const first = await kernel.run(
    `console.group("open"); console.log("a"); setTimeout(() => console.log("late")); throw new Error("no end")`,
  );
  expect(first.stdout).toMatch(/^open\n {2}a\n/);
  expect(
    (await kernel.run(`console.log("b"); console.group("c"); console.log("d"); console.groupEnd(); console.log("e")`))
      .stdout,
  ).toBe("b\nc\n  d\ne\n");
});

test("a pipeline into process.stdout ends, and so does the next one", async () => {
  const { stdout, result } = await kernel.run(`
    const { pipeline, finished } = await import("node:stream/promises"), { Readable } = await import("node:stream")
    await pipeline(Readable.from(["a", "b"]), process.stdout)
    await pipeline(Readable.from(["c"]), process.stdout)
    const last = Readable.from(["d"]); last.pipe(process.stdout); await finished(last)
    const ended = finished(process.stderr); process.stderr.end(); await ended
    console.log("e"); process.stdout.writable`);
  expect(stdout).toBe("abcde\n");
  expect(result).toBe("true");
});
