import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Received, connectKernel } from "../../kernel/cli/client.ts";
import type { Contents, RequestType } from "../../kernel/protocol/contents.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

// The shape of every message, after the messaging page and the behaviours that ipykernel's own tests ask for.

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
  for (const name of ["first", "second"]) writeFileSync(join(kernel.folder, `${name}.ts`), name);
});
afterAll(() => kernel.shutdown());

const text = expect.any(String) as string;
const whole = expect.any(Number) as number;
const object = expect.any(Object) as Record<string, unknown>;
const list = expect.any(Array) as unknown[];

const error = { ename: text, evalue: text, traceback: list };
const ports = { shell_port: whole, iopub_port: whole, stdin_port: whole, control_port: whole, hb_port: whole };

/** What the content of each message has at the least. */
const contents: Record<string, object> = {
  status: { execution_state: expect.stringMatching(/^(busy|idle|starting)$/) },
  execute_input: { code: text, execution_count: whole },
  execute_result: { execution_count: whole, data: object, metadata: object },
  display_data: { data: object, metadata: object },
  update_display_data: { data: object, metadata: object, transient: { display_id: text } },
  clear_output: { wait: expect.any(Boolean) },
  stream: { name: expect.stringMatching(/^std(out|err)$/), text },
  error,
  execute_reply: { status: "ok", execution_count: whole, payload: list, user_expressions: object },
  inspect_reply: { status: "ok", found: expect.any(Boolean), data: object, metadata: object },
  complete_reply: { status: "ok", matches: list, cursor_start: whole, cursor_end: whole, metadata: object },
  kernel_info_reply: {
    status: "ok",
    protocol_version: expect.stringMatching(/^5\.\d+$/),
    implementation: text,
    implementation_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    language_info: { name: text, version: text, mimetype: text, file_extension: expect.stringMatching(/^\./) },
    banner: text,
    help_links: list,
    supported_features: list,
  },
  connect_reply: { status: "ok", ...ports },
  comm_info_reply: { status: "ok", comms: object },
  is_complete_reply: { status: expect.stringMatching(/^(complete|incomplete|invalid|unknown)$/) },
  history_reply: { status: "ok", history: list },
  create_subshell_reply: { status: "ok", subshell_id: text },
  list_subshell_reply: { status: "ok", subshell_id: list },
  delete_subshell_reply: { status: "ok" },
  interrupt_reply: { status: "ok" },
};

const header = {
  msg_id: text,
  session: text,
  username: text,
  date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/),
  version: expect.stringMatching(/^5\.\d+$/),
};

/** Checks the whole of a message and that it belongs to a request. */
function check(message: Received, type: string, parentId: string): void {
  expect(message.header).toMatchObject({ ...header, msg_type: type });
  expect(message.parent_header).toMatchObject({ ...header, version: text, msg_id: parentId, msg_type: text });
  expect(message.metadata).toEqual(object);
  expect(message.content).toMatchObject(contents[type]!);
  const bundle = Object.entries(message.content["data"] ?? {});
  for (const [mime] of bundle) expect(mime).toMatch(/^[\w\-+.]+\/[\w\-+.]+$/);
  for (const [, data] of bundle.filter(([mime]) => !mime.endsWith("json"))) expect(data).toEqual(text);
}

/** Sends a request, checks its reply and all that is published, and returns them. */
async function ask<T extends RequestType>(
  type: T,
  content: Contents[T],
  channel: "shell" | "control" = "shell",
): Promise<{ reply: Received; published: readonly Received[] }> {
  const { id, answer } = kernel.send(type, content, { channel });
  const { message: reply, published } = await answer;
  check(reply, type.replace("_request", "_reply"), id);
  for (const message of published) check(message, message.header.msg_type, id);
  const states = published.filter((message) => message.header.msg_type === "status");
  expect(states.map((message) => message.content["execution_state"])).toEqual(["busy", "idle"]);
  expect(published.at(-1)).toBe(states[1]);
  return { reply, published };
}

