import { Kernel, KernelManager, type KernelMessage, ServerConnection } from "@jupyterlab/services";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type JupyterServer, startJupyterServer } from "./server.ts";

let server: JupyterServer;
let manager: KernelManager;
let kernel: Kernel.IKernelConnection;

beforeAll(async () => {
  server = await startJupyterServer();
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: server.url,
    wsUrl: server.url.replace("http", "ws"),
    token: server.token,
    appendToken: true,
  });
  manager = new KernelManager({ serverSettings });
  kernel = await manager.startNew({ name: "typhoon" });
});
afterAll(async () => {
  await kernel?.shutdown();
  manager?.dispose();
  await server?.[Symbol.asyncDispose]();
});

type Messages = KernelMessage.IIOPubMessage[];

/** Runs a cell as JupyterLab does, and returns its reply with what was published. */
async function run(code: string): Promise<{ reply: KernelMessage.IExecuteReplyMsg["content"]; messages: Messages }> {
  const future = kernel.requestExecute({ code });
  const messages: Messages = [];
  future.onIOPub = (message) => void messages.push(message);
  const { content } = await future.done;
  return { reply: content, messages };
}

/** Resolves when the kernel has a status, as JupyterLab's indicator shows it. */
async function status(wanted: Kernel.Status): Promise<void> {
  if (kernel.status === wanted) return;
  await new Promise<void>((done) => {
    kernel.statusChanged.connect((_, now) => {
      if (now === wanted) done();
    });
  });
}

const contents = (messages: Messages, type: string): Record<string, unknown>[] =>
  messages.filter(({ header }) => header.msg_type === type).map(({ content }) => content as Record<string, unknown>);

describe("@jupyterlab/services against a real server", () => {
  test("knows the kernelspec", async () => {
    const spec = await kernel.spec;
    expect(spec).toMatchObject({
      display_name: "TypeScript (Typhoon)",
      language: "typescript",
    });
    expect(Object.keys(spec!.resources)).toEqual(expect.arrayContaining(["logo-32x32", "logo-64x64", "logo-svg"]));
    expect((await kernel.info).implementation).toBe("typhoon");
  });

  test("runs a cell and its status becomes idle", async () => {
    const { messages, reply } = await run(`console.log("hello"); 6 * 7`);
    expect(reply.status).toBe("ok");
    expect(contents(messages, "stream")).toEqual([{ name: "stdout", text: "hello\n" }]);
    expect(contents(messages, "execute_result")[0]).toMatchObject({ data: { "text/plain": "42" } });
    await status("idle");
  });

  test("stays busy while a cell runs and something else is asked", async () => {
    const running = run("await new Promise((done) => setTimeout(done, 300))");
    await kernel.requestComplete({ code: "Mat", cursor_pos: 3 });
    let over = false;
    void running.then(() => (over = true));
    await status("busy"); // after the completion's own idle
    expect(over).toBe(false);
    await running;
    await status("idle");
  });

  test("completes and inspects", async () => {
    await run("const berries = { rasp: 1 }");
    const completion = await kernel.requestComplete({ code: "berries.", cursor_pos: 8 });
    expect(completion.content).toMatchObject({ status: "ok", matches: expect.arrayContaining(["rasp"]) });
    const inspection = await kernel.requestInspect({ code: "berries", cursor_pos: 3, detail_level: 0 });
    expect(inspection.content).toMatchObject({ status: "ok", found: true });
  });

  test("answers input", async () => {
    const future = kernel.requestExecute({ code: `await input("name? ")`, allow_stdin: true });
    const results: Record<string, unknown>[] = [];
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === "execute_result") results.push(content as Record<string, unknown>);
    };
    future.onStdin = (message) => {
      expect(message.content).toEqual({ prompt: "name? ", password: false });
      kernel.sendInputReply({ status: "ok", value: "Ada" }, message.header as KernelMessage.IHeader<"input_request">);
    };
    await future.done;
    expect(results[0]).toMatchObject({ data: { "text/plain": "'Ada'" } });
  });

  test("interrupts", async () => {
    const running = run("while (true) {}");
    await kernel.requestKernelInfo();
    await kernel.interrupt();
    expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
  });

  test("restarts with no names left", async () => {
    await run("const gone = 1");
    await kernel.restart();
    const { messages } = await run("typeof gone");
    expect(contents(messages, "execute_result")[0]).toMatchObject({ data: { "text/plain": "'undefined'" } });
  });
});
