import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Received } from "../../kernel/cli/client.ts";
import { type Seen, type TestKernel, see, seen, startTestKernel } from "./harness.ts";

// The cases of ipykernel's test_subshells.py and test_comm.py under their names, as behaviours of TypeScript cells.
// Subshells of Typhoon share one thread, so where a case sleeps blocked, the cell here awaits.

type Shell = string | undefined;

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterEach(async () => {
  for (const id of await list()) await remove(id);
});
afterAll(() => kernel.shutdown());

const control = { channel: "control" } as const;
const create = async (): Promise<string> =>
  (await kernel.request("create_subshell_request", {}, control)).reply.subshell_id;
const remove = (id: string): Promise<unknown> =>
  kernel.request("delete_subshell_request", { subshell_id: id }, control);
const list = async (): Promise<readonly string[]> =>
  (await kernel.request("list_subshell_request", {}, control)).reply.subshell_id;

async function execute(code: string, subshell: Shell, silent = false): Promise<Seen> {
  return see(await kernel.request("execute_request", { code, silent }, { subshell }));
}

/** Creates a shell for each true, and gives the main shell for each false. */
async function shellsOf(areSubshells: readonly boolean[]): Promise<Shell[]> {
  const shells: Shell[] = [];
  for (const isSubshell of areSubshells) shells.push(isSubshell ? await create() : undefined);
  return shells;
}

const pairs = [
  [false, true],
  [true, false],
  [true, true],
] as const;

const sleep = "const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));";

describe("test_subshells.py", () => {
  test("test_no_subshells", async () => {
    await execute("const a = 2 * 3", undefined);
    expect((await execute("console.log(String(a))", undefined)).stdout).toBe("6\n");
  });

  test("test_supported", async () => {
    const { reply } = await kernel.request("kernel_info_request", {});
    expect(reply.supported_features).toContain("kernel subshells");
  });

  test("test_subshell_id_lifetime", async () => {
    expect(await list()).toEqual([]);
    const id = await create();
    expect(await list()).toEqual([id]);
    await remove(id);
    expect(await list()).toEqual([]);
  });

  test("test_thread_counts and test_thread_ids: every shell runs on the main thread", async () => {
    const id = await create();
    const code = `require("node:worker_threads").isMainThread`;
    expect((await execute(code, undefined)).result).toBe("true");
    expect((await execute(code, id)).result).toBe("true");
    await remove(id);
  });

  test.for(pairs.flatMap((areSubshells) => [true, false].map((overlap) => ({ areSubshells, overlap }))))(
    "test_run_concurrently_sequence $areSubshells, overlap $overlap",
    async ({ areSubshells, overlap }) => {
      const shells = await shellsOf(areSubshells);
      await execute(
        `import assert from "node:assert"; ${sleep}
         let start0 = false, end0 = false, end1 = false, waiting = 0, open: () => void;
         const opened = new Promise<void>((done) => { open = done });
         const barrier = async () => { if (++waiting === 2) open(); await opened };`,
        undefined,
      );
      const codes = overlap
        ? [
            "await barrier(); start0 = true; await sleep(200); end0 = true",
            "await barrier(); await sleep(100); assert(start0); assert(!end0); await sleep(200); assert(end0)",
          ]
        : [
            "await barrier(); start0 = true; await sleep(200); assert(end1)",
            "await barrier(); await sleep(100); assert(start0); assert(!end0); end1 = true",
          ];
      const cells = await Promise.all(codes.map((code, i) => execute(code, shells[i])));
      expect(cells.map(({ reply, error }) => error ?? reply.status)).toEqual(["ok", "ok"]);
    },
  );

  test("test_create_while_execute", async () => {
    const order: string[] = [];
    const cell = kernel.run(`${sleep} await sleep(200)`).then(() => order.push("cell"));
    await seen(kernel, ({ header }) => header.msg_type === "execute_input");
    await create();
    order.push("created");
    await cell;
    expect(order).toEqual(["created", "cell"]);
  });

  test("test_shutdown_with_subshell", async () => {
    const own = await startTestKernel();
    const { reply } = await own.request("create_subshell_request", {}, control);
    const began = seen(own, ({ header }) => header.msg_type === "execute_input");
    const code = "await new Promise(() => {})";
    const cell = own.request("execute_request", { code }, { subshell: reply.subshell_id }).catch(() => "gone");
    await began;
    await own.shutdown();
    expect(own.process.exitCode).toBe(0);
    expect(await cell).toBe("gone");
  });

  test.for(pairs)("test_execute_stop_on_error %j", async (areSubshells) => {
    const [first, second] = await shellsOf(areSubshells);
    await execute(sleep, undefined);
    const cells = await Promise.all([
      execute("await sleep(150); throw new Error()", first),
      execute(`console.log("hello")`, first),
      execute(`console.log("goodbye")`, first),
      execute("await sleep(200)", second),
      execute(`console.log("other")`, second),
    ]);
    expect(cells.map(({ reply }) => reply.status)).toEqual(["error", "aborted", "aborted", "ok", "ok"]);
    const shells = cells.map(({ published }) => published[0]!.parent_header.subshell_id);
    expect(shells).toEqual([first, first, first, second, second]);
    expect((await execute(`console.log("check")`, first)).reply.status).toBe("ok");
  });

  test.for(pairs)("test_idle_message_parent_headers %j", async (areSubshells) => {
    const shells = await shellsOf(areSubshells);
    await execute(sleep, undefined);
    const cells = await Promise.all(shells.map((shell) => execute("await sleep(50)", shell)));
    const states = (published: readonly Received[]): unknown[] =>
      published.flatMap(({ content }) => content["execution_state"] ?? []);
    for (const [i, { published }] of cells.entries()) {
      expect(states(published)[0]).toBe("busy");
      // A kernel that is still at one request says busy again when another has ended: clients take any idle for the end.
      expect(states(published).filter((state) => state === "idle")).toHaveLength(1);
      expect(states(published).at(-1)).toBe("idle");
      expect(new Set(published.map(({ parent_header: parent }) => parent.subshell_id))).toEqual(new Set([shells[i]]));
    }
  });

  test("test_silent_flag_in_subshells", async () => {
    const id = await create();
    const types = ({ published }: Seen): Set<string> => new Set(published.map(({ header }) => header.msg_type));
    const quiet = [await execute("const a = 1; a", undefined, true), await execute("a", id, true)];
    for (const cell of quiet) {
      expect(cell.reply.status).toBe("ok");
      expect(types(cell)).toEqual(new Set(["status"]));
    }
    const [silent, noisy] = await Promise.all([
      execute(`${sleep} await sleep(50); 3`, id, true),
      execute(`console.log("noisy")`, undefined),
    ]);
    expect(noisy.stdout).toBe("noisy\n");
    expect(noisy.stderr).toBe("");
    expect(types(silent)).toEqual(new Set(["status"]));
  });
});