const types = (published: readonly Received[]): string[] =>
  published.map((message) => message.header.msg_type).filter((type) => type !== "status");

describe("execute", () => {
  test("a cell without output", async () => {
    const { published } = await ask("execute_request", { code: "let x = 1" });
    expect(types(published)).toEqual(["execute_input"]);
  });

  test("a silent cell publishes only its status, and counts nothing", async () => {
    const first = await ask("execute_request", { code: "x = 1", silent: true });
    const second = await ask("execute_request", { code: "x = 2", silent: true });
    expect(types([...first.published, ...second.published])).toEqual([]);
    expect(second.reply.content["execution_count"]).toBe(first.reply.content["execution_count"]);
  });

  test("each stored cell counts one", async () => {
    const first = await ask("execute_request", { code: "x = 1" });
    const second = await ask("execute_request", { code: "x = 2" });
    expect(second.reply.content["execution_count"]).toBe(Number(first.reply.content["execution_count"]) + 1);
  });

  test("every kind of output", async () => {
    const code = `
      console.log("out"); console.error("err");
      const handle = display.markdown("*one*"); handle.update("*two*");
      display.clear(true);
      x + 40`;
    const { published } = await ask("execute_request", { code });
    expect(types(published)).toEqual([
      "execute_input",
      "stream",
      "stream",
      "display_data",
      "update_display_data",
      "clear_output",
      "execute_result",
    ]);
    const [result] = published.filter((message) => message.header.msg_type === "execute_result");
    expect(result?.content).toMatchObject({ data: { "text/plain": "42" } });
  });

  test("an error is the same on iopub and in the reply, whose status says so", async () => {
    const { id, answer } = kernel.send("execute_request", { code: "null.x" });
    const { message, published } = await answer;
    expect(message.header).toMatchObject({ ...header, msg_type: "execute_reply" });
    expect(message.parent_header.msg_id).toBe(id);
    const [shown] = published.filter((one) => one.header.msg_type === "error");
    check(shown!, "error", id);
    expect(message.content).toMatchObject({ status: "error", execution_count: whole, ...shown!.content });
    expect(message.content["ename"]).toBe("TypeError");
    expect((shown!.content["traceback"] as unknown[]).every((line) => typeof line === "string")).toBe(true);
  });

  test("a syntax error too", async () => {
    const { reply, published } = await kernel.run("const = ;");
    expect(reply).toMatchObject({ status: "error", ename: "SyntaxError" });
    expect(types(published)).toEqual(["execute_input", "error"]);
  });

  test("user_expressions have bundles, or errors of their own", async () => {
    const { reply } = await ask("execute_request", {
      code: "x = 1",
      user_expressions: { good: "x + 1", bad: "noSuchName" },
    });
    expect(reply.content["user_expressions"]).toEqual({
      good: { status: "ok", data: { "text/plain": "2" }, metadata: {} },
      bad: { status: "error", ...error, ename: "ReferenceError" },
    });
  });

  test("the next cell's text comes once, the last one that was set", async () => {
    const { reply } = await ask("execute_request", { code: "%load first.ts\n%load second.ts" });
    expect(reply.content["payload"]).toEqual([
      { source: "set_next_input", text: "// %load second.ts\nsecond", replace: true },
    ]);
  });

  test("requests other than cells are not aborted by an error", async () => {
    const failing = kernel.send("execute_request", { code: `await new Promise(setImmediate); throw new Error("no")` });
    const others = await Promise.all([
      ask("kernel_info_request", {}),
      ask("comm_info_request", {}),
      kernel.request("inspect_request", { code: "console", cursor_pos: 3 }),
    ]);
    expect(others).toHaveLength(3);
    expect((await failing.answer).reply.status).toBe("error");
  });
});

