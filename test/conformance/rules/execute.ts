import type { Kernel } from "../kernel.ts";
import { type Rule, demand, demandFields, isDict, same } from "../rule.ts";

const execute = { level: "must", source: "messaging#execute" } as const;
const counter = { level: "must", source: "messaging#execution-counter-prompt-number" } as const;

/** Runs a cell and returns the reply's execution_count. */
async function count({ run, dialect }: Kernel, content: object = {}): Promise<number> {
  const { answer } = await run(dialect.print("counted"), content);
  demandFields(answer.content, { execution_count: "number" });
  return Number(answer.content["execution_count"]);
}

/** execute_request: replies, counter, inputs, results, expressions. */
export const executeRules: readonly Rule[] = [
  {
    ...execute,
    id: "execute-reply",
    text: "execute_reply of a cell that succeeds has status `ok`, an execution_count and user_expressions.",
    source: "messaging#execution-results",
    async check({ run, dialect }) {
      const { answer } = await run(dialect.print("ok"));
      same(answer.content["status"], "ok", "status");
      demandFields(answer.content, { execution_count: "number", user_expressions: "dict" });
    },
  },
  {
    ...execute,
    id: "execute-payload",
    text: "The reply's payload, where given, is a list of dicts with a source.",
    source: "messaging#payloads-deprecated",
    async check({ run, dialect }) {
      const { answer } = await run(dialect.print("ok"));
      const { payload = [] } = answer.content;
      demand(Array.isArray(payload), "payload is no list");
      for (const each of payload) demandFields(each as Record<string, unknown>, { source: "string" });
    },
  },
  {
    ...execute,
    id: "execute-input",
    text: "`execute_input` repeats code and count to all clients, before the cell's outputs.",
    source: "messaging#code-inputs",
    async check({ cell, dialect }) {
      const request = cell(dialect.print("in"));
      const input = await request.sees("execute_input");
      const { content } = await request.reply();
      await request.sees("stream");
      same(input.content["code"], dialect.print("in"), "code");
      same(input.content["execution_count"], content["execution_count"], "execution_count");
      const types = request.published().map(({ header }) => header.msg_type);
      demand(types.indexOf("execute_input") < types.indexOf("stream"), "it comes after an output");
    },
  },
  {
    ...execute,
    id: "execute-result",
    text: "A cell's value is published as `execute_result` with text/plain, metadata and the count.",
    source: "messaging#id2",
    async check({ cell, dialect }) {
      const request = cell(dialect.result);
      const { content } = await request.sees("execute_result");
      demandFields(content, { data: "dict", metadata: "dict", execution_count: "number" });
      const text = String((content["data"] as Record<string, unknown>)["text/plain"]);
      demand(text.includes("42"), `text/plain is ${JSON.stringify(text)}`);
      const reply = await request.reply();
      same(content["execution_count"], reply.content["execution_count"], "execution_count");
    },
  },
  {
    ...execute,
    id: "execute-empty",
    text: "Empty code succeeds.",
    async check({ run }) {
      const { answer } = await run("");
      same(answer.content["status"], "ok", "status");
    },
  },
  {
    ...execute,
    id: "execute-order",
    text: "Requests are executed and answered in the order in which they came.",
    source: "messaging#request-reply",
    async check({ cell, client, dialect }) {
      const cells = Array.from({ length: 20 }, (_, i) => cell(dialect.print(`nr ${i}`)));
      await Promise.all(cells.map((each) => each.reply()));
      const answered = client.messages
        .filter(({ header }) => header.msg_type === "execute_reply")
        .map(({ parent }) => parent["msg_id"]);
      same(
        answered.slice(-20),
        cells.map(({ header }) => header.msg_id),
        "the order of replies",
      );
    },
  },
  {
    ...counter,
    id: "count-grows",
    text: "The counter grows by one with each request that stores history.",
    async check(kernel) {
      const first = await count(kernel);
      same([await count(kernel), await count(kernel)], [first + 1, first + 2], "the next counts");
    },
  },
  {
    ...counter,
    id: "count-error",
    text: "A cell that fails is counted too.",
    async check(kernel) {
      const first = await count(kernel);
      const { answer } = await kernel.run(kernel.dialect.raises);
      same(answer.content["execution_count"], first + 1, "its count");
      same(await count(kernel), first + 2, "the next count");
    },
  },
  {
    ...counter,
    id: "count-unstored",
    text: "With store_history false the counter stays, and the reply has its current value.",
    async check(kernel) {
      const first = await count(kernel);
      same(await count(kernel, { store_history: false }), first, "the count");
      same(await count(kernel), first + 1, "the next count");
    },
  },
  {
    ...counter,
    id: "count-silent",
    text: "`silent` forces store_history to false.",
    source: "messaging#execute",
    async check(kernel) {
      const first = await count(kernel);
      same(await count(kernel, { silent: true, store_history: true }), first, "the count");
      same(await count(kernel), first + 1, "the next count");
    },
  },
  {
    ...counter,
    id: "count-asked",
    text: "Empty code with silent tells a front end the current count.",
    source: "messaging#execute",
    async check(kernel) {
      const first = await count(kernel);
      const { answer } = await kernel.run("", { silent: true, store_history: false });
      same(answer.content["execution_count"], first, "execution_count");
    },
  },
  {
    ...counter,
    id: "count-always",
    text: "Every execute_reply has the field execution_count, whatever its status; also `aborted`.",
    source: "messaging#request-reply",
    async check({ cell, dialect }) {
      cell(`${dialect.pause("begin", 300)}\n${dialect.raises}`);
      const queued = cell(dialect.print("queued"));
      const { content } = await queued.reply();
      demand("execution_count" in content, `a reply with status ${String(content["status"])} has none`);
    },
  },
  {
    ...execute,
    id: "silent-result",
    text: "A silent cell runs, and publishes no execute_result.",
    async check(kernel) {
      const { dialect } = kernel;
      const name = "silently";
      const silent = await kernel.run(`${dialect.assign(name, 5)}\n${name}`, { silent: true, store_history: false });
      await kernel.prints(dialect.printValue(name), "5");
      demand(silent.published("execute_result").length === 0, "it has an execute_result");
    },
  },
  {
    ...execute,
    id: "silent-output",
    text: "A silent cell broadcasts no output on iopub.",
    async check(kernel) {
      const silent = await kernel.run(kernel.dialect.print("hush"), { silent: true, store_history: false });
      await kernel.prints(kernel.dialect.print("loud"), "loud");
      demand(silent.published("stream").length === 0, "what it prints is published");
    },
  },
  {
    ...execute,
    id: "user-expressions",
    text: "user_expressions are evaluated after the cell; each gives status, data and metadata.",
    async check({ run, dialect }) {
      const { answer } = await run(dialect.assign("expressed", 42), { user_expressions: { it: "expressed" } });
      const { it } = (answer.content["user_expressions"] ?? {}) as Record<string, Record<string, unknown>>;
      demand(isDict(it), "the expression is missing in the reply");
      same(it["status"], "ok", "its status");
      demandFields(it, { data: "dict", metadata: "dict" });
      const text = String((it["data"] as Record<string, unknown>)["text/plain"]);
      demand(text.includes("42"), `text/plain is ${JSON.stringify(text)}`);
    },
  },
  {
    ...execute,
    id: "user-expressions-error",
    text: "A user expression that fails has an error of its own; the request and the others succeed.",
    async check({ run, dialect }) {
      const expressions = { bad: "nowhere_defined", good: "1 + 1" };
      const { answer } = await run(dialect.print("ok"), { user_expressions: expressions });
      same(answer.content["status"], "ok", "the request's status");
      const { bad, good } = (answer.content["user_expressions"] ?? {}) as Record<string, Record<string, unknown>>;
      demand(isDict(bad) && isDict(good), "an expression is missing in the reply");
      same([bad["status"], good["status"]], ["error", "ok"], "their statuses");
      demandFields(bad, { ename: "string", evalue: "string", traceback: "list" });
    },
  },
];
