import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, type Received, connectKernel } from "../../kernel/cli/client.ts";
import { createCodec } from "../../kernel/protocol/message.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

/** Runs a program that connects to the kernel and prints a line; the test kills it then. */
async function startClient(script: string): Promise<ChildProcess> {
  const setUp = `
    import { connectKernel } from ${JSON.stringify(resolve("kernel/cli/client.ts"))};
    const client = await connectKernel(${JSON.stringify(kernel.connection)});
    const seen = (type) => new Promise((done) => client.onPublished(({ header }) => header.msg_type === type && done()));
  `;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", `${setUp}${script}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await ended;
}

describe("two clients", () => {
  let second: Client;
  beforeAll(async () => {
    second = await connectKernel(kernel.connection);
  });
  afterAll(() => second.close());

  test("both see input and outputs; the reply goes to the one that asked", async () => {
    const foreign: Received[] = [];
    const idle = new Promise<void>((done) =>
      second.onPublished((message) => {
        foreign.push(message);
        if (message.content["execution_state"] === "idle") done();
      }),
    );
    const { message, published } = await kernel.request("execute_request", { code: "console.log('hi'); 1 + 1" });
    await idle;
    expect(foreign).toEqual(published);
    expect(published.map(({ header }) => header.msg_type)).toContain("execute_input");
    expect(message.parent_header.session).not.toBe(message.header.session);
    // The other one's reply is its own, though both are in work at once.
    const [mine, other] = await Promise.all([
      kernel.request("execute_request", { code: "'mine'" }),
      second.request("execute_request", { code: "'other'" }),
    ]);
    expect(mine.message.parent_header.session).not.toBe(other.message.parent_header.session);
  });

  test("a question goes to the one whose cell asks", async () => {
    kernel.onInput(() => "from the first");
    second.onInput(() => "from the second");
    const code = "await input()";
    const results = await Promise.all([kernel, second].map((client) => client.request("execute_request", { code })));
    const texts = results.map(({ published }) =>
      published
        .filter(({ header }) => header.msg_type === "execute_result")
        .map(({ content }) => (content["data"] as Record<string, unknown>)["text/plain"]),
    );
    expect(texts).toEqual([["'from the first'"], ["'from the second'"]]);
  });

  test("an error in one's cell aborts the queued cells of both, as they share the queue", async () => {
    kernel.onInput(async () => {
      await second.request("kernel_info_request", {});
      return "now";
    });
    const failing = kernel.send("execute_request", { code: "await input(); throw new Error('stop')" });
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    const queued = second.send("execute_request", { code: "1" });
    expect((await failing.answer).reply.status).toBe("error");
    expect((await queued.answer).reply.status).toBe("aborted");
  });
});