describe("questions about code", () => {
  beforeAll(async () => {
    await kernel.run("let alpha = 5, albert = 6; function described(a: number) { return a }");
  });

  test("inspect finds a value, and its source at detail level 1", async () => {
    const found = await ask("inspect_request", { code: "alpha", cursor_pos: 5 });
    expect(found.reply.content).toMatchObject({ found: true, data: { "text/plain": expect.stringContaining("5") } });
    const detail = await ask("inspect_request", { code: "described", cursor_pos: 9, detail_level: 1 });
    expect(JSON.stringify(detail.reply.content)).toContain("return a");
    const missing = await ask("inspect_request", { code: "doesNotExist", cursor_pos: 5 });
    expect(missing.reply.content).toEqual({ status: "ok", found: false, data: {}, metadata: {} });
  });

  test("complete", async () => {
    const { reply } = await ask("complete_request", { code: "al", cursor_pos: 2 });
    expect(reply.content["matches"]).toEqual(expect.arrayContaining(["alpha", "albert"]));
    expect(reply.content).toMatchObject({ cursor_start: 0, cursor_end: 2 });
  });

  test("is_complete; an incomplete cell has an indent", async () => {
    expect((await ask("is_complete_request", { code: "a = 1" })).reply.content).toEqual({ status: "complete" });
    const { reply } = await ask("is_complete_request", { code: "if (alpha) {" });
    expect(reply.content).toEqual({ status: "incomplete", indent: "  " });
  });
});

describe("questions about the kernel", () => {
  test.for(["shell", "control"] as const)("kernel_info on %s", async (channel) => {
    const { reply } = await ask("kernel_info_request", {}, channel);
    expect(reply.content["supported_features"]).toContain("kernel subshells");
  });

  test("connect tells the ports of the connection file", async () => {
    const { reply } = await ask("connect_request", {});
    const { shell, iopub, stdin, control, hb } = kernel.connection.ports;
    expect(reply.content).toEqual({
      status: "ok",
      shell_port: shell,
      iopub_port: iopub,
      stdin_port: stdin,
      control_port: control,
      hb_port: hb,
    });
  });

  test("comm_info, of all targets and of one", async () => {
    await ask("comm_info_request", {});
    expect((await ask("comm_info_request", { target_name: "none" })).reply.content["comms"]).toEqual({});
  });

  test.for([
    { hist_access_type: "tail", n: 3 },
    { hist_access_type: "range", session: 0, start: 1, stop: 3 },
  ] as const)("history: %j", async (request) => {
    const { reply } = await ask("history_request", { raw: true, ...request, output: true });
    for (const row of reply.content["history"] as unknown[]) {
      expect(row).toEqual([
        whole,
        whole,
        [text, expect.toSatisfy((output) => output === null || typeof output === "string")],
      ]);
    }
    expect((reply.content["history"] as unknown[]).length).toBeGreaterThan(0);
  });

  test("interrupt, with nothing to interrupt", async () => {
    const { published } = await ask("interrupt_request", {}, "control");
    expect(types(published)).toEqual([]);
  });

  test("a subshell is created, listed and deleted", async () => {
    const { reply } = await ask("create_subshell_request", {}, "control");
    const id = String(reply.content["subshell_id"]);
    expect((await ask("list_subshell_request", {}, "control")).reply.content["subshell_id"]).toEqual([id]);
    await ask("delete_subshell_request", { subshell_id: id }, "control");
    expect((await ask("list_subshell_request", {}, "control")).reply.content["subshell_id"]).toEqual([]);
  });
});

test("input_request has a prompt and goes with the header of its cell", async () => {
  kernel.onInput((prompt, password) => `${prompt}${String(password)}`);
  const { reply, published } = await ask("execute_request", { code: `await input("name? ")`, allow_stdin: true });
  expect(reply.content["status"]).toBe("ok");
  const [result] = published.filter((message) => message.header.msg_type === "execute_result");
  expect(result?.content).toMatchObject({ data: { "text/plain": "'name? false'" } });
});

test("a new subscriber is welcomed", async () => {
  const welcome = seen(kernel, (message) => message.header.msg_type === "iopub_welcome");
  const second = await connectKernel(kernel.connection);
  const message = await welcome;
  expect(message.header).toMatchObject({ ...header, msg_type: "iopub_welcome" });
  expect(message.content).toEqual({ subscription: "" });
  second.close();
});
