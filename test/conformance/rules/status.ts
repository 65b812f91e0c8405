import { type Request, limitMs, slowMs } from "../client.ts";
import type { Kernel } from "../kernel.ts";
import { type Rule, demand, same } from "../rule.ts";

const must = { level: "must", source: "messaging#kernel-status" } as const;

const states = (request: Request): unknown[] =>
  request.published("status").map(({ content }) => content["execution_state"]);

/** Sends a request and demands that it is busy first and idle last, once each. */
async function bracketed(kernel: Kernel, type: string, content: object, channel: "shell" | "control"): Promise<void> {
  const request = kernel.client.send(type, content, { channel });
  const slow = type === "complete_request" || type === "inspect_request";
  await request.idle(slow ? slowMs : limitMs).catch(() => demand(false, `${type} on ${channel} has no idle`));
  const seen = states(request);
  // A kernel with other work in hand may say busy again after idle, under that work.
  same(seen, ["busy", "idle"], `the states of ${type} on ${channel}`);
  same(request.published()[0]?.header.msg_type, "status", `the first message of ${type}`);
}

/** Busy and idle. */
export const statusRules: readonly Rule[] = [
  {
    ...must,
    id: "status-execute",
    text: "An execute_request is busy before anything else is published, and idle once.",
    async check(kernel) {
      await bracketed(kernel, "execute_request", { code: kernel.dialect.print("x"), silent: false }, "shell");
    },
  },
  {
    ...must,
    id: "status-shell",
    text: "Every other request on shell is bracketed by busy and idle too.",
    async check(kernel) {
      await bracketed(kernel, "kernel_info_request", {}, "shell");
      await bracketed(kernel, "complete_request", { code: "a", cursor_pos: 1 }, "shell");
      await bracketed(kernel, "inspect_request", { code: "a", cursor_pos: 1, detail_level: 0 }, "shell");
      await bracketed(kernel, "is_complete_request", { code: "1" }, "shell");
      const tail = { hist_access_type: "tail", n: 1, output: false, raw: true };
      await bracketed(kernel, "history_request", tail, "shell");
      await bracketed(kernel, "comm_info_request", {}, "shell");
    },
  },
  {
    ...must,
    id: "status-control",
    text: "A request on control is bracketed by busy and idle.",
    check: (kernel) => bracketed(kernel, "kernel_info_request", {}, "control"),
  },
  {
    ...must,
    source: "messaging#output-side-effects",
    id: "status-comm",
    text: "A comm message from the front end is bracketed by busy and idle.",
    check: (kernel) =>
      bracketed(kernel, "comm_msg", { comm_id: "00000000-0000-0000-0000-000000000000", data: {} }, "shell"),
  },
  {
    ...must,
    id: "status-error",
    text: "A cell that fails is bracketed by busy and idle.",
    check: (kernel) => bracketed(kernel, "execute_request", { code: kernel.dialect.raises, silent: false }, "shell"),
  },
  {
    ...must,
    id: "status-idle-last",
    text: "What a cell prints and returns is published between its busy and its idle.",
    async check(kernel) {
      const { client, dialect } = kernel;
      const cell = kernel.cell(`${dialect.printLines(200)}\n${dialect.result}`);
      await cell.sees("stream", () => kernel.printed(cell).includes("line 199"));
      await cell.idle();
      await client.ask("kernel_info_request", {});
      const types = cell
        .published()
        .map(({ header, content }) => (header.msg_type === "status" ? content["execution_state"] : header.msg_type));
      same(types.at(-1), "idle", "the last message");
      same(types[0], "busy", "the first message");
    },
  },
  {
    ...must,
    id: "status-queue",
    text: "Cells that are queued go one after the other: the next is busy when the one before it is idle.",
    async check({ cell, client, dialect }) {
      const first = cell(dialect.pause("one", 100));
      const second = cell(dialect.print("two"));
      await second.idle();
      const own = new Set([first.header.msg_id, second.header.msg_id]);
      const seen = client.messages
        .filter(({ header, parent }) => header.msg_type === "status" && own.has(String(parent["msg_id"])))
        .map(({ parent, content }) => {
          const which = parent["msg_id"] === first.header.msg_id ? "first" : "second";
          return `${which} ${String(content["execution_state"])}`;
        });
      same(seen, ["first busy", "first idle", "second busy", "second idle"], "the order of states");
    },
  },
];
