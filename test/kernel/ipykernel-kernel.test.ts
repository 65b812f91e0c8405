import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, see, seen, startTestKernel } from "./harness.ts";
import { gone } from "./processes.ts";

// The cases of ipykernel's test_kernel.py, under their names. Those of output that belongs to its cell and of printing
// children (print_to_correct_cell_from_…, capture_fd, subprocess_peek_at_stream_fileno) are in output.test.ts.
// Without a meaning here:
// - sys_path_profile_dir: there are no profiles.
// - smoke_faulthandler: Node.js prints a fatal error's trace by itself, there is nothing to switch on.
// - matplotlib_inline_on_import: a plotting library has no backend to be switched; figures show themselves.
// - unc_paths: a test for Windows.
// - interrupt_during_pdb_set_trace: no debugger prompt takes over stdin; `debugger` statements are passed over.
// - parent_header_and_ident: cells have no access to the kernel's messages.

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

test("simple_print", async () => {
  const { stdout, stderr } = await kernel.run(`console.log("hi")`);
  expect([stdout, stderr]).toEqual(["hi\n", ""]);
});

describe("execute_reply_error_status", () => {
  test("runtime-error: a cell that throws", async () => {
    expect((await kernel.run("null.x")).reply.status).toBe("error");
  });

  // ipykernel fails the cell; here a display method that throws is shown as such and never loses the cell.
  test("display-formatting-error: a result that cannot be shown", async () => {
    const { reply, result } = await kernel.run(
      `({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new RangeError("no picture") } })`,
    );
    expect(reply.status).toBe("ok");
    expect(result).toMatch(/RangeError: no picture/);
  });

  test("explicit-showtraceback-ok: an error that the cell prints by itself", async () => {
    const { reply, stderr } = await kernel.run(`try { null.x } catch (error) { console.error(error) }`);
    expect(reply.status).toBe("ok");
    expect(stderr).toMatch(/^TypeError: /);
  });
});

test("sys_path: modules are found from the notebook's folder", async () => {
  writeFileSync(join(kernel.folder, "beside.ts"), "export const beside: string = import.meta.dirname;");
  const packaged = join(kernel.folder, "node_modules", "packaged");
  mkdirSync(packaged, { recursive: true });
  writeFileSync(join(packaged, "index.js"), "module.exports = 'packaged'");
  const { result } = await kernel.run(
    `import { beside } from "./beside.ts"; import packaged from "packaged";
     [beside, packaged, process.cwd(), require.resolve("packaged")].join("\\n")`,
  );
  const folder = realpathSync(kernel.folder);
  for (const part of [folder, "packaged", join(folder, "node_modules", "packaged", "index.js")]) {
    expect(result).toContain(part);
  }
});

describe("children", () => {
  const forked = (name: string, source: string): string => {
    writeFileSync(join(kernel.folder, `${name}.mjs`), source);
    return `import { fork } from "node:child_process"; import { once } from "node:events";
      const ${name}s = Array.from({ length: 5 }, (_, i) => fork("./${name}.mjs", [String(i)]));
      (await Promise.all(${name}s.map((child) => once(child, "close")))).map(([code]) => code).join()`;
  };

  test("subprocess_print: printing from forked processes", async () => {
    const { stdout, stderr, result } = await kernel.run(forked("hello", `console.log("hello", process.argv[2])`));
    expect(stdout.trim().split("\n").toSorted()).toEqual([0, 1, 2, 3, 4].map((i) => `hello ${i}`));
    expect([stderr, result]).toEqual(["", "'0,0,0,0,0'"]);
  });

  test("subprocess_noprint: processes that print nothing", async () => {
    const { stdout, stderr, result } = await kernel.run(forked("silent", "0"));
    expect([stdout, stderr, result]).toEqual(["", "", "'0,0,0,0,0'"]);
    expect((await kernel.run(`console.log("still here")`)).stdout).toBe("still here\n");
  });

  test("subprocess_error: an error in a process is shown and harms nobody", async () => {
    const { stdout, stderr, result } = await kernel.run(forked("failing", `throw new RangeError("in the child")`));
    expect(stdout).toBe("");
    expect(stderr.match(/RangeError: in the child/g)).toHaveLength(5);
    expect(result).toBe("'1,1,1,1,1'");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });
});