describe("a client that dies", () => {
  test("in the middle of a message", async () => {
    const { ip, ports } = kernel.connection;
    const socket = connect(ports.shell, ip);
    await new Promise((done) => socket.once("connect", done));
    // ZMTP 3.0's greeting and READY of a DEALER, then a long frame with more to come, of which one byte is sent.
    const greeting = Buffer.alloc(64);
    greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
    greeting.write("NULL", 12, "latin1");
    const property = Buffer.concat([
      Buffer.from([11]),
      Buffer.from("Socket-Type"),
      Buffer.from([0, 0, 0, 6]),
      Buffer.from("DEALER"),
    ]);
    const ready = Buffer.concat([Buffer.from([5]), Buffer.from("READY"), property]);
    socket.write(Buffer.concat([greeting, Buffer.from([4, ready.length]), ready]));
    await new Promise((done) => socket.once("data", done));
    socket.write(
      Buffer.concat([Buffer.from([1, 9]), Buffer.from("<IDS|MSG>"), Buffer.from([1, 64]), Buffer.from("a")]),
    );
    socket.destroy();
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });

  test("while its cell runs: the cell goes on, others see its outputs", async () => {
    const printed = seen(kernel, ({ content }) => content["text"] === "went on\n");
    await kernel.run("let goOn; globalThis.gone = new Promise((done) => (goOn = done))");
    const client = await startClient(`
      client.send("execute_request", { code: "await globalThis.gone; console.log('went on')" });
      await seen("execute_input");
      console.log("running");
    `);
    await kill(client);
    const { reply } = await kernel.request("create_subshell_request", {}, { channel: "control" });
    const subshell = (reply as { subshell_id: string }).subshell_id;
    await kernel.request("execute_request", { code: "goOn()" }, { subshell });
    await printed;
    await kernel.request("delete_subshell_request", { subshell_id: subshell }, { channel: "control" });
    expect((await kernel.run("2 + 2")).result).toBe("4");
  });

  test("while it is asked for input: an interrupt ends the cell, and the next one asks again", async () => {
    const client = await startClient(`
      client.onInput(() => new Promise(() => console.log("asked")));
      client.send("execute_request", { code: "await input()" });
    `);
    await kill(client);
    const over = seen(
      kernel,
      ({ content, parent_header: { msg_type: type } }) =>
        type === "execute_request" && content["execution_state"] === "idle",
    );
    await kernel.request("interrupt_request", {}, { channel: "control" });
    await over;
    kernel.onInput(() => "Ada");
    expect((await kernel.run("await input()", { allow_stdin: true })).result).toBe("'Ada'");
  });

  test("while its output floods: the flood goes on for the others", async () => {
    const client = await startClient(`
      client.send("execute_request", { code: "for (let i = 0; i < 20_000; i++) console.log(i); console.log('flooded')" });
      await seen("stream");
      console.log("flooding");
    `);
    const end = seen(kernel, ({ content }) => String(content["text"]).endsWith("flooded\n"));
    await kill(client);
    await end;
    expect((await kernel.run("3 + 3")).result).toBe("6");
  });

  test("and comes back under its old identity is answered again", async () => {
    const first = await connectKernel(kernel.connection, { identity: "the same" });
    expect((await first.request("kernel_info_request", {})).reply.status).toBe("ok");
    const again = await connectKernel(kernel.connection, { identity: "the same" });
    expect((await again.request("execute_request", { code: "1" })).reply.status).toBe("ok");
    first.close();
    expect((await again.request("execute_request", { code: "1" })).reply.status).toBe("ok");
    again.close();
  });
});

