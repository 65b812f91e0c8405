import type { Request, Wire } from "../client.ts";
import type { Kernel } from "../kernel.ts";
import { type Rule, demand, demandFields, need, same, sameHeader } from "../rule.ts";

const must = { level: "must", source: "messaging#messages-on-the-stdin-router-dealer-channel" } as const;

/** Runs a cell that asks, and returns it with the question that came. */
async function asked(
  kernel: Kernel,
  password: boolean = false,
): Promise<{ cell: Request; question: Wire; answer(value: string): void }> {
  const code = need(kernel.dialect.ask, "ask for input")("name? ", password);
  const cell = kernel.cell(code, { allow_stdin: true });
  const question = await kernel.client.wait(
    "input_request",
    ({ channel, parent }) => channel === "stdin" && parent["msg_id"] === cell.header.msg_id,
  );
  const answer = (value: string): void => {
    kernel.client.send("input_reply", { value, status: "ok" }, { channel: "stdin", parent: question.header });
  };
  return { cell, question, answer };
}

/** Questions of a cell. */
export const stdinRules: readonly Rule[] = [
  {
    ...must,
    id: "input",
    text: "Input is asked for by `input_request` on stdin with prompt and password; the reply's value is what the cell gets.",
    async check(kernel) {
      const { cell, question, answer } = await asked(kernel);
      same(question.header.msg_type, "input_request", "the question's type");
      demandFields(question.content, { prompt: "string", password: "boolean" });
      same(question.content, { prompt: "name? ", password: false }, "its content");
      answer("Ada 🫐");
      await cell.sees("stream", () => kernel.printed(cell).includes("Ada 🫐"));
    },
  },
  {
    ...must,
    id: "input-password",
    text: "Where a password is asked for, `password` is true.",
    async check(kernel) {
      const { question, cell, answer } = await asked(kernel, true);
      same(question.content["password"], true, "password");
      answer("secret");
      await cell.reply();
    },
  },
  {
    ...must,
    id: "input-parent",
    text: "The parent header of input_request is the execute_request's header.",
    source: "messaging#parent-header",
    async check(kernel) {
      const { question, cell, answer } = await asked(kernel);
      sameHeader(question.parent, cell.header, "input_request");
      answer("x");
      await cell.reply();
    },
  },
  {
    ...must,
    id: "input-asker",
    text: "Only the front end whose cell asks gets the input_request.",
    async check(kernel) {
      const other = await kernel.connect();
      const { cell, answer } = await asked(kernel);
      answer("x");
      await cell.reply();
      await other.ask("kernel_info_request", {});
      demand(!other.messages.some(({ channel }) => channel === "stdin"), "another front end was asked");
    },
  },
  {
    ...must,
    id: "input-refused",
    text: "With allow_stdin false no input_request is sent, and a cell that asks does not hang.",
    spoils: true,
    async check(kernel) {
      const code = need(kernel.dialect.ask, "ask for input")("name? ", false);
      const before = kernel.client.messages.length;
      await kernel.cell(code, { allow_stdin: false }).reply();
      const question = kernel.client.messages.slice(before).find(({ channel }) => channel === "stdin");
      demand(!question, "an input_request was sent");
    },
  },
  {
    ...must,
    level: "should",
    id: "input-interrupt",
    text: "A cell that waits for input can be interrupted; the kernel goes on.",
    source: "messaging#kernel-interrupt",
    spoils: true,
    async check(kernel) {
      const { cell } = await asked(kernel);
      await kernel.interrupt();
      const { content } = await cell.reply();
      same(content["status"], "error", "the cell's status");
      await kernel.prints(kernel.dialect.print("alive"), "alive");
    },
  },
  {
    ...must,
    level: "should",
    id: "input-control",
    text: "While a cell waits for input, control and completion are answered.",
    source: "messaging#messages-on-the-control-router-dealer-channel",
    async check(kernel) {
      const { cell, answer } = await asked(kernel);
      await kernel.client.send("kernel_info_request", {}, { channel: "control" }).reply(3_000);
      answer("x");
      await cell.reply();
    },
  },
];
