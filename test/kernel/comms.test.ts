import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Received } from "../../kernel/cli/client.ts";
import { type TestKernel, see, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
  await kernel.run(`import { comm } from "typhoon-kernel"`);
});
afterAll(() => kernel.shutdown());

let lastId = 0;
const newId = (): string => `comm-${(lastId += 1)}`;

const types = (published: readonly Received[]): string[] => published.map(({ header }) => header.msg_type);

/** What was said of comms: type and data. */
const said = (published: readonly Received[]): unknown[] =>
  published
    .filter(({ header }) => header.msg_type.startsWith("comm_"))
    .map(({ header, content }) => [header.msg_type, content["data"]]);

const printed = (published: readonly Received[]): string =>
  published
    .filter(({ header }) => header.msg_type === "stream")
    .map(({ content }) => String(content["text"]))
    .join("");

const errors = (published: readonly Received[]): unknown[] =>
  published
    .filter(({ header }) => header.msg_type === "error")
    .map(({ content }) => `${String(content["ename"])}: ${String(content["evalue"])}`);

/** Registers a target whose comms call `handler` with each message, and opens one. */
async function openEcho(handler: string): Promise<string> {
  const id = newId();
  await kernel.run(`comm.registerTarget("${id}", (it) => { it.onMessage(${handler}) })`);
  await kernel.tell("comm_open", { comm_id: id, target_name: id, data: {} });
  return id;
}

const interrupt = (): Promise<unknown> => kernel.request("interrupt_request", {}, { channel: "control" });

