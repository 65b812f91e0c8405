import { randomUUID } from "node:crypto";
import type { Wire } from "../client.ts";
import type { Kernel } from "../kernel.ts";
import { type Rule, demand, demandFields, isDict, need, same } from "../rule.ts";

const stream = { level: "must", source: "messaging#streams-stdout-stderr-etc" } as const;
const display = { level: "must", source: "messaging#display-data" } as const;

/** Runs a cell and returns its first message of a type whose data has the MIME type. */
async function shown(
  { cell }: Kernel,
  code: string,
  mime: string,
  type: string = "display_data",
): Promise<Wire["content"]> {
  const { content } = await cell(code).sees(type, ({ data }) => isDict(data) && mime in data);
  return content;
}

const displayIdOf = (content: Wire["content"]): unknown =>
  (content["transient"] as Record<string, unknown> | undefined)?.["display_id"];

/** A cell prints after its end, while another one runs: the text has to come under the first. */
async function late(kernel: Kernel, later: (ms: number, text: string) => string): Promise<void> {
  const text = `belated ${randomUUID()}`;
  const first = kernel.cell(later(500, text));
  await first.reply();
  const second = kernel.cell(kernel.dialect.pause("second", 1_200));
  const message = await kernel.client.wait("late output", ({ header, content }) => {
    return header.msg_type === "stream" && String(content["text"]).includes(text);
  });
  demand(message.parent["msg_id"] !== second.header.msg_id, "it comes under the other cell, which runs");
  same(message.parent["msg_id"], first.header.msg_id, "its parent's msg_id");
}

/** Streams, displays, updates, and whose they are. */
export const outputRules: readonly Rule[] = [
  {
    ...stream,
    id: "stream-stdout",
    text: "What is printed is published as `stream` with name `stdout` and its text.",
    async check(kernel) {
      const cell = await kernel.prints(kernel.dialect.print("to stdout"), "to stdout\n");
      demandFields(cell.published("stream")[0]!.content, { name: "string", text: "string" });
    },
  },
  {
    ...stream,
    id: "stream-stderr",
    text: "What goes to standard error is published with name `stderr`.",
    async check(kernel) {
      const cell = kernel.cell(kernel.dialect.printError("to stderr"));
      await cell.sees("stream", ({ name, text }) => name === "stderr" && String(text).includes("to stderr"));
    },
  },
  {
    ...stream,
    id: "stream-unicode",
    text: "Text beyond ASCII and the basic plane arrives as it was printed.",
    check: async (kernel) => void (await kernel.prints(kernel.dialect.print("größer 漢字 🫐 𝐚"), "größer 漢字 🫐 𝐚\n")),
  },
  {
    ...stream,
    id: "stream-whole",
    text: "Of 20,000 printed lines none is lost or out of order.",
    async check(kernel) {
      const cell = kernel.cell(kernel.dialect.printLines(20_000), {}, {});
      await cell.sees("stream", ({ text }) => String(text).includes("line 19999"), 20_000);
      await cell.reply();
      const lines = kernel.printed(cell).trimEnd().split("\n");
      const wrong = lines.findIndex((line, i) => line !== `line ${i}`);
      demand(wrong < 0, `line ${wrong} is ${JSON.stringify(lines[wrong])}`);
      same(lines.length, 20_000, "the number of lines");
    },
  },
  {
    ...stream,
    id: "output-order",
    text: "Prints and displays of a cell are published in their order.",
    source: "messaging#kernel-status",
    async check(kernel) {
      const cell = kernel.cell(need(kernel.dialect.printDisplayPrint, "display"));
      await cell.sees("stream", ({ text }) => String(text).includes("last"));
      await cell.sees("display_data");
      const order = cell
        .published()
        .filter(({ header }) => ["stream", "display_data"].includes(header.msg_type))
        .map(({ header, content }) =>
          header.msg_type === "stream" ? String(content["text"]).trim() : header.msg_type,
        );
      same(order, ["first", "display_data", "last"], "the order");
    },
  },
  {
    level: "should",
    id: "late-task",
    text: "What a task or timer prints after its cell has ended has that cell's header as parent, also while another cell runs.",
    source: "messaging#parent-header",
    check: (kernel) => late(kernel, kernel.dialect.later),
  },
  {
    level: "should",
    id: "late-thread",
    text: "So does what a thread prints after its cell has ended.",
    source: "messaging#parent-header",
    check: (kernel) => late(kernel, need(kernel.dialect.laterThread, "start a thread")),
  },
  {
    ...display,
    id: "display",
    text: "A display is published as `display_data` with data by MIME type and metadata.",
    async check(kernel) {
      const content = await shown(kernel, need(kernel.dialect.displayHtml, "display"), "text/html");
      demandFields(content, { data: "dict", metadata: "dict" });
      same((content["data"] as Record<string, unknown>)["text/html"], "<b>shown</b>", "text/html");
    },
  },
  {
    ...display,
    id: "display-json",
    text: "`application/json` is JSON data in the bundle, not JSON as text.",
    async check(kernel) {
      const content = await shown(kernel, need(kernel.dialect.displayJson, "display JSON"), "application/json");
      same((content["data"] as Record<string, unknown>)["application/json"], { a: [1] }, "application/json");
    },
  },
  {
    ...display,
    id: "display-metadata",
    text: "Metadata of a display, by MIME type, reach the front end.",
    async check(kernel) {
      const code = need(kernel.dialect.displayMetadata, "give a display metadata");
      const content = await shown(kernel, code, "text/plain");
      same(content["metadata"], { "text/plain": { width: 3 } }, "metadata");
    },
  },
  {
    ...display,
    id: "display-transient",
    text: "`transient`, where given, is a dict, and a display that can be updated has a display_id in it.",
    async check(kernel) {
      const content = await shown(kernel, need(kernel.dialect.displayUpdatable, "update a display"), "text/plain");
      demandFields(content, { transient: "dict" });
      demand(typeof displayIdOf(content) === "string", "there is no display_id");
    },
  },
  {
    ...display,
    id: "display-update",
    text: "An update, also from a later cell, is `update_display_data` with the display's display_id.",
    source: "messaging#update-display-data",
    async check(kernel) {
      const first = await shown(kernel, need(kernel.dialect.displayUpdatable, "update a display"), "text/plain");
      const code = need(kernel.dialect.update, "update a display");
      const second = await shown(kernel, code, "text/plain", "update_display_data");
      demandFields(second, { data: "dict", metadata: "dict", transient: "dict" });
      same(displayIdOf(second), displayIdOf(first), "the display_id");
    },
  },
  {
    level: "must",
    id: "clear-output",
    text: "`clear_output` says by `wait` whether to wait for the next output.",
    source: "messaging#clear-output",
    async check({ cell, dialect }) {
      const clear = need(dialect.clear, "clear their output");
      for (const wait of [false, true]) {
        const { content } = await cell(clear(wait)).sees("clear_output");
        same(content["wait"], wait, "wait");
      }
    },
  },
];
