import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

const types = (published: readonly { header: { msg_type: string } }[]): string[] =>
  published.map(({ header }) => header.msg_type);

describe("requests", () => {
  test.for(["shell", "control"] as const)("kernel_info on %s says protocol 5.5 and TypeScript", async (channel) => {
    const { reply, published } = await kernel.request("kernel_info_request", {}, { channel });
    expect(reply).toMatchObject({
      status: "ok",
      protocol_version: "5.5",
      implementation: "typhoon",
      language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" },
      debugger: false,
    });
    expect(types(published)).toEqual(["status", "status"]);
    expect(published.map(({ content }) => content["execution_state"])).toEqual(["busy", "idle"]);
    expect(published[0]?.header.version).toBe("5.5");
  });

  test("a cell is busy, input, output, result, idle, in this order", async () => {
    const { published, reply, count } = await kernel.run(`console.log("out"); 1 + 1`);
    expect(types(published)).toEqual(["status", "execute_input", "stream", "execute_result", "status"]);
    expect(reply).toMatchObject({ status: "ok", payload: [], user_expressions: {} });
    expect(published[1]?.content).toEqual({ code: `console.log("out"); 1 + 1`, execution_count: count });
    expect(published[3]?.content).toMatchObject({ execution_count: count, data: { "text/plain": "2" } });
  });

  test("execution_count grows by one a cell, not for silent or unstored ones", async () => {
    const first = (await kernel.run("1")).count;
    expect((await kernel.run("1", { silent: true })).count).toBe(first);
    expect((await kernel.run("1", { store_history: false })).count).toBe(first);
    expect((await kernel.run("1")).count).toBe(first + 1);
  });

  test("a silent cell broadcasts no output, and its error is in its reply only", async () => {
    const code = `console.log("out"); console.error("err"); display("shown"); (await import("node:child_process")).execSync("echo raw", { stdio: "inherit" }); process._rawDebug("native"); throw new RangeError("no")`;
    const { published, reply } = await kernel.run(code, { silent: true });
    expect(new Set(published.map(({ header }) => header.msg_type))).toEqual(new Set(["status"]));
    expect(reply).toMatchObject({ status: "error", ename: "RangeError" });
  });

  test("a silent cell publishes neither input nor result, and runs", async () => {
    const { published } = await kernel.run("globalThis.silently = 1; 5", { silent: true });
    expect(types(published)).toEqual(["status", "status"]);
    expect((await kernel.run("globalThis.silently")).result).toBe("1");
  });

  test("user_expressions are evaluated after the cell, each with its own outcome", async () => {
    const { reply } = await kernel.run("const seven = 7", {
      user_expressions: { good: "seven * 6", bad: "missing + 1" },
    });
    expect(reply).toMatchObject({
      user_expressions: {
        good: { status: "ok", data: { "text/plain": "42" }, metadata: {} },
        bad: { status: "error", ename: "ReferenceError", evalue: "missing is not defined" },
      },
    });
  });

  test("after an error the queued cells are aborted, later ones run", async () => {
    // The first cell fails only when the kernel has the others: it answers requests on shell in the order of arrival.
    kernel.onInput(async () => {
      await kernel.request("kernel_info_request", {});
      return "now";
    });
    const sent = [`await input(); throw new Error("stop")`, "1", "2"].map(
      (code) => kernel.send("execute_request", { code }).answer,
    );
    const replies = (await Promise.all(sent)).map(({ reply }) => reply.status);
    expect(replies).toEqual(["error", "aborted", "aborted"]);
    expect((await sent[1]!).reply).toEqual({ status: "aborted", execution_count: null });
    expect((await kernel.run("3")).result).toBe("3");
  });

  test("with stop_on_error false the queued cells run", async () => {
    const sent = [`throw new Error("go on")`, "1"].map(
      (code) => kernel.send("execute_request", { code, stop_on_error: false }).answer,
    );
    expect((await Promise.all(sent)).map(({ reply }) => reply.status)).toEqual(["error", "ok"]);
  });

  test.for([
    ["1 + 1", "complete", undefined],
    ["function f() {", "incomplete", "  "],
    ["const x = `abc", "incomplete", undefined],
    ["a b c", "invalid", undefined],
    ["%sh ls", "complete", undefined],
  ] as const)("is_complete of %j is %s", async ([code, status, indent]) => {
    const { reply } = await kernel.request("is_complete_request", { code });
    expect(reply).toMatchObject(indent === undefined ? { status } : { status, indent });
  });

  test("comm_info knows no comm yet", async () => {
    const { reply } = await kernel.request("comm_info_request", {});
    expect(reply).toEqual({ status: "ok", comms: {} });
  });

  test("a message type that nobody answers gets an error reply, and idle", async () => {
    const { reply } = await kernel.request("nonsense_request" as "comm_info_request", {});
    expect(reply).toMatchObject({ status: "error", evalue: "typhoon does not answer the message nonsense_request" });
  });

  test("a request without its code is refused in words", async () => {
    const { reply } = await kernel.request("execute_request", {} as { code: string });
    expect(reply).toMatchObject({ status: "error", evalue: 'execute_request needs "code" as text' });
  });

  test("a comm for an unknown target is closed", async () => {
    const closed = seen(kernel, ({ header }) => header.msg_type === "comm_close");
    kernel
      .send("comm_open" as "comm_info_request", { comm_id: "c1", target_name: "none", data: {} } as never)
      .answer.catch(() => {});
    expect((await closed).content).toEqual({ comm_id: "c1", data: {} });
  });

  test("the heartbeat echoes while a cell spins", async () => {
    const spinning = kernel.send("execute_request", { code: "while (true) {}" });
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    expect(await kernel.heartbeat()).toBe(true);
    const { reply } = await kernel.request("kernel_info_request", {}, { channel: "control" });
    expect(reply.status).toBe("ok");
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect((await spinning.answer).reply.status).toBe("error");
  });

  test("forged and malformed messages are dropped, the kernel goes on", async () => {
    const header = JSON.stringify({ msg_id: "x", msg_type: "execute_request", session: "s" });
    const content = JSON.stringify({ code: "globalThis.forged = true" });
    await kernel.sendRaw(["<IDS|MSG>", "0".repeat(64), header, "{}", "{}", content]);
    await kernel.sendRaw(["<IDS|MSG>"]);
    await kernel.sendRaw(["no delimiter"]);
    await kernel.sendRaw([Buffer.from([0xff, 0xfe])]);
    expect((await kernel.run("globalThis.forged")).result).toBeUndefined();
  });
});

