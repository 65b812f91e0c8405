import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Received, RequestOptions } from "../../kernel/cli/client.ts";
import { type Seen, type TestKernel, see, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

const control = { channel: "control" } as const;

/** Creates a subshell. */
async function create(): Promise<string> {
  const { reply } = await kernel.request("create_subshell_request", {}, control);
  return reply.subshell_id;
}

async function list(): Promise<readonly string[]> {
  return (await kernel.request("list_subshell_request", {}, control)).reply.subshell_id;
}

const remove = (id: string): Promise<unknown> =>
  kernel.request("delete_subshell_request", { subshell_id: id }, control).then(({ reply }) => reply);

/** Runs a cell on a shell. */
async function run(subshell: string | undefined, code: string): Promise<Seen> {
  return see(await kernel.send("execute_request", { code, allow_stdin: false }, { subshell }).answer);
}

/** Makes a cell on a shell that ends when `release` is called; resolves when it has begun. */
let gates = 0;
async function hold(subshell?: string, after = ""): Promise<{ cell: Promise<Seen>; release: () => Promise<unknown> }> {
  const gate = `gate${(gates += 1)}`;
  const begun = seen(kernel, ({ content }) => content["comm_id"] === gate);
  const code = `import { comm } from "typhoon-kernel";
const ${gate} = comm.open("gate", {}, { id: "${gate}" });
await new Promise((done) => ${gate}.onMessage(done));
${after}`;
  const cell = run(subshell, code);
  await begun;
  return { cell, release: () => kernel.tell("comm_msg", { comm_id: gate, data: {} }) };
}

const interrupt = (): Promise<unknown> => kernel.request("interrupt_request", {}, control);

describe("subshells", () => {
  test("are claimed", async () => {
    const { reply } = await kernel.request("kernel_info_request", {});
    expect(reply.supported_features).toEqual(["kernel subshells"]);
  });

  test("are created, listed and deleted", async () => {
    expect(await list()).toEqual([]);
    const [first, second] = [await create(), await create()];
    expect(await list()).toEqual([first, second]);
    expect(await remove(first)).toEqual({ status: "ok" });
    expect(await list()).toEqual([second]);
    await remove(second);
    expect(await list()).toEqual([]);
  });

  test("see each other's names, and count cells together", async () => {
    const id = await create();
    const { count } = await run(undefined, "const shared = 41");
    const other = await run(id, "shared + 1");
    expect(other.result).toBe("42");
    expect(other.count).toBe(count + 1);
    expect(other.published[0]!.parent_header.subshell_id).toBe(id);
    await remove(id);
  });

  test("run while the main shell's cell awaits, cells of one shell in order", async () => {
    const id = await create();
    await kernel.run("const order: string[] = []");
    const main = await hold(undefined, `order.push("main"); 1`);
    const waiting = kernel.run(`order.push("queued"); 2`);
    await Promise.all(["a", "b", "c"].map((name) => run(id, `await 1; order.push("${name}")`)));
    await main.release();
    expect((await main.cell).result).toBe("1");
    expect((await waiting).result).toBe("2");
    expect((await kernel.run("order.join()")).result).toBe("'a,b,c,main,queued'");
    await remove(id);
  });

  test("run when a spinning cell of another shell ends", async () => {
    const id = await create();
    const spinning = kernel.run(
      `const end = performance.now() + 150; while (performance.now() < end); performance.now()`,
    );
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    const later = await run(id, "performance.now()");
    expect(Number(later.result)).toBeGreaterThan(Number((await spinning).result));
    await remove(id);
  });

  test("keep output, results, displays and errors of their cells apart", async () => {
    const id = await create();
    const code = (name: string): string =>
      `for (let i = 0; i < 20; i++) { process.stdout.write("${name}"); await new Promise((done) => setTimeout(done, 1)) }
       display("${name} shown"); "${name} result"`;
    const [first, second] = await Promise.all([run(undefined, code("x")), run(id, code("y"))]);
    for (const [name, cell] of Object.entries({ x: first, y: second })) {
      expect(cell.stdout).toBe(name.repeat(20));
      expect(cell.displays.map((data) => data["text/plain"])).toEqual([`'${name} shown'`]);
      expect(cell.result).toBe(`'${name} result'`);
    }
    const failed = await hold(id, "missing.name");
    const other = run(undefined, "1 +");
    await other;
    await failed.release();
    expect((await other).traceback).toMatch(/In\[\d+\]:1:4/);
    expect((await failed.cell).error).toBe("ReferenceError: missing is not defined");
    await remove(id);
  });

  test("a %%capture in one does not take the other's output", async () => {
    const id = await create();
    const begun = seen(kernel, ({ content }) => content["comm_id"] === "capture");
    const capturing = run(
      id,
      `%%capture captured
import { comm } from "typhoon-kernel";
console.log("captured");
await new Promise((done) => comm.open("gate", {}, { id: "capture" }).onMessage(done))`,
    );
    await begun;
    expect((await kernel.run(`console.log("free")`)).stdout).toBe("free\n");
    await kernel.tell("comm_msg", { comm_id: "capture", data: {} });
    expect((await capturing).stdout).toBe("");
    expect((await kernel.run("captured.stdout")).result).toBe(`'captured\\n'`);
    await remove(id);
  });

  test("each leave their own payloads and user expressions", async () => {
    const id = await create();
    const main = await hold(undefined, `%load ${import.meta.filename}`);
    const other = await run(id, "7");
    expect(other.reply).toMatchObject({ status: "ok", payload: [] });
    await main.release();
    expect((await main.cell).reply).toMatchObject({ status: "ok", payload: [{ source: "set_next_input" }] });
    await remove(id);
  });

  test("ask for input under their own request", async () => {
    const id = await create();
    kernel.onInput((prompt) => `answer to ${prompt}`);
    const asking = (name: string, options: RequestOptions): Promise<Seen> =>
      kernel.request("execute_request", { code: `await input("${name}")` }, options).then(see);
    const [main, sub] = await Promise.all([asking("main", {}), asking("sub", { subshell: id })]);
    expect([main.result, sub.result]).toEqual(["'answer to main'", "'answer to sub'"]);
    await remove(id);
  });

  test.for(["execute_request", "complete_request", "inspect_request"] as const)(
    "%s for an unknown subshell gets an error reply, and idle",
    async (type) => {
      const content = { code: "1", cursor_pos: 1 } as never;
      const { reply, published } = await kernel.request(type, content, { subshell: "nowhere" });
      expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining(`no subshell "nowhere"`) });
      expect(published.map((message: Received) => message.content["execution_state"])).toEqual(["busy", "idle"]);
    },
  );

  test.for([5, { a: 1 }, true])("an id that is no text, %j, is unknown", async (subshell) => {
    const content = { code: "1" };
    const { reply } = await kernel.request("execute_request", content, { subshell: subshell as never });
    expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining("no subshell") });
  });

  test("deleting an unknown one is an error", async () => {
    expect(await remove("nowhere")).toMatchObject({ status: "error", evalue: expect.stringContaining("nowhere") });
  });
});

