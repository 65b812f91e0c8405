import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";
import { type Watch, watch } from "./watch.ts";

let kernel: TestKernel;
let outputs: Watch;

beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  outputs = watch(kernel);
  await kernel.run(`
    import { execFileSync, execSync, spawn, spawnSync } from "node:child_process"
    import { once } from "node:events"
    import { Worker } from "node:worker_threads"
    import fs, { createWriteStream, existsSync, writeSync } from "node:fs"
    const closed = (child) => new Promise((done) => child.once("close", done))`);
});
afterAll(() => kernel.shutdown());

describe("below JavaScript", () => {
  test("what a child prints stands between the prints before and after it, each time", async () => {
    const cell = `for (let i = 0; i < 10; i++) {
      console.log("a"); execSync("echo b", { stdio: "inherit" }); console.log("c")
      spawnSync("echo", ["d"], { stdio: [0, 1, 2] }); process.stdout.write("e\\n")
      execFileSync("echo", ["f"], { stdio: ["ignore", process.stdout, "inherit"] }); writeSync(1, "g\\n")
    }`;
    expect((await kernel.run(cell)).stdout).toBe("a\nb\nc\nd\ne\nf\ng\n".repeat(10));
  });

  test("what a child that is awaited prints comes before what its end sets off", async () => {
    const cell = `for (let i = 0; i < 10; i++) {
      const child = spawn("echo", ["a"], { stdio: "inherit" }); await once(child, "exit"); console.log("b", child.stdout)
    }`;
    expect((await kernel.run(cell)).stdout).toBe("a\nb null\n".repeat(10));
  });

  test("both streams of a child keep their names, and a stream may go into the other", async () => {
    const { stdout, stderr } = await kernel.run(
      `execSync("echo out; echo err >&2", { stdio: "inherit" }); execSync("echo crossed", { stdio: ["ignore", 2, 1] })`,
    );
    expect([stdout, stderr]).toEqual(["out\n", "err\ncrossed\n"]);
  });

  test("half a character of one cell does not appear in the next", async () => {
    await kernel.run(
      `process.stdout.write(Buffer.from("é").subarray(0, 1)); writeSync(2, Buffer.from("é").subarray(0, 1))`,
    );
    const { stdout, stderr } = await kernel.run(
      `process.stdout.write(Buffer.from("a")); writeSync(2, Buffer.from("b")); const two = Buffer.from("é")
       for (const byte of [0, 1]) { writeSync(1, two, byte, 1); await null }`,
    );
    expect([stdout, stderr]).toEqual(["aé", "b"]);
  });

  test("a synchronous child is seen while it runs", async () => {
    outputs.clear();
    const ran = kernel.run(
      `execSync("echo live; while [ ! -e go-sync ]; do sleep 0.02; done; echo done", { stdio: "inherit" })`,
    );
    await outputs.when(() => outputs.printed("live\n"));
    writeFileSync(join(kernel.folder, "go-sync"), "");
    expect((await ran).stdout).toBe("live\ndone\n");
  });

  test("a child is seen while its cell spins", async () => {
    outputs.clear();
    const ran = kernel.run(`spawn("echo", ["live"], { stdio: "inherit" }); while (!existsSync("go-async")); "spun"`);
    await outputs.when(() => outputs.printed("live\n"));
    writeFileSync(join(kernel.folder, "go-async"), "");
    expect(await ran).toMatchObject({ stdout: "live\n", result: "'spun'" });
  });

  test("a worker is seen while its cell spins", async () => {
    outputs.clear();
    const ran = kernel.run(
      `new Worker('console.log("live"); console.error("bad"); require("node:fs").writeSync(1, "raw"); require("node:child_process").execSync("echo child", { stdio: "inherit" })', { eval: true })
       while (!existsSync("go-worker")); "spun"`,
    );
    await outputs.when(() => outputs.printed("live\n") && outputs.printed("raw") && outputs.printed("child\n"));
    writeFileSync(join(kernel.folder, "go-worker"), "");
    expect(await ran).toMatchObject({ stdout: "live\nrawchild\n", stderr: "bad\n", result: "'spun'" });
  });

  test("a worker's last words come before its end, and a captured worker is captured", async () => {
    const cell = `await once(new Worker('console.log("a")', { eval: true }), "exit"); console.log("b")`;
    expect((await kernel.run(cell)).stdout).toBe("a\nb\n");
    expect((await kernel.run(`%%capture words\n${cell}`)).stdout).toBe("");
    expect((await kernel.run("words.stdout")).result).toBe(String.raw`'a\nb\n'`);
  });

  test("a worker's own settings stay: file, data, flags, streams", async () => {
    writeFileSync(
      join(kernel.folder, "settings.mjs"),
      `import { parentPort, workerData } from "node:worker_threads"
       parentPort.postMessage([workerData, process.execArgv.includes("--no-warnings"), process.argv[2]]); console.log("kept")`,
    );
    const { stdout, result } = await kernel.run(
      `const set = new Worker("./settings.mjs", { workerData: 7, execArgv: ["--no-warnings"], argv: ["x"], stdout: true }); let said = ""
       set.stdout.on("data", (text) => (said += text)); const [[[...got]]] = await Promise.all([once(set, "message"), once(set, "exit")])
       JSON.stringify([got, said.trim(), set instanceof Worker])`,
    );
    expect([stdout, result]).toEqual(["", `'[[7,true,"x"],"kept",true]'`]);
  });

  test("an output larger than any pipe is whole, in its place", async () => {
    const { stdout } = await kernel.run(
      `execSync("head -c 700000 /dev/zero | tr '\\\\0' x", { stdio: "inherit" }); console.log("end")`,
    );
    expect(stdout).toBe(`${"x".repeat(700_000)}end\n`);
  });

  test("the fs module's writes to 1 and 2 stand in their place", async () => {
    const { published: all, error } = await kernel.run(`
      console.log("a"); fs.writeSync(1, Buffer.from("xb\\nx"), 1, 2); writeSync(2, "c\\n"); console.log("d")
      await new Promise((done) => fs.write(1, "e\\n", (error, written) => { console.log(written); done() }))
      fs.writeFileSync("/dev/stdout", "f\\n"); fs.appendFileSync(2, "g\\n"); await fs.promises.writeFile("/dev/stderr", "h\\n")
      fs.writevSync(1, [Buffer.from("i"), Buffer.from("\\n")])
      await new Promise((done) => createWriteStream("", { fd: 1 }).end("j\\n", done))
      fs.closeSync(1); fs.writeSync(1, "k\\n"); fs.writeSync(fs.openSync("/dev/stdout", "w"), "l\\n")`);
    expect(error).toBeUndefined();
    const text = all.flatMap(({ header, content }) =>
      header.msg_type === "stream" ? [`${content["name"] as string} ${content["text"] as string}`] : [],
    );
    expect(text).toEqual([
      "stdout a\nb\n",
      "stderr c\n",
      "stdout d\ne\n2\nf\n",
      "stderr g\nh\n",
      "stdout i\nj\nk\nl\n",
    ]);
  });

  test("a write that Node refuses is refused", async () => {
    expect((await kernel.run(`fs.writeSync(1, Buffer.from("a"), 5)`)).error).toMatch(/^RangeError: .*offset/);
    expect((await kernel.run(`fs.writeSync(1, {})`)).error).toMatch(/^TypeError: /);
  });

  test("a failing command fails as ever, and its output is shown", async () => {
    const { stdout, error } = await kernel.run(`execSync("echo out; exit 3", { stdio: "inherit" })`);
    expect([stdout, error]).toEqual(["out\n", "Error: Command failed: echo out; exit 3"]);
  });

  test("a handle that was opened by name writes to the cell", async () => {
    const { stdout, stderr, result } = await kernel.run(
      `const out = await fs.promises.open("/dev/stdout", "w"), err = await fs.promises.open("/dev/stderr", "a")
       await out.write("a\\n"); await err.appendFile("b\\n"); await out.writeFile("c\\n"); writeSync(out.fd, "d\\n")
       const { bytesWritten } = await out.writev([Buffer.from("e"), Buffer.from("\\n")])
       const stream = out.createWriteStream(); stream.end("f\\n"); await once(stream, "close"); await err.close()
       console.log("g"); bytesWritten`,
    );
    expect(stdout).toBe("a\nc\nd\ne\nf\ng\n");
    expect(stderr).toBe("b\n");
    expect(result).toBe("2");
  });

  test("a child opens its output by name", async () => {
    const { stdout, stderr } = await kernel.run(
      `execSync("echo a > /dev/stdout; echo b | tee /dev/stderr", { stdio: "inherit" })
       await closed(spawn("sh", ["-c", "echo c > /dev/stdout"], { stdio: "inherit" })); console.log("d")`,
    );
    expect(stdout).toBe("a\nb\nc\nd\n");
    expect(stderr).toBe("b\n");
  });

  test("children without end in a cell that never awaits leave no files open", async () => {
    const { result } = await kernel.run(
      `for (let i = 0; i < 100; i++) spawnSync("true", { stdio: "inherit" }); fs.readdirSync("/proc/self/fd").length < 80`,
    );
    expect(result).toBe("true");
  });

  test("an interrupt ends a child that inherits, and the next one prints", async () => {
    outputs.clear();
    const ran = kernel.run(`execSync("echo live; sleep 30", { stdio: "inherit" })`);
    await outputs.when(() => outputs.printed("live\n"));
    await kernel.request("interrupt_request", {}, { channel: "control", untilIdle: false });
    expect((await ran).error).toMatch(/^Interrupted/);
    expect((await kernel.run(`execSync("echo again", { stdio: "inherit" })`)).stdout).toBe("again\n");
  });

  test("%%capture keeps what children and fs write", async () => {
    const { stdout } = await kernel.run(`%%capture kept
      console.log("a"); execSync("echo b; echo c >&2", { stdio: "inherit" }); writeSync(1, "d\\n")
      await closed(spawn("echo", ["e"], { stdio: "inherit" }))
      spawnSync("echo", ["f"], { stdio: "inherit" }); try { execFileSync("sh", ["-c", "echo g; exit 2"], { stdio: "inherit" }) } catch (error) { console.log(error.status, error.stdout) }`);
    expect(stdout).toBe("");
    expect((await kernel.run("[kept.stdout, kept.stderr]")).result).toBe(
      String.raw`[ 'a\nb\nd\ne\nf\ng\n2 null\n', 'c\n' ]`,
    );
  });
});