describe("history", () => {
  test("tail, range and search", async () => {
    const { count: at } = await kernel.run(`"needle one"`);
    await kernel.run(`"other"`);
    await kernel.run(`"needle one"`);

    const tail = await kernel.request("history_request", { hist_access_type: "tail", n: 2 });
    expect(tail.reply).toMatchObject({
      status: "ok",
      history: [
        [expect.any(Number), at + 1, `"other"`],
        [expect.any(Number), at + 2, `"needle one"`],
      ],
    });
    const range = await kernel.request("history_request", {
      hist_access_type: "range",
      session: 0,
      start: at,
      stop: at + 1,
      output: true,
    });
    expect(range.reply).toMatchObject({ history: [[expect.any(Number), at, [`"needle one"`, "'needle one'"]]] });
    const search = { hist_access_type: "search", pattern: "*needle*" } as const;
    const all = await kernel.request("history_request", { ...search });
    expect((all.reply as { history: readonly unknown[] }).history).toHaveLength(2);
    const unique = await kernel.request("history_request", { ...search, unique: true });
    expect(unique.reply).toMatchObject({ history: [[expect.any(Number), at + 2, `"needle one"`]] });
  });
});

test.for([undefined, "all", "constructor"])("history with the access type %j is refused in words", async (access) => {
  const { reply } = await kernel.request("history_request", { hist_access_type: access } as never);
  const evalue = expect.stringContaining(`needs "hist_access_type" as "range", "tail" or "search", not`);
  expect(reply).toMatchObject({ status: "error", evalue });
});

describe("live variables", () => {
  test("without a position the end of the code is meant", async () => {
    await kernel.run("const answers = { fortyTwo: 42 }");
    const completed = await kernel.request("complete_request", { code: "answers.forty" });
    expect(completed.reply).toMatchObject({ matches: ["fortyTwo"], cursor_start: 8, cursor_end: 13 });
    const nothing = await kernel.request("complete_request", { code: "'🫐 nothing" });
    expect(nothing.reply).toMatchObject({ matches: [], cursor_start: 10, cursor_end: 10 });
    const inspected = await kernel.request("inspect_request", { code: "answers" });
    expect(inspected.reply).toMatchObject({ found: true });
    const wrong = await kernel.request("complete_request", { code: "a", cursor_pos: "1" as never });
    expect(wrong.reply).toMatchObject({ status: "error", evalue: expect.stringContaining(`"cursor_pos" as a number`) });
  });

  test("completes members, counting positions in code points", async () => {
    await kernel.run(`const berries = { "rasp": 1, blue: 2 }`);
    const code = `"🫐"; berries.bl`;
    const { reply } = await kernel.request("complete_request", { code, cursor_pos: [...code].length });
    expect(reply).toMatchObject({ status: "ok", matches: ["blue"], cursor_end: 15 });
    expect(reply).toMatchObject({ cursor_start: 13 });
  });

  test("completes while a cell spins", async () => {
    await kernel.run("const spun = [1, 2, 3]");
    const spinning = kernel.send("execute_request", { code: "while (true) {}" });
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    const { reply } = await kernel.request("complete_request", { code: "spun.fla", cursor_pos: 8 });
    expect(reply).toMatchObject({ matches: ["flat", "flatMap"] });
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect((await spinning.answer).reply.status).toBe("error");
  });

  test("completion gives up in time while native code blocks", async () => {
    const spinning = kernel.send("execute_request", {
      code: `require("node:child_process").execSync("sleep 30")`,
    });
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    const start = performance.now();
    const { reply } = await kernel.request("complete_request", { code: "spun.fla", cursor_pos: 8 });
    expect(reply.status).toBe("ok");
    expect(performance.now() - start).toBeLessThan(5_000);
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect((await spinning.answer).reply.status).toBe("error");
  });

  test("inspects a value", async () => {
    await kernel.run("const answer = 42");
    const { reply } = await kernel.request("inspect_request", { code: "answer", cursor_pos: 3, detail_level: 0 });
    expect(reply).toMatchObject({ status: "ok", found: true });
    expect(JSON.stringify(reply)).toContain("42");
    const missing = await kernel.request("inspect_request", { code: "nowhere", cursor_pos: 3 });
    expect(missing.reply).toMatchObject({ status: "ok", found: false });
  });
});