describe("a failure", () => {
  test("aborts the queue of its own shell alone", async () => {
    const id = await create();
    const main = await hold(undefined, `"fine"`);
    const sub = await hold(id, `throw new Error("stop")`);
    const queued = [undefined, id, id].map((shell) => run(shell, "5"));
    await kernel.request("kernel_info_request", {}); // answered in order: the others have arrived
    await sub.release();
    expect((await sub.cell).error).toBe("Error: stop");
    await main.release();
    expect((await main.cell).result).toBe("'fine'");
    expect((await Promise.all(queued)).map(({ reply }) => reply.status)).toEqual(["ok", "aborted", "aborted"]);
    expect((await run(id, "6")).result).toBe("6");
    await remove(id);
  });
});

describe("an interrupt", () => {
  test("ends what awaits on every shell", async () => {
    const id = await create();
    const cells = [await hold(), await hold(id)];
    await interrupt();
    for (const { cell } of cells) expect((await cell).error).toMatch(/^Interrupted: /);
    expect((await kernel.run("1")).result).toBe("1");
    expect((await run(id, "2")).result).toBe("2");
    await remove(id);
  });

  test("ends a spinning cell and the awaiting one beside it, each with its own error", async () => {
    const id = await create();
    const awaiting = await hold();
    const now = seen(kernel, ({ content }) => content["text"] === "now\n");
    const spinning = run(id, `await 1; console.log("now"); while (true) {}`);
    await now;
    const start = performance.now();
    await interrupt();
    expect((await spinning).error).toMatch(/^Interrupted: /);
    expect((await awaiting.cell).error).toMatch(/^Interrupted: /);
    expect(performance.now() - start).toBeLessThan(1_000);
    await remove(id);
  });
});

describe("deleting a subshell", () => {
  let id: string;
  beforeEach(async () => {
    id = await create();
  });

  test("interrupts its running cell, aborts its queue, and leaves the others alone", async () => {
    const main = await hold(undefined, `"fine"`);
    const sub = await hold(id);
    const queued = run(id, "5");
    await kernel.request("kernel_info_request", {});
    expect(await remove(id)).toEqual({ status: "ok" });
    expect((await sub.cell).error).toMatch(/^Interrupted: /);
    expect((await queued).reply.status).toBe("aborted");
    await main.release();
    expect((await main.cell).result).toBe("'fine'");
  });

  test("leaves code of another shell alone that spins", async () => {
    const sub = await hold(id);
    const now = seen(kernel, ({ content }) => content["text"] === "now\n");
    const spinning = kernel.run(
      `console.log("now"); const until = performance.now() + 400; while (performance.now() < until); "through"`,
    );
    await now;
    await remove(id);
    expect((await sub.cell).error).toMatch(/^Interrupted: /);
    expect((await spinning).result).toBe("'through'");
    // And the next interrupt still finds its cell.
    const loop = kernel.run("while (true) {}");
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    await interrupt();
    expect((await loop).error).toMatch(/^Interrupted: /);
  });

  test("does not lose the last messages of its comms", async () => {
    await kernel.run(
      `import { comm } from "typhoon-kernel"; comm.registerTarget("t", (it) => { it.onMessage(() => it.send({ heard: 1 })) })`,
    );
    await kernel.tell("comm_open", { comm_id: "over", target_name: "t", data: {} }, { subshell: id });
    await remove(id);
    const published = await kernel.tell("comm_msg", { comm_id: "over", data: {} }, { subshell: id });
    expect(published.map(({ header }) => header.msg_type)).toContain("comm_msg");
  });
});

test("the end of the runtime fails what runs on every shell, once each, and the shells live on", async () => {
  const id = await create();
  const main = await hold();
  const sub = run(id, "process.exit(4)");
  const ended = await Promise.all([main.cell, sub]);
  for (const { error, published, reply } of ended) {
    expect(error).toMatch(/^RuntimeExited: /);
    expect(reply.status).toBe("error");
    expect(published.filter(({ header }) => header.msg_type === "error")).toHaveLength(1);
    expect(published.at(-1)?.content).toEqual({ execution_state: "idle" });
  }
  expect(await list()).toContain(id);
  expect((await run(id, "1 + 1")).result).toBe("2");
  await remove(id);
});
