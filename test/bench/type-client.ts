import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, type Received, connectKernel, startKernel } from "../../kernel/cli/client.ts";
import type { Contents } from "../../kernel/protocol/contents.ts";
import type { Subject } from "../conformance/kernel.ts";

/** A front end that takes times; NaN stands for an answer without what was asked for. */
export interface Notebook extends AsyncDisposable {
  /** Runs a cell until its reply, since some kernels lose an idle. */
  run(code: string): Promise<void>;
  /** Takes the time until the completions at the end of a cell are there, and hold a member. */
  complete(code: string, member: string): Promise<number>;
  /** Takes the time until what is at the end of a cell is described. */
  inspect(code: string): Promise<number>;
  /** Takes the time until the type error of a cell that runs is told; NaN where the kernel tells none. */
  check(code: string): Promise<number>;
  /** How many questions had no answer. */
  lost(): number;
  /** Connects another front end, and returns what takes the time until it has kernel_info, or a longest time. */
  connect(): Promise<{ ask(): Promise<number>; close(): void }>;
  /** Resident memory, in MB, of the kernel's processes whose command line has a word. */
  memory(word: string): number;
}

// tslab loses an answer now and then: such a question is asked again.
const answerMs = 2_000;
const mostLost = 100;

/** Starts a kernel in a folder with apache-arrow. */
export async function openNotebook({ name, spec, env }: Subject): Promise<Notebook> {
  const folder = makeFolder();
  const isOurs = name === "Typhoon";
  const kernel = await startKernel(spec.argv, {
    cwd: folder,
    env: {
      ...(spec["env"] as NodeJS.ProcessEnv | undefined),
      TYPHOON_HISTORY: ":memory:",
      TYPHOON_TYPECHECK: "warn",
      CI: undefined,
      ...env,
    },
    quiet: true,
    greets: isOurs,
  });
  let watch: ((message: Received) => void) | undefined;
  kernel.onPublished((message) => watch?.(message));

  let lost = 0;

  /** Asks until there is an answer. */
  async function ask<T extends "complete_request" | "inspect_request" | "execute_request">(
    type: T,
    content: Contents[T],
    sent: (id: string) => void = () => {},
  ): Promise<{ readonly reply: Answer<T>["reply"]; readonly ms: number }> {
    for (;;) {
      const start = performance.now();
      const { id, answer } = kernel.send(type, content, { untilIdle: false });
      sent(id);
      const found = await Promise.race([answer, delay(answerMs, undefined, { ref: false })]);
      if (found) return { reply: found.reply, ms: performance.now() - start };
      lost += 1;
      if (lost > mostLost) throw new Error(`${name} answers no longer`);
    }
  }

  /** Runs a cell; one that is aborted for an earlier error is sent again. */
  async function execute(
    code: string,
    sent?: (id: string) => void,
  ): Promise<{ readonly reply: Answer<"execute_request">["reply"]; readonly ms: number }> {
    for (;;) {
      const answer = await ask("execute_request", { code, allow_stdin: true, user_expressions: {} }, sent);
      if (answer.reply.status === "ok" || answer.reply.status === "error") return answer;
    }
  }

  return {
    async run(code) {
      const { reply } = await execute(code);
      if (reply.status === "error") throw new Error(`${name}: a cell failed: ${JSON.stringify(reply)}`);
    },
    async complete(code, member) {
      const { reply, ms } = await ask("complete_request", { code, cursor_pos: code.length });
      return reply.matches.includes(member) ? ms : Number.NaN;
    },
    async inspect(code) {
      const { reply, ms } = await ask("inspect_request", { code, cursor_pos: code.length, detail_level: 0 });
      return reply.found ? ms : Number.NaN;
    },
    async check(code) {
      const told = Promise.withResolvers<number>();
      const { reply, ms } = await execute(code, (id) => {
        const start = performance.now();
        watch = ({ content, parent_header: parent }) => {
          const isError = parent.msg_id === id && JSON.stringify(content).includes("is not assignable to type");
          if (isError) told.resolve(performance.now() - start);
        };
      });
      if (reply.status === "ok" && !isOurs) return Number.NaN;
      // tslab's reply comes behind what it publishes, and that may be lost.
      if (reply.status === "error") told.resolve(ms);
      return await told.promise;
    },
    lost: () => lost,
    async connect() {
      const other = await connectKernel(kernel.connection, { greets: isOurs });
      return {
        async ask() {
          const start = performance.now();
          const answer = other.request("kernel_info_request", {}, { untilIdle: false });
          await Promise.race([answer, delay(answerMs, undefined, { ref: false })]);
          return performance.now() - start;
        },
        close: () => other.close(),
      };
    },
    memory: (word) => memoryOf(kernel.process.pid!, word),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => kernel.process.once("exit", done));
      kernel.process.kill("SIGKILL");
      await ended;
      kernel.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A notebook's folder with the packages of this clone, as each kernel wants it. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-bench-"));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  const needed = { "apache-arrow": dependencies["apache-arrow"] };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies: needed }));
  writeFileSync(join(folder, "deno.json"), JSON.stringify({ nodeModulesDir: "manual" }));
  return folder;
}

/** Resident memory of a process and those that it started, of those whose command line has a word. */
function memoryOf(root: number, word: string): number {
  const processes = readdirSync("/proc").flatMap((pid) => {
    try {
      const status = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
      const read = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
      const line = status === "" ? "" : readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return status === "" ? [] : [{ pid: Number(pid), parent: read("PPid"), kilobytes: read("VmRSS"), line }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
  const tree = new Set([root]);
  for (const { pid, parent } of processes.toSorted((a, b) => a.pid - b.pid)) if (tree.has(parent)) tree.add(pid);
  const found = processes.filter(({ pid, line }) => tree.has(pid) && line.includes(word));
  return found.reduce((sum, { kilobytes }) => sum + (kilobytes || 0), 0) / 1024;
}