describe("test_comm.py", () => {
  test("test_comm", async () => {
    await kernel.run(
      `import { comm } from "typhoon-kernel";
         const messages: unknown[] = [];
         const c = comm.open("bar", {}, { id: "c" });
         c.onMessage((message) => messages.push(message));
         c.onClose((message) => messages.push(message));`,
    );
    await kernel.tell("comm_msg", { comm_id: "c", data: {} });
    await kernel.tell("comm_close", { comm_id: "c", data: {} });
    expect((await kernel.run("c.close(); [messages.length, c.target]")).result).toBe("[ 2, 'bar' ]");
  });

  test("test_comm_manager and test_comm_in_manager", async () => {
    await kernel.run(
      `import { comm } from "typhoon-kernel";
         const opened: unknown[] = [];
         comm.registerTarget("foo", (it, message) => { opened.push(message); it.close() });
         comm.registerTarget("fizz", () => { throw new Error("hi") });
         const own = comm.open("foo", {}, { id: "own" });`,
    );
    expect((await kernel.run(`[comm.get("own") === own, comm.get("foo")]`)).result).toBe("[ true, undefined ]");
    for (const target of ["foo", "bar", "fizz"]) {
      const published = await kernel.tell("comm_open", { comm_id: `${target}-1`, target_name: target, data: {} });
      expect(published.map(({ header }) => header.msg_type)).toContain("comm_close");
      expect((await kernel.run("opened.length")).result).toBe("1");
    }
    const { reply } = await kernel.request("comm_info_request", {});
    expect(reply).toEqual({ status: "ok", comms: { own: { target_name: "foo" } } });
  });
});
