import type { KernelClient } from "../../kernel/cli/client.ts";
import type { RequestOptions } from "../../kernel/cli/client.ts";
import { seen } from "../kernel/harness.ts";

/** What is under way when a process is killed: the answers that are still to come, whatever they will be. */
export interface UnderWay {
  readonly answers: readonly Promise<unknown>[];
}

/** Brings a kernel to a moment; `random` gives numbers in [0, 1). */
type Moment = (kernel: KernelClient, random: () => number) => Promise<UnderWay>;

const control = { channel: "control" } as const;

function send(kernel: KernelClient, code: string, options: RequestOptions = {}, stdin = false): Promise<unknown> {
  return kernel.request("execute_request", { code, allow_stdin: stdin }, options);
}

/** Resolves when a cell has begun to run, with that cell under way. */
async function begin(kernel: KernelClient, code: string, head = `console.log("begun")\n`): Promise<UnderWay> {
  const begun = seen(kernel, ({ content }) => String(content["text"]).startsWith("begun\n"));
  const answers = [send(kernel, head + code)];
  // Where the runtime was killed before, and the cell fails, nothing is printed.
  await Promise.race([begun, ...answers]);
  return { answers };
}

const manyLines = Array.from({ length: 5_000 }, (_, n) => `const line${n}: number = ${n} + (n => n * 2)(${n})`).join(
  "\n",
);

/** The moments at which something is killed, by name. */
export const moments: Readonly<Record<string, Moment>> = {
  idle: async () => ({ answers: [] }),
  "right after a cell": async (kernel) => {
    await send(kernel, "1");
    return { answers: [] };
  },
  "a cell sent": async (kernel) => ({ answers: [send(kernel, "1")] }),
  "the runtime starts": async (kernel) => {
    await send(kernel, "process.exit()");
    return { answers: [] };
  },
  "a cell waits for the runtime to start": async (kernel) => {
    await send(kernel, "process.exit()");
    return { answers: [send(kernel, "1")] };
  },
  compiles: async (kernel) => ({ answers: [send(kernel, manyLines)] }),
  spins: (kernel) => begin(kernel, "for (;;);"),
  awaits: (kernel) => begin(kernel, "await new Promise(() => {})"),
  prints: (kernel) => begin(kernel, `for (let n = 0; ; n++) console.log("a line", n)`),
  "prints below JavaScript": (kernel) =>
    begin(kernel, `import fs from "node:fs"; for (;;) fs.writeSync(1, "text\\n".repeat(100))`),
  displays: (kernel) => begin(kernel, `for (let n = 0; ; n++) display.raw({ "text/plain": "d".repeat(1000) + n })`),
  "a child prints": (kernel) =>
    begin(kernel, `import { execSync } from "node:child_process"; execSync("yes", { stdio: "inherit" })`),
  "a child sleeps": (kernel) => begin(kernel, "%sh echo begun; sleep 300", ""),
  "a worker spins": (kernel) =>
    begin(
      kernel,
      `import { Worker } from "node:worker_threads"; new Worker("for (;;);", { eval: true }); await new Promise(() => {})`,
    ),
  "is asked for input": async (kernel) => {
    const asked = Promise.withResolvers<void>();
    kernel.onInput(async () => {
      asked.resolve();
      await new Promise((done) => setTimeout(done, 20));
      return "an answer";
    });
    const answer = send(kernel, "for (;;) await input('?')", {}, true);
    await Promise.race([asked.promise, answer]);
    return { answers: [answer] };
  },
  "is interrupted while it spins": async (kernel) => {
    const { answers } = await begin(kernel, "for (;;);");
    return { answers: [...answers, kernel.request("interrupt_request", {}, control)] };
  },
  "is interrupted twice": async (kernel) => {
    const { answers } = await begin(kernel, "try { await new Promise(() => {}) } finally { for (;;); }");
    const interrupt = (): Promise<unknown> => kernel.request("interrupt_request", {}, control);
    return { answers: [...answers, interrupt(), interrupt()] };
  },
  "cells are queued": async (kernel) => {
    const { answers } = await begin(kernel, "await new Promise((done) => setTimeout(done, 30))");
    return { answers: [...answers, send(kernel, "1"), send(kernel, "throw 1"), send(kernel, "2")] };
  },
  "subshells run": async (kernel) => {
    const { reply } = await kernel.request("create_subshell_request", {}, control);
    const subshell = reply.subshell_id;
    const main = await begin(kernel, "for (;;) await new Promise((done) => setTimeout(done, 1))");
    const others = [send(kernel, "await new Promise(() => {})", { subshell }), send(kernel, "1", { subshell })];
    const gone = kernel.request("delete_subshell_request", { subshell_id: subshell }, control);
    return { answers: [...main.answers, ...others, gone] };
  },
  "comms speak": async (kernel) => {
    await send(
      kernel,
      `import { comm } from "typhoon-kernel"
       comm.registerTarget("chaos", (it) => it.onMessage(async ({ data }) => { it.send(data); await null; it.send(data) }))`,
    );
    const id = `chaos-${performance.now()}`;
    const opened = kernel.tell("comm_open", { comm_id: id, target_name: "chaos", data: {} });
    const said = Array.from({ length: 20 }, (_, n) => kernel.tell("comm_msg", { comm_id: id, data: { n } }));
    return { answers: [opened, ...said] };
  },
  "is asked for completions": async (kernel) => {
    const { answers } = await begin(kernel, "await new Promise(() => {})");
    const asked = ["console.", "process.", "JSON."].flatMap((code) => [
      kernel.request("complete_request", { code, cursor_pos: code.length }),
      kernel.request("inspect_request", { code, cursor_pos: 4, detail_level: 0 }),
      kernel.request("comm_info_request", {}),
      kernel.request("kernel_info_request", {}, control),
    ]);
    return { answers: [...answers, ...asked] };
  },
  "ends by itself": async (kernel, random) => {
    const how = ["process.abort()", "process.exit(3)", `process.kill(process.pid, "SIGSEGV")`][
      Math.floor(random() * 3)
    ]!;
    return begin(kernel, `setTimeout(() => { ${how} }, ${Math.floor(random() * 30)}); await new Promise(() => {})`);
  },
  "fills memory": (kernel) => begin(kernel, "const all = []; for (;;) all.push(new Float64Array(1e5).fill(1))"),
};