describe("comms in a cell", () => {
  test.each([
    [`comm.open("x", {}, { buffers: 5 })`, "TypeError: buffers are a list, as in { buffers: [bytes] }, not 5"],
    [`comm.open("x", {}, { id: 7 })`, "TypeError: a comm's id must be a text, not 7"],
    [`comm.registerTarget("z", 5)`, /^TypeError: a handler is a function, as in comm\.registerTarget\("z"/],
    [`comm.registerTarget("", () => {})`, "TypeError: a comm needs the name of its target"],
    [`comm.open("x").onMessage()`, /^TypeError: a handler is a function, as in it\.onMessage/],
  ])("%s is refused", async (code, error) => {
    expect((await kernel.run(code)).error).toMatch(error);
  });

  test("are shown in short, and what takes a handler away not at all", async () => {
    expect((await kernel.run(`comm.open("short", {}, { id: "it" })`)).result).toBe("Comm short it");
    expect((await kernel.run(`comm.get("it").onMessage(() => {})`)).result).toBeUndefined();
    expect((await kernel.run(`comm.registerTarget("short", () => {})`)).result).toBeUndefined();
  });
});

describe("a comm that a cell opens", () => {
  test("says so under the cell, with data, metadata and bytes", async () => {
    const { published, result } = await kernel.run(
      `const bytes = new Float32Array([1, 2]).subarray(1);
       const opened = comm.open("there", { a: 1 }, { buffers: [bytes, new Uint8Array([7]).buffer], metadata: { version: "2" } });
       opened.send({ b: [2, null, "x"] });
       opened.close({ c: 3 });
       opened.send({ late: true });
       opened.closed`,
    );
    expect(said(published)).toEqual([
      ["comm_open", { a: 1 }],
      ["comm_msg", { b: [2, null, "x"] }],
      ["comm_close", { c: 3 }],
    ]);
    const [open] = published.filter(({ header }) => header.msg_type === "comm_open");
    expect(open).toMatchObject({ metadata: { version: "2" }, content: { target_name: "there" } });
    expect(open!.buffers.map((buffer) => [...buffer])).toEqual([[0, 0, 0, 64], [7]]);
    expect(result).toBe("true");
  });

  test("hears the front end, with bytes, and answers under the front end's message", async () => {
    const { result: id } = await kernel.run(
      `const asked = comm.open("there", {}, { id: "asked-1" });
       asked.onMessage(({ data, buffers, metadata }) => {
         console.log(data.n + " " + metadata.m);
         asked.send({ double: data.n * 2 }, { buffers });
       });
       asked.id`,
    );
    expect(id).toBe("'asked-1'");
    const published = await kernel.tell(
      "comm_msg",
      { comm_id: "asked-1", data: { n: 21 } },
      { buffers: [Buffer.from("bytes")], metadata: { m: "meta" } },
    );
    expect(types(published)).toEqual(["status", "stream", "comm_msg", "status"]);
    expect(said(published)).toEqual([["comm_msg", { double: 42 }]]);
    expect(Buffer.from(published[2]!.buffers[0]!).toString()).toBe("bytes");
    expect(printed(published)).toBe("21 meta\n");
  });

  test("learns that the front end has closed it, once", async () => {
    await kernel.run(
      `const closing = comm.open("there", {}, { id: "closing" });
       closing.onClose(({ data }) => console.log("closed " + data.why + " " + closing.closed))`,
    );
    const published = await kernel.tell("comm_close", { comm_id: "closing", data: { why: "done" } });
    expect(printed(published)).toBe("closed done true\n");
    expect(types(await kernel.tell("comm_close", { comm_id: "closing", data: {} }))).toEqual(["status", "status"]);
  });

  test("no longer calls a handler that was taken away", async () => {
    await kernel.run(
      `const counted = comm.open("there", {}, { id: "counted" });
       const off = counted.onMessage(() => console.log("one"));
       counted.onMessage(() => { console.log("two"); off() })`,
    );
    expect(printed(await kernel.tell("comm_msg", { comm_id: "counted", data: {} }))).toBe("one\ntwo\n");
    expect(printed(await kernel.tell("comm_msg", { comm_id: "counted", data: {} }))).toBe("two\n");
  });

  test.for([
    ["opened.send({ n: 1n })", "TypeError: the data of a comm message cannot be sent as JSON: "],
    ["opened.send({ list: [new Uint8Array(2)] })", `"0" holds bytes, which go into the option \`buffers\``],
    ["const own = {}; own.own = own; opened.send(own)", "TypeError: the data of a comm message cannot be sent as JSON"],
    ["opened.send([1] as never)", "TypeError: the data of a comm message must be an object"],
    ["opened.send({}, { metadata: 1 as never })", "TypeError: the metadata of a comm message must be an object"],
    ["opened.send({}, { buffers: ['x' as never] })", "TypeError: a buffer of a comm message must be"],
    [
      `opened.send({ toJSON() { throw require("node:vm").runInNewContext("new RangeError('foreign')") } })`,
      "TypeError: the data of a comm message cannot be sent as JSON: foreign",
    ],
    [`comm.open("", {})`, "TypeError: a comm needs the name of its target"],
    [`comm.open("x", {}, { id: opened.id })`, "Error: a comm with the id opened is open already"],
  ] as const)("refuses in words %s", async ([code, message]) => {
    const { error, published } = await kernel.run(
      `comm.get("opened")?.close(); { const opened = comm.open("there", {}, { id: "opened" }); ${code} }`,
    );
    expect(error).toContain(message);
    expect(said(published).filter((one) => (one as unknown[])[0] === "comm_msg")).toEqual([]);
  });
});

describe("a comm that the front end opens", () => {
  test("reaches the handler of its target, and comm_info knows it", async () => {
    await kernel.run(
      `comm.registerTarget("given", (it, { data }) => { console.log(String(data.n)); it.send({ welcome: it.target }) })`,
    );
    const published = await kernel.tell("comm_open", { comm_id: "given-1", target_name: "given", data: { n: 1 } });
    expect(said(published)).toEqual([["comm_msg", { welcome: "given" }]]);
    expect(printed(published)).toBe("1\n");
    const { reply } = await kernel.request("comm_info_request", { target_name: "given" });
    expect(reply).toEqual({ status: "ok", comms: { "given-1": { target_name: "given" } } });
    const all = await kernel.request("comm_info_request", {});
    expect(Object.keys((all.reply as { comms: object }).comms).length).toBeGreaterThan(1);
    await kernel.tell("comm_close", { comm_id: "given-1", data: {} });
    expect((await kernel.request("comm_info_request", { target_name: "given" })).reply).toMatchObject({ comms: {} });
  });

  test("is closed where nobody knows its target", async () => {
    const published = await kernel.tell("comm_open", { comm_id: "c1", target_name: "none", data: {} });
    expect(said(published)).toEqual([["comm_close", {}]]);
    expect(types(published)).toEqual(["status", "comm_close", "status"]);
  });

  test("is closed where its target was taken away", async () => {
    await kernel.run(`comm.registerTarget("short", () => {})()`);
    const published = await kernel.tell("comm_open", { comm_id: "c2", target_name: "short", data: {} });
    expect(said(published)).toEqual([["comm_close", {}]]);
  });

  test("is closed where the handler of its target throws", async () => {
    await kernel.run(`comm.registerTarget("fizz", () => { throw new RangeError("hi") })`);
    const published = await kernel.tell("comm_open", { comm_id: "c3", target_name: "fizz", data: {} });
    expect(said(published)).toEqual([["comm_close", {}]]);
    expect(errors(published)).toEqual(["RangeError: hi"]);
    expect((await kernel.request("comm_info_request", { target_name: "fizz" })).reply).toMatchObject({ comms: {} });
  });

  test("is refused under the id of one that is open, which stays", async () => {
    const id = await openEcho("({ data }) => console.log(`first ${data.n}`)");
    await kernel.run(
      `const stays = comm.get("${id}")!; comm.registerTarget("other", (it) => it.send({ other: true }))`,
    );
    const again = await kernel.tell("comm_open", { comm_id: id, target_name: "other", data: {} });
    expect(types(again)).toEqual(["status", "status"]);
    await kernel.tell("comm_open", { comm_id: id, target_name: "unknown", data: {} });
    expect(printed(await kernel.tell("comm_msg", { comm_id: id, data: { n: 1 } }))).toBe("first 1\n");
    expect((await kernel.run(`[stays.closed, comm.get("${id}") === stays]`)).result).toBe("[ false, true ]");
    const { reply } = await kernel.request("comm_info_request", { target_name: id });
    expect(reply).toMatchObject({ comms: { [id]: { target_name: id } } });
  });

  test("waits for the cells before it, which may register its target, and its messages wait with it", async () => {
    kernel.onInput(() => released.promise);
    const released = Promise.withResolvers<string>();
    const cell = kernel.send("execute_request", {
      code: `await input(); comm.registerTarget("late", (it) => { it.onMessage(() => it.send({ heard: true })) })`,
    });
    const opened = kernel.tell("comm_open", { comm_id: "late-1", target_name: "late", data: {} });
    const told = kernel.tell("comm_msg", { comm_id: "late-1", data: {} });
    await kernel.request("kernel_info_request", {}); // answered in order: the others have arrived
    released.resolve("");
    await cell.answer;
    expect(said(await opened)).toEqual([]);
    expect(said(await told)).toEqual([["comm_msg", { heard: true }]]);
  });

  test("is opened as soon as a cell that still runs registers its target", async () => {
    const cell = kernel.send("execute_request", {
      code: `await new Promise((done) => setTimeout(done, 20));
             const heard = new Promise((done) => comm.registerTarget("soon", (it) => { it.onMessage(done) }));
             await heard; "heard"`,
    });
    const opened = kernel.tell("comm_open", { comm_id: "soon-1", target_name: "soon", data: {} });
    await kernel.tell("comm_msg", { comm_id: "soon-1", data: {} });
    expect(said(await opened)).toEqual([]);
    expect(see(await cell.answer).result).toBe("'heard'");
  });
});

describe("a handler", () => {
  test("runs while a cell awaits", async () => {
    const id = await openEcho("() => release()");
    const cell = kernel.send("execute_request", {
      code: `let release: () => void; await new Promise<void>((done) => { release = done }); "released"`,
    });
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    await kernel.tell("comm_msg", { comm_id: id, data: {} });
    expect(see(await cell.answer).result).toBe("'released'");
  });

  test("runs as soon as a spinning cell ends, in order", async () => {
    const id = await openEcho("({ data }) => order.push(data.n)");
    await kernel.run("const order: number[] = []");
    const cell = kernel.send("execute_request", {
      code: `const end = performance.now() + 150; while (performance.now() < end);`,
    });
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    await Promise.all([1, 2, 3].map((n) => kernel.tell("comm_msg", { comm_id: id, data: { n } })));
    await cell.answer;
    expect((await kernel.run("order.join()")).result).toBe("'1,2,3'");
  });

  test("is busy until its promise settles, and its output stays its own, also between a cell's", async () => {
    const id = await openEcho(
      `async () => { console.log("begin"); display("shown"); await new Promise((done) => setTimeout(done, 30)); console.log("end") }`,
    );
    const cell = kernel.send("execute_request", {
      code: `for (let i = 0; i < 8; i++) { console.log("cell"); await new Promise((done) => setTimeout(done, 10)) }`,
    });
    await seen(kernel, ({ content }) => String(content["text"]).startsWith("cell"));
    const published = await kernel.tell("comm_msg", { comm_id: id, data: {} });
    expect(types(published)).toEqual(["status", "stream", "display_data", "stream", "status"]);
    expect(printed(published)).toBe("begin\nend\n");
    const { stdout, displays } = see(await cell.answer);
    expect(stdout).toBe("cell\n".repeat(8));
    expect(displays).toEqual([]);
  });

  test("is not captured by a cell's %%capture", async () => {
    const id = await openEcho(`() => { console.log("mine"); stop() }`);
    const capturing = seen(kernel, ({ content }) => content["comm_id"] === "capturing");
    const cell = kernel.send("execute_request", {
      code: `%%capture kept
let stop: () => void;
console.log("its");
const stopped = new Promise<void>((done) => { stop = done });
comm.open("there", {}, { id: "capturing" });
await stopped`,
    });
    await capturing;
    const published = await kernel.tell("comm_msg", { comm_id: id, data: {} });
    expect(printed(published)).toBe("mine\n");
    await cell.answer;
    expect((await kernel.run("kept.stdout")).result).toBe(`'its\\n'`);
  });

  test("keeps its message for what it sends later, from a timer", async () => {
    const id = await openEcho(`() => { setTimeout(() => comm.get("later")!.send({ at: "last" }), 30) }`);
    await kernel.run(`comm.open("there", {}, { id: "later" })`);
    const late = seen(kernel, ({ content }) => (content["data"] as { at?: string } | undefined)?.at === "last");
    await kernel.tell("comm_msg", { comm_id: id, data: {} });
    expect((await late).parent_header.msg_type).toBe("comm_msg");
  });

  test("that throws shows its error, and the comm lives", async () => {
    const id = await openEcho(`({ data }) => { if (data.bad) throw new Error("no good"); console.log("fine") }`);
    const published = await kernel.tell("comm_msg", { comm_id: id, data: { bad: true } });
    expect(errors(published)).toEqual(["Error: no good"]);
    expect(types(published)).toEqual(["status", "error", "status"]);
    expect(printed(await kernel.tell("comm_msg", { comm_id: id, data: {} }))).toBe("fine\n");
  });

  test("that throws does not keep the others from hearing, and every error is shown", async () => {
    const id = newId();
    await kernel.run(
      `const loud = comm.open("there", {}, { id: "${id}" });
       for (const n of [1, 2, 3]) loud.onMessage(async () => { if (n < 3) throw new Error("no " + n); console.log("third") })`,
    );
    const published = await kernel.tell("comm_msg", { comm_id: id, data: {} });
    expect(new Set(errors(published))).toEqual(new Set(["Error: no 1", "Error: no 2"]));
    expect(printed(published)).toBe("third\n");
  });

  test.for([
    ["spins", `() => { console.log("now"); while (true) {} }`],
    ["spins after an await", `async () => { await 1; console.log("now"); while (true) {} }`],
    ["awaits", `async () => { console.log("now"); await new Promise(() => {}) }`],
    ["returns a promise that never settles", `() => { console.log("now"); return new Promise(() => {}) }`],
  ] as const)("that %s is ended by an interrupt although no cell runs", async ([, handler]) => {
    const id = await openEcho(handler);
    const now = seen(kernel, ({ content }) => content["text"] === "now\n");
    const told = kernel.tell("comm_msg", { comm_id: id, data: {} });
    await now;
    const start = performance.now();
    await interrupt();
    expect(errors(await told)).toEqual(["Interrupted: the cell was interrupted"]);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });

  test("cannot ask for input, and says so", async () => {
    const id = await openEcho(`async () => { await input("name? ") }`);
    expect(errors(await kernel.tell("comm_msg", { comm_id: id, data: {} }))).toEqual([
      expect.stringMatching(/^StdinNotAllowed: .*handler of a comm/),
    ]);
  });
});

test("messages for an unknown comm, and malformed ones, are busy and idle and nothing else", async () => {
  const wrong = [
    kernel.tell("comm_msg", { comm_id: "nowhere", data: {} }),
    kernel.tell("comm_close", { comm_id: "nowhere", data: {} }),
    kernel.tell("comm_msg", {} as never),
    kernel.tell("comm_open", { comm_id: "x" } as never),
    kernel.tell("comm_open", { comm_id: "x", target_name: "nix", data: null } as never, { channel: "control" }),
  ];
  const seenTypes = (await Promise.all(wrong)).map((published) => types(published));
  expect(seenTypes.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => ["status", "status"]));
});

test("%reset closes the comms", async () => {
  await kernel.run(`import { comm } from "typhoon-kernel"; comm.closeAll(); comm.open("there", {}, { id: "reset-1" })`);
  const { published } = await kernel.run("%reset -f");
  expect(said(published)).toEqual([["comm_close", {}]]);
  expect((await kernel.request("comm_info_request", {})).reply).toEqual({ status: "ok", comms: {} });
  await kernel.run(`import { comm } from "typhoon-kernel"`);
});

test("the end of the runtime closes its comms and fails their handlers", async () => {
  await kernel.run(`const lost = comm.open("there", {}, { id: "lost" }); lost.onMessage(() => process.exit(3))`);
  const closed = seen(kernel, ({ header }) => header.msg_type === "comm_close");
  const published = await kernel.tell("comm_msg", { comm_id: "lost", data: {} });
  expect(errors(published)).toEqual([expect.stringMatching(/^RuntimeExited: /)]);
  expect((await closed).content).toEqual({ comm_id: "lost", data: {} });
  expect((await kernel.request("comm_info_request", {})).reply).toEqual({ status: "ok", comms: {} });
  expect((await kernel.run("1 + 1")).result).toBe("2");
});
