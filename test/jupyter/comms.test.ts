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
  await kernel.info;
});
afterAll(async () => {
  await kernel?.shutdown();
  manager?.dispose();
  await server?.[Symbol.asyncDispose]();
});

type Reply = KernelMessage.IExecuteReplyMsg["content"];

const echo = `import { comm } from "typhoon-kernel";
comm.registerTarget("echo", (it, { data }) => {
  it.onMessage(({ data: { n }, buffers }) => it.send({ double: n * 2 }, { buffers }));
  it.onClose(() => console.log("closed"));
  it.send({ welcome: data.name });
});`;

async function run(code: string): Promise<Reply> {
  const future = kernel.requestExecute({ code });
  return (await future.done).content;
}

interface Heard {
  readonly data: Record<string, unknown>;
  readonly bytes: readonly number[];
  readonly message: KernelMessage.ICommMsgMsg;
}

/** The messages of a comm, to be taken one by one. */
function listen(comm: Kernel.IComm): () => Promise<Heard> {
  const heard: Heard[] = [];
  const waiting: ((one: Heard) => void)[] = [];
  comm.onMsg = (message) => {
    const [buffer] = message.buffers ?? [];
    const bytes = ArrayBuffer.isView(buffer)
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new Uint8Array(buffer ?? []);
    const one = { data: message.content.data as Record<string, unknown>, bytes: [...bytes], message };
    const next = waiting.shift();
    if (next) next(one);
    else heard.push(one);
  };
  return () => {
    const [first] = heard.splice(0, 1);
    return first ? Promise.resolve(first) : new Promise((done) => waiting.push(done));
  };
}

/** A comm of JupyterLab knows its subshell, though its interface does not say so. */
type SubshellComm = Kernel.IComm & { readonly subshellStarted: Promise<void>; readonly subshellId: string | null };

/** Opens a comm as JupyterLab does: on a subshell of its target. */
async function open(target: string): Promise<{ comm: SubshellComm; next: () => Promise<Heard> }> {
  const comm = kernel.createComm(target) as SubshellComm;
  await comm.subshellStarted;
  const next = listen(comm);
  await comm.open({ name: "Ada" }).done;
  return { comm, next };
}

const subshells = async (): Promise<readonly string[]> =>
  (await kernel.requestListSubshell({}).done).content.subshell_id;

describe("JupyterLab's comms, each target on a subshell of its own", () => {
  test("are open, answered with bytes, and closed", async () => {
    await run(echo);
    const { comm, next } = await open("echo");
    expect(comm.commsOverSubshells).toBe("perCommTarget");
    expect(await subshells()).toEqual([comm.subshellId]);
    expect((await next()).data).toEqual({ welcome: "Ada" });
    await comm.send({ n: 21 }, {}, [new Uint8Array([1, 2, 3])]).done;
    const { data, bytes, message } = await next();
    expect(data).toEqual({ double: 42 });
    expect(bytes).toEqual([1, 2, 3]);
    expect((message.parent_header as KernelMessage.IHeader).subshell_id).toBe(comm.subshellId);
    const { content } = await kernel.requestCommInfo({ target_name: "echo" });
    expect(content).toEqual({ status: "ok", comms: { [comm.commId]: { target_name: "echo" } } });
    await comm.close().done;
    expect((await kernel.requestCommInfo({})).content).toEqual({ status: "ok", comms: {} });
    expect(await subshells()).toEqual([]);
  });

  test("are answered while a cell of the main shell awaits", async () => {
    await run(echo);
    const { comm, next } = await open("echo");
    await next();
    const cell = kernel.requestExecute({
      code: `await new Promise((done) => comm.registerTarget("release", done))`,
    });
    await comm.send({ n: 1 }).done;
    expect((await next()).data).toEqual({ double: 2 });
    const releasing = await open("release");
    expect((await cell.done).content.status).toBe("ok");
    await Promise.all([comm.close().done, releasing.comm.close().done]);
  });

  test("are answered as soon as a spinning cell lets them, in order", async () => {
    await run(echo);
    const { comm, next } = await open("echo");
    await next();
    const cell = run(`const until = performance.now() + 300; while (performance.now() < until);`);
    const sent = [1, 2, 3].map((n) => comm.send({ n }).done);
    await cell;
    await Promise.all(sent);
    expect([await next(), await next(), await next()].map(({ data }) => data["double"])).toEqual([2, 4, 6]);
    await comm.close().done;
  });

  test("that a cell opens reach the target of the front end, and its answers reach the cell", async () => {
    kernel.registerCommTarget("front", (comm, { content }) => {
      comm.send({ got: (content.data as { n: number }).n });
    });
    const future = kernel.requestExecute({
      code: `import { comm } from "typhoon-kernel";
             const front = comm.open("front", { n: 7 });
             (await new Promise((done) => front.onMessage(done))).data.got`,
    });
    const results: unknown[] = [];
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === "execute_result") results.push((content as { data: unknown }).data);
    };
    expect((await future.done).content.status).toBe("ok");
    expect(results).toEqual([{ "text/plain": "7" }]);
    await run("front.close()");
  });

  test("whose target nobody knows are closed", async () => {
    const comm = kernel.createComm("nobody");
    const closed = new Promise<void>((done) => {
      comm.onClose = () => done();
    });
    await comm.open().done;
    await closed;
    expect(comm.isDisposed).toBe(true);
  });

  test("are gone after a restart, and work again", async () => {
    await run(echo);
    const old = await open("echo");
    await old.next();
    await kernel.restart();
    expect(old.comm.isDisposed).toBe(true);
    expect((await kernel.requestCommInfo({})).content).toEqual({ status: "ok", comms: {} });
    expect(await subshells()).toEqual([]);
    await run(echo);
    const { comm, next } = await open("echo");
    expect((await next()).data).toEqual({ welcome: "Ada" });
    await comm.close().done;
  });
});

test("a console on a subshell runs its cells beside the notebook's", async () => {
  const subshell = (await kernel.requestCreateSubshell({}).done).content.subshell_id;
  const besides = manager.connectTo({ model: kernel.model });
  besides.subshellId = subshell;
  await besides.info;
  await run("let finish: (value: string) => void; const finished = new Promise((done) => { finish = done })");
  const cell = kernel.requestExecute({ code: "await finished" });
  const other = await besides.requestExecute({ code: `finish("from beside")` }).done;
  expect(other.content.status).toBe("ok");
  expect((await cell.done).content.status).toBe("ok");
  besides.dispose();
  await kernel.requestKernelInfo();
  expect(await subshells()).not.toContain(subshell);
});