test("raw_input", async () => {
  const asked: [string, boolean][] = [];
  kernel.onInput((prompt, password) => {
    asked.push([prompt, password]);
    return "some text";
  });
  const { stdout, reply } = await kernel.run(`console.log(await input("prompt> "))`, { allow_stdin: true });
  expect(reply.status).toBe("ok");
  expect(asked).toEqual([["prompt> ", false]]);
  expect(stdout).toBe("some text\n");
});

test("save_history: the history goes into a file with all its letters", async () => {
  await kernel.run("const a = 1");
  await kernel.run(`const b = "abcþ🫐"`);
  const { reply } = await kernel.run(
    `import { writeFileSync } from "node:fs"\nconst past = %history\nwriteFileSync("history.out", past.join("\\n"))`,
  );
  expect(reply.status).toBe("ok");
  const saved = readFileSync(join(kernel.folder, "history.out"), "utf8");
  expect(saved).toContain("const a = 1");
  expect(saved).toContain(`const b = "abcþ🫐"`);
});

test("help_output: the command line explains itself", () => {
  const help = (...args: string[]): string =>
    execFileSync(process.execPath, ["kernel/cli/typhoon.ts", ...args, "--help"], { encoding: "utf8" });
  expect(help()).toMatch(/Usage: typhoon COMMAND/);
  expect(help("run")).toMatch(/typhoon run/);
});

test("is_complete", async () => {
  const answers = ["2+2", "raise raise = 2", "a = [1,\n2,", "%%timeit\na\n\n"].map(
    async (code) => (await kernel.request("is_complete_request", { code })).reply,
  );
  const [sum, wrong, list, magic] = await Promise.all(answers);
  expect([sum?.status, wrong?.status, list?.status, magic?.status]).toEqual([
    "complete",
    "invalid",
    "incomplete",
    "complete",
  ]);
  expect(list).toMatchObject({ indent: expect.stringMatching(/^ *$/) });
});

test("complete: each match, put into its place, goes on from what was typed", async () => {
  await kernel.run("const number = 1");
  const code = `import fs from "node:fs"\nconst b = number.`;
  const { reply } = await kernel.request("complete_request", { code, cursor_pos: code.length });
  const {
    matches,
    cursor_start: start,
    cursor_end: end,
  } = reply as unknown as {
    matches: string[];
    cursor_start: number;
    cursor_end: number;
  };
  expect(end).toBe(code.length);
  expect(matches).toContain("toFixed");
  for (const match of matches) expect((code.slice(0, start) + match).startsWith(code)).toBe(true);
});

test("message_order: a hundred cells are answered in the order in which they came", async () => {
  const { count: first } = await kernel.run("let order = 1");
  const replied: number[] = [];
  const cells = Array.from({ length: 100 }, async () => {
    const { reply } = await kernel.request("execute_request", { code: "order += 1\norder" });
    replied.push(reply.execution_count ?? Number.NaN);
    return reply.status;
  });
  expect(new Set(await Promise.all(cells))).toEqual(new Set(["ok"]));
  expect(replied).toEqual(Array.from({ length: 100 }, (_, i) => first + 1 + i));
  expect((await kernel.run("order")).result).toBe("101");
});

test("shutdown: the kernel ends after a polite request", async () => {
  const other = await startTestKernel();
  await other.run("const a = 1");
  await other.shutdown();
  expect(other.process.exitCode).toBe(0);
});

