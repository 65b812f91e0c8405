import type { Kernel } from "../kernel.ts";
import { type Rule, demand, demandFields, same } from "../rule.ts";

const reply = { level: "must", source: "messaging#request-reply" } as const;
const execute = { level: "must", source: "messaging#execute" } as const;

/** A cell that is still running when the kernel has read the cells behind it, and fails then. */
function failLate({ dialect }: Kernel): string {
  return `${dialect.pause("begin", 300)}\n${dialect.raises}`;
}

/** Errors, and what they do to the queue. */
export const errorRules: readonly Rule[] = [
  {
    ...reply,
    id: "error-reply",
    text: "The reply of a cell that fails has status `error`, ename, evalue and a traceback of text.",
    async check({ run, dialect }) {
      const { answer } = await run(dialect.raises);
      same(answer.content["status"], "error", "status");
      demandFields(answer.content, { ename: "string", evalue: "string", traceback: "list" });
      const { evalue, traceback } = answer.content as { evalue: string; traceback: unknown[] };
      demand(evalue.includes("on purpose"), `evalue is ${JSON.stringify(evalue)}`);
      demand(
        traceback.every((line) => typeof line === "string"),
        "a line of the traceback is no text",
      );
    },
  },
  {
    ...reply,
    level: "should",
    id: "error-reply-only",
    text: "An error reply leaves out what a successful one has: payload and user_expressions.",
    async check({ run, dialect }) {
      const { answer } = await run(dialect.raises);
      for (const field of ["payload", "user_expressions"]) demand(!(field in answer.content), `it has ${field}`);
    },
  },
  {
    ...reply,
    id: "error-published",
    text: "The failure is published as `error` with the reply's ename, evalue and traceback, without status and count.",
    source: "messaging#execution-errors",
    async check({ cell, dialect }) {
      const request = cell(dialect.raises);
      const [answer, published] = [await request.reply(), await request.sees("error")];
      for (const field of ["ename", "evalue", "traceback"]) {
        same(published.content[field], answer.content[field], `the published ${field}`);
      }
      for (const field of ["status", "execution_count"]) demand(!(field in published.content), `it has ${field}`);
    },
  },
  {
    ...reply,
    id: "error-syntax",
    text: "A cell that cannot be parsed fails like any other: error reply, `error` published.",
    async check({ cell, dialect }) {
      const request = cell(dialect.syntaxError);
      const { content } = await request.reply();
      same(content["status"], "error", "status");
      await request.sees("error");
    },
  },
  {
    ...reply,
    level: "should",
    id: "error-bad-request",
    text: "A request without its required content does no harm.",
    async check(kernel) {
      kernel.client.send("complete_request", {});
      kernel.client.send("execute_request", {});
      kernel.client.send("history_request", {});
      // A kernel may take the cell without code for a failure, and abort what is behind it.
      await kernel.client.ask("kernel_info_request", {});
      await kernel.prints(kernel.dialect.print("alive"), "alive");
    },
  },
  {
    ...execute,
    id: "abort-queue",
    text: "With stop_on_error, cells queued behind a failure are not run; their replies are `aborted` or `error`.",
    async check(kernel) {
      kernel.cell(failLate(kernel));
      const queued = [1, 2].map((n) => kernel.cell(kernel.dialect.print(`queued ${n}`)));
      for (const cell of queued) {
        const { content } = await cell.reply();
        demand(content["status"] !== "ok", "a queued cell was run");
      }
      await kernel.prints(kernel.dialect.print("later"), "later");
      demand(queued.map((cell) => kernel.printed(cell)).join("") === "", "a queued cell printed");
    },
  },
  {
    ...reply,
    id: "abort-fields",
    text: "A reply with status `aborted` says nothing about an error.",
    async check(kernel) {
      kernel.cell(failLate(kernel));
      const { content } = await kernel.cell(kernel.dialect.print("queued")).reply();
      demand(content["status"] !== "ok", "the queued cell was run");
      if (content["status"] !== "aborted") return;
      for (const field of ["ename", "evalue", "traceback"]) demand(!(field in content), `it has ${field}`);
    },
  },
  {
    ...execute,
    id: "abort-status",
    text: "An aborted request is bracketed by busy and idle as well.",
    source: "messaging#kernel-status",
    async check(kernel) {
      kernel.cell(failLate(kernel));
      const queued = kernel.cell(kernel.dialect.print("queued"));
      const { content } = await queued.reply();
      demand(content["status"] !== "ok", "the queued cell was run");
      await queued.idle();
      const states = queued.published("status").map((message) => message.content["execution_state"]);
      same(states, ["busy", "idle"], "its states");
    },
  },
  {
    ...execute,
    id: "abort-later",
    text: "A cell sent after the failure's reply runs.",
    async check(kernel) {
      await kernel.cell(kernel.dialect.raises).reply();
      const { content } = await kernel.cell(kernel.dialect.print("runs")).reply();
      same(content["status"], "ok", "its status");
    },
  },
  {
    ...execute,
    id: "abort-executions-only",
    text: "Only execute requests are aborted: a kernel_info_request behind a failing cell is answered.",
    async check(kernel) {
      const failing = kernel.cell(failLate(kernel));
      const { content } = await kernel.client.send("kernel_info_request", {}).reply();
      same(content["status"], "ok", "its status");
      await failing.reply();
    },
  },
  {
    ...execute,
    id: "stop-on-error-false",
    text: "With stop_on_error false the queued cells run.",
    async check(kernel) {
      kernel.cell(failLate(kernel), { stop_on_error: false });
      const { content } = await kernel.cell(kernel.dialect.print("goes on")).reply();
      same(content["status"], "ok", "the queued cell's status");
    },
  },
];