describe("odd messages do no harm", () => {
  const good = (of: object): string[] => {
    const header = { msg_id: "1", msg_type: "execute_request", session: "s", username: "u", date: "", version: "5.5" };
    return [JSON.stringify({ ...header, ...of }), "{}", "{}", JSON.stringify({ code: "globalThis.odd = true" })];
  };
  let unsigned: TestKernel;
  beforeAll(async () => {
    unsigned = await startTestKernel({ connection: { key: "" } });
  });
  afterAll(() => unsigned.shutdown());

  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  test.for([
    ["no frames", []],
    ["an empty frame", [""]],
    ["no delimiter", ["a", "b", "c"]],
    ["only the delimiter", ["<IDS|MSG>"]],
    ["too few frames", ["<IDS|MSG>", "", "{}", "{}"]],
    ["parts that are no JSON", ["<IDS|MSG>", "", "{", "{}", "{}", "{}"]],
    ["parts that are no objects", ["<IDS|MSG>", "", "[]", "1", "null", '"x"']],
    ["a header without fields", ["<IDS|MSG>", "", "{}", "{}", "{}", `{"code":"globalThis.odd = true"}`]],
    ["a header with wrong types", ["<IDS|MSG>", "", ...good({ msg_id: 7, msg_type: [] })]],
    ["bytes that are no UTF-8", ["<IDS|MSG>", "", ...good({}).slice(0, 3), Buffer.from(`{"code":"\u00ff"}`, "latin1")]],
    ["a reply", ["<IDS|MSG>", "", ...good({ msg_type: "execute_reply" })]],
    ["a message of the kernel", ["<IDS|MSG>", "", ...good({ msg_type: "status" })]],
    ["no type that there is", ["<IDS|MSG>", "", ...good({ msg_type: "__proto___request" })]],
    ["a comm without an id", ["<IDS|MSG>", "", ...good({ msg_type: "comm_msg" }).slice(0, 3), "{}"]],
    [
      "huge nesting",
      ["<IDS|MSG>", "", ...good({ msg_type: "comm_info_request" }).slice(0, 3), `{"target_name":${deep}}`],
    ],
    ["huge nesting in the header", ["<IDS|MSG>", "", `{"msg_id":"1","deep":${deep}}`, "{}", "{}", "{}"]],
  ] as [string, (string | Uint8Array)[]][])("%s", async ([, frames]) => {
    if (frames.length > 0) await unsigned.sendRaw(frames);
    expect((await unsigned.run("globalThis.odd")).result).toBeUndefined();
  });

  test.for([
    { date: "1970-01-01T00:00:00Z" },
    { date: "yesterday" },
    { date: 5 },
    { version: "4.0" },
    { username: null },
  ])("a header with %j is one like any other", async (of) => {
    const done = seen(unsigned, ({ content }) => content["execution_state"] === "idle");
    await unsigned.sendRaw(["<IDS|MSG>", "", ...good(of).slice(0, 3), `{"code":"1"}`]);
    expect((await done).parent_header).toMatchObject({ msg_id: "1", ...of });
  });

  test.for([
    { user_expressions: 5, code: "1" },
    { user_expressions: null, silent: null, store_history: null, code: "1" },
    { stop_on_error: "yes", allow_stdin: 0, silent: "no", code: "1" },
  ])("an execute_request with %j is answered", async (content) => {
    const { reply } = await unsigned.request("execute_request", content as never);
    expect(reply.status).toMatch(/ok|error/);
    expect((await unsigned.run("1 + 1")).result).toBe("2");
  });

  /** Sends a message whose msg_id others have too. */
  const send = (type: string, content: object, of: object = {}): Promise<void> => {
    const header = good({ msg_type: type, msg_id: "in use", ...of }).slice(0, 3);
    return unsigned.sendRaw(["<IDS|MSG>", "", ...header, JSON.stringify(content)]);
  };

  test("a comm's message with the msg_id of the cell that runs leaves that alone", async () => {
    await unsigned.run(
      "import { comm } from 'typhoon-kernel'; comm.registerTarget('go', (c) => c.onMessage(() => globalThis.go('on')))",
    );
    await unsigned.tell("comm_open", { comm_id: "go", target_name: "go", data: {} });
    const begun = seen(unsigned, ({ content }) => content["name"] === "stdout");
    const result = seen(unsigned, ({ header }) => header.msg_type === "execute_result");
    const code = "console.log('begun'); await new Promise((done) => { globalThis.go = done })";
    await send("execute_request", { code });
    await begun;
    await send("comm_msg", { comm_id: "go", data: {} });
    expect(await result).toMatchObject({
      content: { data: { "text/plain": "'on'" } },
      parent_header: { msg_id: "in use", msg_type: "execute_request" },
    });
    expect((await unsigned.run("'after'")).result).toBe("'after'");
  });

  test("cells of two shells may have one msg_id", async () => {
    const { reply } = await unsigned.request("create_subshell_request", {}, { channel: "control" });
    const begun = seen(unsigned, ({ content }) => content["name"] === "stdout");
    await send("execute_request", {
      code: "console.log('begun'); await new Promise((done) => { globalThis.go = done })",
    });
    await begun;
    const results: Record<string, unknown> = {};
    const both = seen(unsigned, ({ content: { data, execution_count: count } }) => {
      if (data) results[(data as Record<string, string>)["text/plain"]!] = count;
      return Object.keys(results).length === 2;
    });
    await send("execute_request", { code: "globalThis.go('main'); 'sub'" }, { subshell_id: reply["subshell_id"] });
    await both;
    expect(results).toEqual({ "'main'": expect.any(Number), "'sub'": (results["'main'"] as number) + 1 });
    expect((await unsigned.run("'after'")).result).toBe("'after'");
  });

  test("a message that is sent again is dropped", async () => {
    await kernel.run("globalThis.times = 0");
    const codec = createCodec(kernel.connection.key);
    const frames = codec.encode(codec.message("execute_request", { code: "globalThis.times += 1" }, {}));
    const { msg_id: id } = JSON.parse(String(frames[2])) as { msg_id: string };
    const ran = seen(
      kernel,
      ({ content, parent_header: parent }) => parent.msg_id === id && content["execution_state"] === "idle",
    );
    await kernel.sendRaw(frames);
    await kernel.sendRaw(frames);
    await ran;
    expect((await kernel.run("globalThis.times")).result).toBe("1");
  });
});