describe("a display that takes its time", () => {
  test("keeps its place before later prints, and does not hold them up", async () => {
    const asked = Promise.withResolvers<() => void>();
    const server = createServer((_, response) => asked.resolve(() => response.end("<svg></svg>"))).listen(0);
    const url = `http://localhost:${(server.address() as AddressInfo).port}/plan.svg`;
    outputs.clear();
    const ran = kernel.run(`console.log("before"); display.image("${url}"); console.log("after"); "result"`);
    await outputs.when(() => outputs.printed("after\n"));
    (await asked.promise)();
    const { published: all } = await ran;
    server.close();
    const shown = all.filter(({ header }) => /stream|display|result/.test(header.msg_type));
    expect(shown.map(({ header }) => header.msg_type)).toEqual([
      "stream",
      "display_data",
      "stream",
      "update_display_data",
      "execute_result",
    ]);
    expect(shown[1]?.content["data"]).toEqual({ "text/plain": `image ${url} …` });
    expect(shown[3]?.content).toMatchObject({
      data: { "image/svg+xml": "<svg></svg>" },
      transient: shown[1]?.content["transient"],
    });
  });

  test("is told where an interrupt finds it, and loses nothing that came after it", async () => {
    const server = createServer(() => {}).listen(0);
    const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
    outputs.clear();
    const ran = kernel.run(`display.image("${url}"); display("quick"); console.log("after")`);
    await outputs.when(() => outputs.printed("after\n"));
    await kernel.request("interrupt_request", {}, { channel: "control", untilIdle: false });
    const { displays, error } = await ran;
    server.closeAllConnections();
    server.close();
    expect(displays.map((data) => data["text/plain"])).toEqual([`image ${url} …`, "'quick'"]);
    expect(error).toMatch(/^Interrupted/);
  });
});