describe("interrupt", () => {
  /** Ends a cell whose question nobody answers, and says how this cell, one behind it and a later one ended. */
  async function interrupted(code: string, end: () => unknown): Promise<unknown[]> {
    const asked = Promise.withResolvers<void>();
    kernel.onInput(() => {
      asked.resolve();
      return new Promise<string>(() => {});
    });
    const cell = kernel.send("execute_request", { code, allow_stdin: true });
    const queued = kernel.send("execute_request", { code: "3 + 4" });
    await asked.promise;
    await kernel.request("kernel_info_request", {}); // what was sent on shell before has been read
    await end();
    const { reply, error } = see(await cell.answer);
    return [reply.status, error?.split(":")[0], (await queued.answer).reply.status, (await kernel.run("3 + 4")).result];
  }
  const message = (): unknown => kernel.request("interrupt_request", {}, { channel: "control" });
  const wanted = ["error", "Interrupted", "aborted", "7"];

  test.for([`await input("?")`, `prompt("?")`])("interrupt_with_message: while %s waits", async (code) => {
    expect(await interrupted(code, message)).toEqual(wanted);
  });

  test.skipIf(process.platform === "win32")("interrupt_during_input: by SIGINT", async () => {
    expect(await interrupted(`await input("?")`, () => kernel.process.kill("SIGINT"))).toEqual(wanted);
  });
});

describe("control", () => {
  test("control_thread_priority: control is answered before cells that came earlier", async () => {
    const order: string[] = [];
    const begun = seen(kernel, ({ content }) => content["text"] === "asleep\n");
    const sleeping = kernel.request("execute_request", {
      code: `console.log("asleep"); await new Promise((done) => setTimeout(done, 500))`,
    });
    await begun;
    const cells = Array.from({ length: 5 }, async (_, i) => {
      await kernel.request("execute_request", { code: `let i = ${i}` });
      order.push("cell");
    });
    await kernel.request("kernel_info_request", {}); // shell has been read
    const control = Array.from({ length: 5 }, async () => {
      await kernel.request("kernel_info_request", {}, { channel: "control" });
      order.push("control");
    });
    await Promise.all([sleeping, ...cells, ...control]);
    expect(order).toEqual([...Array<string>(5).fill("control"), ...Array<string>(5).fill("cell")]);
  });

  test("sequential_control_messages: cells sent on control run one after the other", async () => {
    const cells = [60, 30, 10].map((ms) =>
      kernel.request(
        "execute_request",
        { code: `console.log("from"); await new Promise((done) => setTimeout(done, ${ms})); console.log("to")` },
        { channel: "control" },
      ),
    );
    const printed: unknown[] = [];
    kernel.onPublished(({ header, content }) => {
      if (header.msg_type === "stream") printed.push(...String(content["text"]).trim().split("\n"));
    });
    for (const { reply } of await Promise.all(cells)) expect(reply.status).toBe("ok");
    expect(printed).toEqual(["from", "to", "from", "to", "from", "to"]);
  });
});

test.skipIf(process.platform === "win32")("shutdown_subprocesses: children end with the kernel", async () => {
  const other = await startTestKernel();
  const { result, reply } = await other.run(
    `import { spawn } from "node:child_process"; import { once } from "node:events";
     const own = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => setTimeout(() => process.exit(1), 500)); console.log(1); setInterval(() => {}, 1000)"]);
     await once(own.stdout, "data");
     [process.pid, own.pid].join(" ")`,
  );
  expect(reply.status).toBe("ok");
  const pids = result!.replaceAll("'", "").split(" ").map(Number);
  await other.shutdown();
  await Promise.all(pids.map(gone));
  expect(pids.every((pid) => pid > 1)).toBe(true);
});

// ipykernel keeps what one cell sets for the next; an AsyncLocalStorage belongs to the cell that entered it.
test("context_vars: a store that a cell enters is kept across its awaits", async () => {
  await kernel.run(`import { AsyncLocalStorage } from "node:async_hooks"; const store = new AsyncLocalStorage()`);
  expect((await kernel.run("store.getStore() ?? 'default'")).result).toBe("'default'");
  const { stdout } = await kernel.run(
    `store.enterWith("set"); await new Promise((done) => setTimeout(done, 1)); console.log(store.getStore())
     setTimeout(() => console.log(store.getStore()), 1); await new Promise((done) => setTimeout(done, 5))`,
  );
  expect(stdout).toBe("set\nset\n");
  expect((await kernel.run("store.getStore() ?? 'default'")).result).toBe("'default'");
});
